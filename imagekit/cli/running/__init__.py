"""One call of the command line while it runs, from its cost to its end: what there is, what is
not, and why."""
