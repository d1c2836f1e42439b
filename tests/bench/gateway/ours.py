"""The gateway itself, as it is served: with keys, records, receipts, and a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagekit_store import Keys, Store

from tests.bench.gateway.contestants import Contestant, free_port, running

__all__ = ["KEPT", "PASSED_ON", "ours"]

PASSED_ON, KEPT = "imagekit, links passed on", "imagekit, pictures kept"

CONFIGURATION = """\
prefer = ["token360"]

[hosts.token360]
base_url = "{upstream}/v1"
credential = {{ file = "any.key" }}

[hosts.powertokens]
base_url = "{upstream}"
credential = {{ file = "any.key" }}

[store]
url = "{store}"
"""


@contextmanager
def ours(upstream: str, store: str, folder: Path) -> Iterator[list[Contestant]]:
    """Two of them that are one server: what differs is the key."""
    (folder / "any.key").write_text("any\n")
    (folder / "any.key").chmod(0o600)
    (folder / "imagekit.toml").write_text(CONFIGURATION.format(upstream=upstream, store=store))
    with Store(store) as opened:
        keys = Keys(opened)
        secrets = {
            PASSED_ON: keys.add("passed-on", settings={"keep": False}),
            KEPT: keys.add("kept"),
        }
    listen = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "imagekit.cli", "--config", str(folder / "imagekit.toml")]
    serve = [*command, "gateway", "serve", "--listen", listen]
    with running(serve, folder / "imagekit.log") as process:
        url = f"http://{listen}/v1/images/generations"
        found = [
            Contestant(name, url, {"Authorization": f"Bearer {secret}"}, process)
            for name, secret in secrets.items()
        ]
        found[0].wait()
        yield found
