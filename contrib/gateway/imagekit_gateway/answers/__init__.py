"""What came of a request: whole, in pieces, or told while it happens."""
