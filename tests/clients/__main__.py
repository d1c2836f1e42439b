"""Run other people's clients against the gateway, and write down what came of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.clients.environments import Unreachable
from tests.clients.every import CLIENTS
from tests.clients.gateway import served
from tests.clients.runs import OK, Run, run
from tests.clients.table import record


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__)
    names = [one.name for one in CLIENTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="CLIENT")
    wanted = parser.parse_args().only
    try:
        runs = dict(_runs(wanted))
    except Unreachable as error:
        sys.exit(f"nothing was written: {error}")
    record(runs)
    return 0 if all(told == OK for one in runs.values() for told in one.calls.values()) else 1


def _runs(wanted: list[str]) -> Iterator[tuple[str, Run]]:
    with TemporaryDirectory() as root, served(Path(root)) as gateway:
        for client in (one for one in CLIENTS if one.name in wanted):
            pictures = Path(root) / client.name
            pictures.mkdir()
            done = run(client, gateway, pictures)
            print(client.name, done.version)
            print(*(f"  {name}: {told}" for name, told in done.calls.items()), sep="\n", flush=True)
            yield client.name, done


if __name__ == "__main__":
    sys.exit(main())
