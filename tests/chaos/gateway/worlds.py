"""Gateways in front of one store, hosts behind them, and what clients were told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

from attrs import define, field
from imagekit_store import Entry, Keys, Store

from imagekit import Charged
from tests.chaos.bills import Sandbox
from tests.chaos.gateway.buying import Answered, Buyer
from tests.chaos.gateway.orders import Order, orders
from tests.chaos.gateway.replica import LEASE
from tests.chaos.gateway.replicas import Replica
from tests.chaos.lives import folder
from tests.chaos.store.accounts import Account, account_of, every
from tests.chaos.store.databases import Databases
from tests.chaos.store.workers import finish

__all__ = ["World", "world"]

REPLICAS, CLIENTS = 2, 12
KEY = "buyer"
#: Where gateways read what the URL of their store is: it has a password.
URL = "CHAOS_STORE_URL"
STORE = """
[store]
url = {{ env = "{url}" }}
pictures = "{pictures}"
"""


@define
class World:
    """
    Attributes:
        config: of the gateways; its folder is that of the run.
        where: the store is, as `Store` takes it.
        answers: what clients were told.
        failures: what they could not be content with.
    """

    store: Store
    sandbox: Sandbox
    config: Path
    where: Mapping[str, str]
    replicas: list[Replica]
    buyer: Buyer
    answers: list[Answered] = field(factory=list)
    failures: list[str] = field(factory=list)

    def load(self, count: int, seed: int, meanwhile: Callable[[Replica], None]) -> None:
        """So many orders at least, and as many as it takes until this is over, which happens to
        each of the gateways at once."""
        ordered, lock = orders(seed), threading.Lock()
        with ThreadPoolExecutor(REPLICAS) as others, ThreadPoolExecutor(CLIENTS) as clients:
            happening = [others.submit(meanwhile, replica) for replica in self.replicas]

            def buy() -> None:
                while len(self.answers) < count or not all(one.done() for one in happening):
                    with lock:
                        order = next(ordered)
                    self._buy(order)

            for done in [*(clients.submit(buy) for _ in range(CLIENTS)), *happening]:
                done.result()

    def _buy(self, order: Order) -> None:
        try:
            self.answers.append(self.buyer.buy(order))
        except AssertionError as error:
            self.failures.append(str(error))

    def finish(self) -> None:
        """End the gateways, and come to the end of what they have left."""
        for replica in self.replicas:
            replica.end()
        time.sleep(LEASE)
        finish(self.config.parent, str(self.config), **self.where)

    def account(self) -> Account:
        """Of every call, by its prompt: the bill has no other name of it. One that was certainly
        free may have been made once more."""
        names = {
            entry.prompt: call.id
            for entry in every(self.store)
            for call in entry.attempts
            if call.charged is not Charged.NO
        }
        bill = [
            {**line, "name": names.get(line["prompt"], line["prompt"])}
            for line in self.sandbox.ledger()
        ]
        return account_of(self.store, bill)

    def wrong(self) -> list[str]:
        """What clients were told that is not so, and what else must not be."""
        entries = {entry.id: entry for entry in every(self.store)}
        found = [*self.failures]
        found += [why for one in self.answers if (why := self._contradicted(one, entries))]
        said = [replica.log.read_text() for replica in self.replicas]
        return [*found, *(log for log in said if "Traceback" in log)]

    def _contradicted(self, answered: Answered, entries: Mapping[str, Entry]) -> str:
        """How the store says otherwise, if it does."""
        entry, same = entries.get(answered.record), self.store.same(KEY, answered.order.name)
        if entry is None or same is None or same.id != entry.id:
            return f"it is not found by its key: {answered}"
        kept = tuple(str(picture.sha256) for picture in entry.pictures if picture.is_kept)
        if answered.status == 200 and answered.pictures != kept:
            return f"its record has other pictures: {answered}, {entry}"
        return ""


@contextmanager
def world(make: Databases, seed: int, latency: str, rules: str = "") -> Iterator[World]:
    """On PostgreSQL; with gateways that are up.

    Args:
        latency: of hosts, as the sandbox takes it; and so are the rules.
    """
    with folder() as root:
        where = {"url": make("postgresql", root), "pictures": str(root / "pictures")}
        (root / "rules.toml").write_text(f"seed = {seed}\n{rules}")
        with Sandbox(latency, root / "rules.toml") as sandbox, Store(**where, lease=LEASE) as store:
            config = sandbox.configuration(root)
            with config.open("a") as file:
                file.write(STORE.format(url=URL, pictures=where["pictures"]))
            replicas = [
                Replica(config, root / f"log{number}", {URL: where["url"]})
                for number in range(REPLICAS)
            ]
            buyer = Buyer([one.url for one in replicas], Keys(store).add(KEY), Random(seed))
            try:
                for replica in replicas:
                    replica.start()
                yield World(store, sandbox, config, where, replicas, buyer)
            finally:
                for replica in replicas:
                    replica.kill("both")
