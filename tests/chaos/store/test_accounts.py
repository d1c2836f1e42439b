"""What must not be is told, each with its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from imagekit_sandbox.serving import Upstreams
from imagekit_store import Store
from imagekit_store.schema.tables import ATTEMPTS, PICTURES, REQUESTS
from sqlalchemy import update

from imagekit import Blob, Client, Plugins
from tests.chaos.store.accounts import Account, account_of
from tests.chaos.store.watched import Naming, Watched


@define
class World:
    """A store with two calls, and their bill."""

    store: Store
    bill: list[dict[str, Any]]

    @property
    def account(self) -> Account:
        return account_of(self.store, self.bill)

    def change(self, table: Any, id: str, **values: Any) -> None:
        column = table.c.attempt if table is PICTURES else table.c.id
        change = update(table).where(column == id).values(**values)
        self.store.write(lambda connection: connection.execute(change))


@pytest.fixture(scope="module")
def upstreams() -> Iterator[Upstreams]:
    with Upstreams() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, upstreams: Upstreams) -> Iterator[World]:
    upstreams.reset()
    naming = Naming()
    with (
        Watched(f"sqlite:///{tmp_path}/store.db", naming=naming) as store,
        Client(
            config=upstreams.configuration(), journal=store, plugins=Plugins.load(extra=[naming])
        ) as client,
    ):
        for id in ("one", "two"):
            model, size = "powertokens:seedream-4.0", "1024x1024"
            client.generate("the same herons", model=model, size=size, id=id)
        yield World(store, upstreams.ledger.document()["entries"])


def test_what_was_billed_and_is_stored_is_all_right(world: World) -> None:
    assert world.account == Account(
        requests=2,
        calls=2,
        billed=2,
        stored=2,
        unknown=0,
        free=0,
        moving=0,
        twice=0,
        lost=0,
        wrong=(),
    )


WRONG: dict[str, Callable[[World], object]] = {
    "bought twice": lambda world: world.bill.append(world.bill[0]),
    "lost": lambda world: world.change(ATTEMPTS, "one", state="failed"),
    "it was not billed, and is stored": lambda world: world.bill.pop(),
    "its name is known, and it is not found": lambda world: world.change(
        ATTEMPTS, "one", host="klingai", state="unknown"
    ),
    "it does not move any more": lambda world: world.change(ATTEMPTS, "one", state="accepted"),
    "its calls are over, and it is running": lambda world: world.change(
        REQUESTS, "one", state="running"
    ),
    "this is the record of another call": lambda world: world.change(
        ATTEMPTS, "one", record="img_0"
    ),
    "it has no call": lambda world: world.change(PICTURES, "one", attempt="nobody"),
    "has the picture of": lambda world: world.change(
        PICTURES, "one", sha256=world.store.request("two").pictures[0].sha256
    ),
    "its file is not here": lambda world: world.store.keeping.forget(
        str(world.store.request("one").pictures[0].sha256)
    ),
    "no row needs it": lambda world: world.store.keeping.keep(Blob.of(b"heron")),
    "it is not what was kept": lambda world: Path(
        world.store.keeping.where(str(world.store.request("one").pictures[0].sha256))
    ).write_bytes(b"heron"),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_must_not_be_is_told(world: World, words: str) -> None:
    WRONG[words](world)
    assert any(words in one for one in world.account.wrong), world.account.wrong


def test_what_is_billed_and_unknown_is_listed_and_not_lost(world: World) -> None:
    world.change(ATTEMPTS, "one", state="unknown")
    world.change(REQUESTS, "one", state="unknown")
    account = world.account
    assert (account.stored, account.unknown, account.lost) == (1, 1, 0)
