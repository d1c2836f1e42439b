"""What every dialect is made of: operations, the visit they work with, the order they read."""
