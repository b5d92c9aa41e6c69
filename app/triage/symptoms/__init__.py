"""What a ticket reports, in a form in which tickets can be compared: hashed terms, exact fingerprints, surfaces."""
