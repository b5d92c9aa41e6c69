"""Which tickets report the same fault: bands of chance, parents, clusters and storms (S0-59 to S0-67)."""
