"""Benchmarks: ``make bench`` runs those of every day; others run by name. Ratios within one run, never bare seconds."""
