"""What imagekit costs: per call, per client and per import. ``python -m tests.bench.calls``."""
