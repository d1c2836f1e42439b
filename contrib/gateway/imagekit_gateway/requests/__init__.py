"""A request as it came, and the arguments of a call that it means."""
