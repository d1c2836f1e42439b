"""The upstreams as a value of your program: start them, use them, look at the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from imagekit import Config
from imagekit_sandbox.serving.books.journal import Journal
from imagekit_sandbox.serving.books.ledger import Ledger
from imagekit_sandbox.serving.configuration import configuration
from imagekit_sandbox.serving.desk import Desk
from imagekit_sandbox.serving.dialects import DIALECTS
from imagekit_sandbox.serving.faults.rules import Rule, Scenario
from imagekit_sandbox.serving.server import Server

__all__ = ["Upstreams"]


class Upstreams:
    """Real hosts' own APIs on a loopback port; a context manager.

    ::

        with Upstreams(rules=[Rule("429", times=1)]) as upstreams:
            client = Client(config=upstreams.configuration())

    Args:
        rules: what goes wrong, and when.
        seed, latency, link_lifetime: as in `Scenario`.
        address: where to listen; another than loopback lets others in.
        port: 0 takes one that is free.
        now: the clock, so that a test need not wait for links to expire.

    Raises:
        ConfigurationError: the port is in use, or a rule names a host that is not here.
        ValueError: the latency makes no sense.
    """

    def __init__(
        self,
        rules: Iterable[Rule] = (),
        *,
        seed: int = 0,
        latency: str = "0",
        link_lifetime: float = 86400.0,
        address: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        scenario = Scenario(tuple(rules), seed, latency, link_lifetime)
        self._desk = Desk(DIALECTS, scenario, now)
        self._server = Server(address, port, self._desk.answer, self._desk.books.ledger, now)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="imagekit-sandbox", daemon=True
        )

    @property
    def url(self) -> str:
        """The origin, e.g. ``http://127.0.0.1:8765``."""
        return f"http://{self._server.authority}"

    @property
    def hosts(self) -> dict[str, str]:
        """Upstream -> the base URL that its host plugin needs."""
        return {one.host: self.url + one.path for one in DIALECTS}

    @property
    def ledger(self) -> Ledger:
        """What has been billed."""
        return self._desk.books.ledger

    @property
    def journal(self) -> Journal:
        """What was received."""
        return self._desk.books.journal

    def configuration(self) -> Config:
        """A configuration that points the installed plugins of these hosts here."""
        return configuration(self.hosts)

    def reset(self) -> None:
        """Nothing billed, nothing kept, the same luck again."""
        self._desk.books.reset()

    def wait(self) -> None:
        """Until the server ends, in another thread or by Ctrl-C."""
        while self._thread.is_alive():
            self._thread.join(1.0)

    def close(self) -> None:
        """Stop listening; what waits or drips is cut off."""
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Upstreams:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
