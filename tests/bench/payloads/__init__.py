"""What pictures inside answers and requests cost in CPU and memory, and how that compares."""
