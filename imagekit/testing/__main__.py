"""``python -m imagekit.testing``: the conformance suites over everything installed.

``python -m imagekit.testing facts imagekit_pond`` prints what that plugin declares, as its
``facts.json`` has it.
"""

import sys
from importlib import import_module

from imagekit.testing.kit.conformance import declared_by, main
from imagekit.testing.kit.facts import on_file

if __name__ == "__main__":
    if sys.argv[1:2] == ["facts"]:
        modules = [import_module(name) for name in sys.argv[2:]]
        sys.stdout.write(on_file(one for module in modules for one in declared_by(module)))
    else:
        raise SystemExit(main(sys.argv[1:]))
