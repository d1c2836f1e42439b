"""Limits, rest and budgets: what calls share, counted in this process."""
