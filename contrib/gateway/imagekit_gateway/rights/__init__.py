"""What a key may do, and by which names it asks."""
