"""What the store tells of: requests, calls, callers, as frozen values, and its errors."""
