"""``make bench``: the benchmarks of every day, one after the other; exit code 1 when a ceiling is broken."""

import sys

from bench import decide, duplicates, receive, sweep

decide.main()
sys.exit(0 if all([receive.main(), sweep.main(), duplicates.main()]) else 1)
