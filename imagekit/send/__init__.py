"""How a call is sent and its answer read: signing, retries, polling, downloads, the journal."""
