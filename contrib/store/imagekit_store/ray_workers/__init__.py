"""Workers of a store as actors of a Ray cluster.

::

    the machine that starts them          the nodes
    joining   the connection to Ray       hand   opens client and store by the node's own files
    crew      starts, admits, hears            and environment, works, says how it is

A path and the ids of requests are all that travels. Each node reads its keys for itself.
"""
