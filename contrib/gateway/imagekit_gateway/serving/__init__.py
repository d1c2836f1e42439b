"""The application, its table of routes, and the server that calls it."""
