"""What calls share, in a database: limits, budgets, and which hosts rest."""
