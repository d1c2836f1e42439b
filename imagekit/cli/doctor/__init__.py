"""What `imagekit doctor` looks at."""
