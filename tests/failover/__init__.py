"""Every kind of failure at every host, where an alias fails over: `python -m tests.failover`."""
