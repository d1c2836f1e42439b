"""The command line. Needs the extra ``imagekit[cli]``: click, and rich for terminals."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """The console script ``imagekit``."""
    try:
        import click  # noqa: F401
    except ModuleNotFoundError:
        sys.exit("the command line needs click and rich: pip install 'imagekit[cli]'")
    try:
        from imagekit.cli.app import run
    except KeyboardInterrupt:
        sys.exit(130)  # as `imagekit.cli.exits` has it, which may not be here yet
    sys.exit(run(sys.argv[1:]))
