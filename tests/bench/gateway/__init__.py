"""What a request to the gateway costs, alone and beside the gateways of other people; what many at
once take, and large pictures.

``python -m tests.bench.gateway`` (or ``make bench-gateway``) prints it; ``--profile 10`` says where
the time goes. `test_gateway_bench` runs it with little to do, without the gateways of others.
"""
