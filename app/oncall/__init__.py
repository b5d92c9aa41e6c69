"""Ways to reach colleagues outside the ticket: a message to engineering by e-mail or by a signed webhook (S2-101)."""
