"""``imagekit batch run`` that is killed, and run again by the same command: what the sandbox has
billed is compared with the store, and with the results and files that were left.

``python -m tests.chaos.batch`` (or ``make chaos-batch``) asks for 10,000 with three kills;
`test_batch_chaos` for a few.
"""
