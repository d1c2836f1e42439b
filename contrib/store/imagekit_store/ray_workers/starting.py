"""`workers_on`: a store's workers on a Ray cluster, from the first to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from imagekit import Client, Config, ConfigurationError, tools
from imagekit_store.opening.configured import opened
from imagekit_store.ray_workers.crew import RayWorkers
from imagekit_store.ray_workers.hand import keys_of
from imagekit_store.ray_workers.joining import joined
from imagekit_store.store import Store
from imagekit_store.values.entries import Entry

__all__ = ["workers_on"]


@contextmanager
def workers_on(
    address: str,
    config: Config,
    *,
    count: int | None = None,
    threads: int = 4,
    told: Callable[[Entry], object] | None = None,
) -> Iterator[RayWorkers]:
    """Workers on the nodes of a Ray cluster, while this lasts. Ray starts them, spreads them, and
    puts another in the place of one that dies, with its node or alone. In the end they finish what
    they have in hand; if that is interrupted, others go on with what is left.

    Call `RayWorkers.look` again and again meanwhile, in place of sleeping.

    Args:
        address: such as ``10.0.0.1:6379``; ``auto`` for the cluster that this machine is of.
        config: names the store: in PostgreSQL, its pictures in a bucket, or in a folder that all
            nodes share. Each node has the file under the same path, and keys of its own.
        count: how many; one for each node when not given.
        threads: how many attempts each of them carries out at once.
        told: is given each request that they have brought to its end. One of which a worker dies
            right after it may be missing.

    Raises:
        ConfigurationError: Ray is not installed; the cluster can't be joined; the configuration is
            not trusted; the store can't be shared; no worker can work there.
    """
    # What does not count of it here would count there: a path that is named is trusted.
    tools.refuse_found(
        config, "the nodes would go by all that it says", "name another with --config"
    )
    store = _shared(config)
    path = str(config.path.absolute()) if config.path else ""
    with Client.from_config(path) as client:
        hosts = frozenset(keys_of(client))
    with joined(address) as ray:
        workers = RayWorkers(ray, store, hosts, told)
        try:
            workers.start(count or _nodes(ray), path, threads)
            try:
                yield workers
            finally:
                workers.drain()
        finally:
            workers.end()


def _shared(config: Config) -> Store:
    """
    Raises:
        ConfigurationError: several machines can't use its store.
    """
    store = opened(config)
    if store.ledger.database.is_sqlite:
        raise ConfigurationError(
            f"{store.ledger.database.name} is a file of this machine, which the nodes of a cluster "
            "can't share: keep the store in PostgreSQL, and its pictures in a bucket"
        )
    return store


def _nodes(ray: Any) -> int:
    """How many may be given work."""
    ready = [node for node in ray.nodes() if node["Alive"] and "CPU" in node["Resources"]]
    return len(ready) or 1
