"""What plugins say about models and hosts: data with its sources; no code that runs in a call."""
