"""The parts of a gateway that every request to it has in common."""

from __future__ import annotations

import threading

from attrs import define, field
from imagekit_store import Keys, Store, Worker

from imagekit import Client, UsageError
from imagekit_gateway.gateway.callers import Callers, FindsKeys
from imagekit_gateway.gateway.links import Links
from imagekit_gateway.gateway.meters import Meters
from imagekit_gateway.gateway.repeats import Repeats
from imagekit_gateway.gateway.settings import Settings
from imagekit_gateway.gateway.shares import Shares
from imagekit_gateway.gateway.tracing import Tracing
from imagekit_gateway.rights.names import Names

__all__ = ["Gateway"]


class UnderWay:
    """How much is under way. A client that goes away leaves its request behind, which has been
    paid for, perhaps; so the process ends when nothing is."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._changed = threading.Condition()

    def begin(self, id: str) -> None:
        with self._changed:
            self._ids.append(id)

    def end(self, id: str) -> None:
        with self._changed:
            self._ids.remove(id)
            self._changed.notify_all()

    def wait(self, seconds: float | None = None) -> list[str]:
        """Until nothing is, or so long. Gives the ids of what is under way all the same."""
        with self._changed:
            self._changed.wait_for(lambda: not self._ids, seconds)
            return [*self._ids]


@define(eq=False)
class Gateway:
    """What `Application` serves. Thread-safe.

    Attributes:
        client: asks the hosts. Its journal is the store.
        store: keeps requests, pictures and keys.
        settings: the table ``[gateway]`` of a configuration.
        draining: set once the gateway is told to end: ``/readyz`` says so from then on, and what
            `work` has begun ends.
        under_way: counts requests, those of clients that have gone as well.
        callers: says whose key a request carries; the keys of the store, when not given.

    Raises:
        UsageError: the client tells another journal than the store, or none.
    """

    client: Client
    store: Store
    settings: Settings = field(factory=Settings)
    meters: Meters = field(factory=Meters)
    tracing: Tracing = field(factory=Tracing)
    draining: threading.Event = field(factory=threading.Event)
    under_way: UnderWay = field(factory=UnderWay)
    repeats: Repeats = field(factory=Repeats)
    callers: FindsKeys = field()
    shares: Shares = field(init=False)
    links: Links = field(init=False)
    names: Names = field(init=False)

    @callers.default
    def _of_store(self) -> FindsKeys:
        return Callers(Keys(self.store))

    def __attrs_post_init__(self) -> None:
        if self.store not in self.client.journals:
            raise UsageError("the client has to tell the store of its calls: Client(journal=store)")
        self.shares = Shares(self.settings.threads)
        self.links = Links(self.store.secret("links"), self.settings.link_seconds)
        self.names = Names(self.client, self.settings.default_model)

    def close(self) -> None:
        """Give every connection back."""
        self.client.close()
        self.store.close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def work(self) -> threading.Thread:
        """Answer requests that are written down and that nobody waits for, those of processes
        that are gone as well, until the gateway is told to end."""
        worker = Worker(self.store, self.client, self.settings.workers)
        thread = threading.Thread(target=worker.run, args=(self.draining,))
        thread.start()
        return thread
