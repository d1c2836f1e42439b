"""Wires that come with core."""
