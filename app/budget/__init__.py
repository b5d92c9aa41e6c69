"""The budget of the vendors' limits, one for all workers: counted in Redis, and in each process while Redis is away.

It counts and says no; it never sleeps and never sends. A lost count is harmless: the vendor's own answers tell.
"""
