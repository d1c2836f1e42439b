"""What a request to the gateway costs, beside the gateways of other people.

``python -m tests.bench.gateway`` (or ``make bench-gateway``) prints it: processor time of a
request, and requests a second, of all in one run against one upstream. `test_gateway_bench` runs
it with little to do, without those of others.
"""
