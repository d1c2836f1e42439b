"""Pictures on their way to files: where they go, and what is rescued."""
