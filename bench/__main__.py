"""``make bench``: the benchmarks of every day, one after the other; exit code 1 when a ceiling is broken."""

import sys

from bench import decide, receive

decide.main()
sys.exit(0 if receive.main() else 1)
