"""imagekit itself; but whoever is killed is soon taken for dead: argv[1] is for how many seconds
a process holds what it carries out."""

from __future__ import annotations

import sys

from imagekit_store import Store

from imagekit.cli.app import run

if __name__ == "__main__":
    defaults = Store.__init__.__kwdefaults__
    assert defaults is not None
    defaults["lease"] = float(sys.argv.pop(1))
    sys.exit(run(sys.argv[1:]))
