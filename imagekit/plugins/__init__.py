"""Plugins found, loaded, and bound to routes."""
