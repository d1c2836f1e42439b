"""One database, SQLite or PostgreSQL: found by its URL, connected, upgraded, written to."""
