"""What `imagekit doctor` is told of a store, which is only looked at."""
