"""The store: remembers deliveries, decisions, effects, and when each ticket wants to be looked at again.

SQLAlchemy 2 over SQLite (one host) or PostgreSQL. ``Store`` is the whole interface; no session and no row leaves it.
"""
