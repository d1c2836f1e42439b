"""What is written down of every paid call, so that nothing paid for is lost with its process."""
