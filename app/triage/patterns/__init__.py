"""What several tickets about the same fault stand for: a known issue, a status page, a storm, an idea in demand (S0-48,
S0-81, S2-90, S4-76, S4-77, S4-116, S4-117)."""
