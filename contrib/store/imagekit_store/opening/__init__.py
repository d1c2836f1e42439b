"""Which store it is, and what it is opened with."""
