"""Two gateways in front of one store, under load: killed, and restarted one after the other.

``python -m tests.chaos.gateway`` (or ``make chaos-gateway``) makes 1,000 requests; ``--seed`` asks
for the same once more. `test_gateway_chaos` makes a few.
"""
