"""How a call is sent, and what is written down of it."""
