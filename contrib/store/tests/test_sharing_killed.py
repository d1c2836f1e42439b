"""A process that is killed with -9 while it has money of a budget: nothing is bought twice for it,
and no money is lost or counted twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from imagekit_sandbox.serving.configuration import settings, toml
from sqlalchemy import select

from imagekit import Client
from imagekit_sandbox.serving import Rule
from imagekit_store.schema.tables import BUDGETS

MODEL = "powertokens:seedream-4.5"
PRICE = Decimal("0.038")  # of the list
DYING = """
import os, signal, sys
from imagekit import Client
from imagekit_store import Store

config, url, pictures, step = sys.argv[1:]
store = Store(url, pictures=pictures)
setattr(store, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
with Client(config=config, journal=store, sharing=store, budget="1 USD") as client:
    client.generate("a corgi", model="powertokens:seedream-4.5", id="one")
"""


@pytest.fixture
def dying(url, upstreams, tmp_path):
    """Makes a call in a process that is killed when it comes to this step."""
    config = tmp_path / "config.toml"
    config.write_text(toml(settings(upstreams.hosts), "Played.") + "\n")

    def run(step: str) -> str:
        words = [str(config), url, str(tmp_path / "pictures"), step]
        died = subprocess.run([sys.executable, "-c", DYING, *words], stderr=subprocess.PIPE)
        assert died.returncode == -signal.SIGKILL, died.stderr
        return str(config)

    return run


def spent(store) -> Decimal:
    (told,) = store.read(lambda rows: rows.scalars(select(BUDGETS.c.spent)).all())
    return told


def test_between_claim_and_sending_it_counts_once_however_often_it_is_begun(
    store, dying, upstreams, monkeypatch
):
    config = dying("sending")
    assert spent(store) == PRICE  # nobody knows what became of it
    assert not upstreams.ledger.entries
    monkeypatch.setattr(type(store.ledger), "now", lambda ledger, now=store.ledger.now: now() + 31)
    with Client(config=config, journal=store, sharing=store, budget="1 USD") as client:
        client.generate("a corgi", model=MODEL, id="one")
    assert spent(store) == PRICE
    assert len(upstreams.ledger.entries) == 1


def test_between_result_and_release_it_counts_what_it_cost(store, dying, upstreams):
    dying("release")
    assert spent(store) == PRICE
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_between_a_refusal_and_release_it_counts_nothing(store, dying):
    dying("release")
    assert spent(store) == 0
