"""``python -m imagekit.testing``: the conformance suites over everything installed."""

import sys

from imagekit.testing.conformance import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
