"""What every request has in common: the gateway, its settings, and one visit to it."""
