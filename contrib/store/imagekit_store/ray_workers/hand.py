"""What an actor does on its node. Nothing in it knows of Ray, and no key ever leaves it."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from attrs import evolve, frozen

from imagekit import Client, HostSettings, ImagekitError, SecretReference
from imagekit_store.opening.configured import opened
from imagekit_store.pictures import reason
from imagekit_store.store import Store
from imagekit_store.values.entries import Entry
from imagekit_store.workers.worker import Worker

__all__ = ["Hand", "How", "identity", "keys_of"]

log = logging.getLogger("imagekit.store")

#: Seconds until what stood in the way is tried again: a database or a file may come back.
AGAIN = 5.0
#: Seconds between two looks whether it is to end before it has begun.
LOOK = 0.5


@frozen
class How:
    """How a worker is, as it travels: names and ids, and no secret.

    Attributes:
        where: its machine and process, for people.
        trouble: why it can't work, in a sentence.
        store: which store it has open (see `identity`); empty: none yet.
        hosts: those of which it has a key.
        marker: what it has announced where it keeps pictures, to be seen by those who share them.
        begun: whether it was told to work.
        over: whether it has come to its end, with nothing in hand.
        done: ids of requests that it has brought to their end since it was asked before.
    """

    where: str
    trouble: str = ""
    store: str = ""
    hosts: frozenset[str] = frozenset()
    marker: str = ""
    begun: bool = False
    over: bool = False
    done: tuple[str, ...] = ()


class Hand:
    """A worker on a node. It opens what the node's own configuration names, waits to be told to
    `begin`, and works until it is told to `stop`.

    Args:
        path: of the configuration, on this node.
        threads: how many attempts it carries out at once.
    """

    def __init__(self, path: str, threads: int) -> None:
        self._path, self._threads = path, threads
        self._how = How(f"{socket.gethostname()}, process {os.getpid()}")
        self._done: deque[str] = deque()
        self._told, self._stop = threading.Event(), threading.Event()
        self._life = threading.Thread(target=self._live, daemon=True)
        self._life.start()

    def how(self) -> How:
        done = tuple(self._done.popleft() for _ in range(len(self._done)))
        over = not self._life.is_alive()  # looked at last, it would have told of more by then
        return evolve(self._how, done=done, over=over and not self._done)

    def begin(self) -> None:
        self._told.set()

    def stop(self) -> None:
        """What is in hand is finished first."""
        self._stop.set()

    def _live(self) -> None:
        while not self._stop.is_set():
            try:
                with Client.from_config(self._path) as client:
                    self._serve(client, opened(client.config))
            except Exception as error:  # told to whoever asks how it is
                log.warning("%s", error, exc_info=not isinstance(error, ImagekitError))
                self._how = evolve(self._how, trouble=_in_words(error), store="", begun=False)
                self._told.clear()
                self._stop.wait(AGAIN)

    def _serve(self, client: Client, store: Store) -> None:
        with _announced(store) as marker:
            hosts, which = frozenset(keys_of(client)), identity(store)
            self._how = evolve(self._how, trouble="", store=which, hosts=hosts, marker=marker)
            while not self._told.wait(LOOK) and not self._stop.is_set():
                pass
        if not self._stop.is_set():
            self._how = evolve(self._how, begun=True)
            worker = Worker(store, client, self._threads, told=self._is_done)
            worker.run(self._stop)

    def _is_done(self, entry: Entry) -> None:
        self._done.append(entry.id)


@contextmanager
def _announced(store: Store) -> Iterator[str]:
    """A name that is to be seen where pictures are kept, and nowhere else, while this lasts."""
    name, nothing = f"ray_{token_hex(8)}.0", hashlib.sha256(b"").hexdigest()
    store.keeping.announce(name, nothing)
    try:
        yield name
    finally:
        store.keeping.withdraw(name, [nothing])


def identity(store: Store) -> str:
    """The same for all who have this very database open, and for nobody else. The secret that it
    is made of can't be had from it."""
    return hashlib.sha256(b"ray" + store.secret("ray")).hexdigest()[:16]


def keys_of(client: Client) -> Iterator[str]:
    """The names of the hosts of which there is a key here, and every header that is a secret."""
    for name, host in client.registry.hosts.items():
        headers = client.config.hosts.get(name, HostSettings()).headers.values()
        secrets = (one for one in headers if isinstance(one, SecretReference))
        if (
            host.auth.variables
            and client.credential_source(host)
            and all(one.there(os.environ) for one in secrets)
        ):
            yield name


def _in_words(error: Exception) -> str:
    if isinstance(error, ImagekitError):
        return str(error)
    if isinstance(error, OSError):
        return reason(error)
    return f"{type(error).__name__}, which is a bug: this node's log of Ray has the traceback"
