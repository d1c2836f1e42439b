"""Other people's clients, unmodified, against the gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.environments import Unreachable, locks
from tests.clients.every import CALLS, CLIENTS, Client
from tests.clients.gateway import Served
from tests.clients.runs import OK, run
from tests.clients.table import PAGE, page, recorded

HERE = [one for one in CLIENTS if not one.environment]
ELSEWHERE = [one for one in CLIENTS if one.environment]


@pytest.mark.parametrize("client", HERE, ids=lambda one: one.name)
def test_a_client_gets_what_it_asks_for_and_pays_for_it_once(
    client: Client, gateway: Served, tmp_path: Path
) -> None:
    assert run(client, gateway, tmp_path).calls == recorded()[client.name].calls


@pytest.mark.outside
@pytest.mark.slow
@pytest.mark.parametrize("client", ELSEWHERE, ids=lambda one: one.name)
def test_a_client_in_an_environment_of_its_own_does_too(
    client: Client, gateway: Served, tmp_path: Path
) -> None:
    try:
        done = run(client, gateway, tmp_path)
    except Unreachable as error:
        pytest.skip(str(error))
    assert done == recorded()[client.name]


def test_the_page_has_the_table_of_the_last_run_of_every_client() -> None:
    """make clients runs them, and writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()
    assert [*recorded()] == [one.name for one in CLIENTS]


def test_whatever_a_client_did_in_the_last_run_went_well_and_has_a_column() -> None:
    calls = [call for done in recorded().values() for call in done.calls.items()]
    assert {told for _, told in calls} == {OK}
    assert {name for name, _ in calls} == {*CALLS}


@pytest.mark.parametrize("name", locks())
def test_a_lock_file_names_no_index_of_packages(name: str) -> None:
    text = locks()[name].read_text(encoding="utf-8")
    if locks()[name].name == "package-lock.json":
        packages = json.loads(text)["packages"]
        assert not [one for one in packages.values() if "resolved" in one]
        text = ""  # what is left of addresses there are those of makers
    assert "://" not in text
