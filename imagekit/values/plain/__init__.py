"""Values as JSON has them, and back: strictly, with every mistake at once and where it stands."""
