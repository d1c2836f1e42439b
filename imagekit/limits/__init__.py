"""What a model accepts, as values: facts, rules, and the arithmetic of sizes."""
