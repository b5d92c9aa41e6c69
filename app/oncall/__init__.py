"""Ways to reach colleagues outside the ticket: a message to engineering by e-mail or by a signed webhook (S2-101), and
on-call by PagerDuty, signed webhooks and whatever Apprise speaks (S1-18)."""
