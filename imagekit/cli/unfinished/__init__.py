"""Calls that a command leaves open, and the end they come to."""
