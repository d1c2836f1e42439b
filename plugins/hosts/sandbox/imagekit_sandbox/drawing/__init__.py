"""Pictures without a model: what they depend on, and how they are drawn."""
