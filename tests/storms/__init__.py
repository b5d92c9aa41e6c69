"""Texts of outages and of the ordinary tickets around them, written by hand for the tests of duplicates and storms."""
