"""What goes in and out of an upstream: a request, an answer, a refusal."""
