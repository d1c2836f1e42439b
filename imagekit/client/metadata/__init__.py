"""A record of provenance inside a picture's own file, every other byte left alone."""
