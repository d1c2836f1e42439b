"""Pictures on their way to files: where they go, how far they have come, what is rescued."""
