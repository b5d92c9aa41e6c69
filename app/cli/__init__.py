"""The ``triage`` command. Results go to stdout, everything else to stderr; a command's module loads when it is called.

Exit codes: 0 done; 1 it ran and the answer is no; 2 usage; 3 configuration cannot be used; 4 a vendor refused our
credentials; 5 something we depend on cannot be reached; 70 a fault of ours; 130 interrupted.
"""
