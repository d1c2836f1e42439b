"""`imagekit prices`: what is known, who says it, and that unknown is not 0."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from imagekit import Client, Fact, Host, HostSettings, NoAuth, Offer, Plugins, Price, hookimpl
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.cli.known_prices import known_prices, priced_routes
from imagekit.settings.trust import Trust


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[str]]:
    """The rows of the table, by their first cell."""
    assert run(["prices", *arguments]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    return {row[0]: row[1:] for row in rows}


def test_a_price_stands_with_whose_list_it_is_and_how_old(capsys):
    rows = shown(capsys, "seedream-4.5")
    price, source, read, days, _ = rows["modelark:seedream-4.5"]
    assert price == "0.04 USD"
    assert source.startswith("https://docs.byteplus.com/")
    assert int(days) == (date.today() - date.fromisoformat(read)).days


def test_unknown_is_said_and_is_not_0(capsys):
    rows = shown(capsys)
    assert rows["token360:seedream-4.5"] == ["unknown", "", "", "", ""]
    assert "its answers say" in rows["openrouter:seedream-4.5"][-1]
    assert rows["openai:gpt-image-2"][0].startswith("1,000,000 tokens")
    assert not any(route.startswith("sandbox:") for route in rows)


def test_a_host_and_a_route_may_be_named(capsys):
    assert {*shown(capsys, "--host", "sandbox", "seedream-4.5")} == {
        "HOST:MODEL",
        "sandbox:seedream-4.5",
    }
    assert "sandbox:glm-image" in shown(capsys, "--host", "sandbox")
    assert len(shown(capsys, "fal:seedream-4.5")) == 2
    assert run(["prices", "--host", "nowhere"]) == exits.USAGE
    assert run(["prices", "seedream-4.6"]) == exits.USAGE


def test_an_alias_has_the_prices_of_its_hosts(capsys):
    path = Path("imagekit.toml")
    path.write_text('[models.poster]\nmodel = "seedream-4.5"\nhosts = ["fal", "modelark"]\n')
    Trust().note(path, path.read_bytes())
    assert {*shown(capsys, "poster")} - {"HOST:MODEL"} == {
        "fal:seedream-4.5",
        "modelark:seedream-4.5",
    }
    assert len(shown(capsys, "fal:poster")) == 2


def test_every_line_of_a_list_is_in_the_json(capsys):
    assert run(["prices", "gemini:nano-banana-2", "token360:seedream-4.5", "--json"]) == 0
    known, unknown = json.loads(capsys.readouterr().out)
    assert [rate["tier"] for rate in known["price"]["rates"]] == ["512", "1K", "2K", "4K"]
    assert (known["host"], known["model"]) == ("gemini", "nano-banana-2")
    assert (unknown["price"], unknown["age_days"]) == (None, None)


class Pond:
    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        price = Price("1", "USD", Fact("a page", "2026-01-01"), until="2026-02-01")
        offer = Offer("*", "*", "openai-images", price=price)
        return [Host("pond", "Pond", "https://pond.invalid", NoAuth(), (offer,))]


def test_what_a_list_does_not_speak_of_is_told(toys):
    settings = {"pond": HostSettings("https://mine.invalid", remote_ids={"lily-1": "mine"})}
    with Client(plugins=Plugins.of(toys, Pond()), environment={}, hosts=settings) as client:
        known = {one.route: one for one in known_prices(priced_routes(client), date(2026, 3, 1))}
    assert known["garden:lily-1"].price is None
    assert known["pond:lily-1"].days == 59
    assert known["pond:lily-1"].notes == (
        "the list is not of your own address",
        "the list is not of your own id",
        "the price known here was good until 2026-02-01",
    )
