"""What a store costs: durable steps, pages of many requests, jobs that are waited for, memory.

``python -m tests.bench.store`` (or ``make bench``) prints it, for SQLite and for PostgreSQL.
`test_store_bench` runs each with little to do.
"""
