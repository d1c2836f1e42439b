"""What is wrong with a configuration, given what is installed."""
