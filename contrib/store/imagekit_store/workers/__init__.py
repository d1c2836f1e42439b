"""Calls that are taken up by whoever is there: begun, looked at, fetched, settled."""
