"""One call of the command line, from its cost to its end: what there is, what is not, and why."""
