"""A file of requests, each line one, asked for and answered once, however often it is run.

::

    lines       the file, line by line          checking   all lines, before any is bought
    account     the money of the batch          feeding    asked for as there is room
    filing      pictures under names            results    one line for each that is over
    running     from the first to the last      progress   what a person sees of it

A batch is a caller of the store with a budget of its own, and the name of a line is its
`imagekit_store.Caller.idem`: so a line is asked for once, whoever runs the file, and is refused
when it asks for something else than it did.
"""
