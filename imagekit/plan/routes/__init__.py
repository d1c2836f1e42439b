"""Which model is served where, how to get there, and which way is meant."""
