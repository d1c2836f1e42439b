"""Calls that a command has left open: written down, read again, told of."""
