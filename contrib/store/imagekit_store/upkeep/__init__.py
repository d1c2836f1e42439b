"""What is checked, forgotten and swept."""
