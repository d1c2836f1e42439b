"""Recorded samples of hosts, our tables of what they have to become, and how to compare."""
