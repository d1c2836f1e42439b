"""What users say: configuration, trust, secrets and keys."""
