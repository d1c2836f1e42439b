"""``python -m imagekit.testing``: the conformance suites over everything installed."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType

from imagekit.testing.kit.conformance import declared_by, main
from imagekit.testing.kit.facts import on_file

MORE = """
other arguments are pytest's own:
  python -m imagekit.testing -k key_shows
  python -m imagekit.testing facts imagekit_pond > tests/facts.json

facts prints what plugins declare, as the file beside their tests has it; compare it
with the vendor's page before you keep it.
"""


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        "python -m imagekit.testing",
        description="Run the conformance suites of every installed plugin and print a table of "
        "checks passed, failed and relaxed. The exit code is 1 when a check fails or a plugin "
        "does not load.",
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _facts(names: list[str]) -> str:
    """What these modules declare, as ``facts.json`` has it."""
    parser = argparse.ArgumentParser("python -m imagekit.testing facts")
    parser.add_argument("module", nargs="+", help="a plugin's module, such as imagekit_pond")
    modules = [_imported(parser, name) for name in parser.parse_args(names).module]
    return on_file(one for module in modules for one in declared_by(module))


def _imported(parser: argparse.ArgumentParser, name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        parser.error(f"{name} can't be imported: {error}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["facts"]:
        sys.stdout.write(_facts(sys.argv[2:]))
    else:
        _, others = _parser().parse_known_args()
        raise SystemExit(main(others))
