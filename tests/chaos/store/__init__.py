"""Workers of a store that are killed, at random and at every step: what the sandbox has billed
is compared with the rows and the files.

``python -m tests.chaos.store`` (or ``make chaos``) makes 1,000 requests for each database, of one
worker and of three; ``--seed`` repeats a run. `test_store_chaos` makes a few.
"""
