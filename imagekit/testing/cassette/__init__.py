"""Real conversations with hosts, recorded once, played back in tests for nothing."""
