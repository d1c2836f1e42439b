"""Programs that buy pictures at the sandbox's upstreams and are killed: what came back is
compared with what was billed.

``python -m tests.chaos --kills 300`` (or ``make chaos``) prints what became of every picture;
``--seed`` repeats a run. `test_chaos` runs a smaller one.
"""
