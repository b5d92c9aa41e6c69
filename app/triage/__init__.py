"""The core: deciding about a ticket. Values in, values out; no I/O, no clock, no logging, no vendor."""
