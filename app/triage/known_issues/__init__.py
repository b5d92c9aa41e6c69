"""The registry of known issues: documented faults that tickets are compared with before they are routed (S0-63)."""
