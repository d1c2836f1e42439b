"""``imagekit gateway serve`` with leases so short that whoever is killed is soon taken for dead.

``python -m tests.chaos.gateway.replica --config FILE gateway serve --listen ADDRESS:PORT``
"""

from __future__ import annotations

from imagekit_store import Store

from imagekit.cli import main

__all__ = ["LEASE"]

#: Seconds.
LEASE = 2.0

if __name__ == "__main__":
    assert Store.__init__.__kwdefaults__["lease"]
    Store.__init__.__kwdefaults__["lease"] = LEASE
    main()
