"""``imagekit gateway``."""
