"""Questions: pages of requests, and what they have cost."""
