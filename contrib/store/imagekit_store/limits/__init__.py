"""Whom there is room for: requests of keys, and what calls of all processes share."""
