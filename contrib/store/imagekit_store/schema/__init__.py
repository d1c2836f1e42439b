"""What stands in the database: tables, states, and the statements that are the same each time."""
