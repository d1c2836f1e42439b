"""What the upstreams of one server keep, and how they tell it without a secret."""
