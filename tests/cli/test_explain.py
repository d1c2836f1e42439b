"""`imagekit config explain`: what an alias means, whom it would ask, and what happens then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imagekit.cli import exits
from imagekit.cli.app import run

CONFIG = """\
budget = "20 USD/month"

[models.poster]
model = "seedream-4.5"
hosts = ["token360", "powertokens", "fal"]
failover = true
budget = "5 USD/day"
defaults = { resolution = "2K", watermark = false }

[models.wide]
model = "poster"
defaults = { ratio = "16:9" }
balance = "least-busy"

[models.many]
model = { any = ["poster", "sandbox:glm-image"], where = { resolution = "2K" } }

[hosts.powertokens]
rpm = 60
at_once = 4
budget = "1 USD"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMAGEKIT_CONFIG", "mine.toml")
    monkeypatch.setenv("POWERTOKENS_API_KEY", "sk-of-powertokens")
    Path("mine.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def explained(capsys):
    def explain(alias: str, code: int = 0):
        assert run(["config", "explain", alias, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return explain


def test_every_layer_says_from_where_it_is_and_what_it_adds(explained):
    told = explained("wide")
    outer, inner = told["layers"]
    assert (outer["alias"], outer["means"], outer["table"]) == ("wide", "poster", "models.wide")
    assert (inner["alias"], inner["file"]) == ("poster", "mine.toml")
    assert (inner["failover"], inner["budget"]) == (True, "5 USD/day")
    assert told["defaults"] == {"resolution": "2K", "watermark": False, "ratio": "16:9"}
    assert told["budget"] == "20 USD/month"
    assert told["unknown_price"] == "refuse"


def test_candidates_have_keys_prices_limits_and_why(explained):
    asked, *others = explained("poster")["candidates"]
    assert (asked["host"], asked["answer"]) == ("powertokens", "asked")
    assert asked["key"] == "environment (POWERTOKENS_API_KEY)"
    assert (asked["rpm"], asked["at_once"], asked["budget"]) == (60, 4, "1 USD")
    assert asked["price"].startswith("0.038 USD")
    assert [(one["host"], one["why"]) for one in others] == [
        ("token360", "it has no key"),
        ("fal", "it has no key"),
    ]
    assert "FAL_KEY" in others[1]["key_advice"]


def test_what_happens_on_failure_depends_on_who_is_left(explained, monkeypatch):
    assert "no other host" in explained("poster")["then"][-1]
    monkeypatch.setenv("TOKEN360_API_KEY", "sk-of-token360")
    told = explained("wide")
    assert told["then"][0].endswith("the one with the least to do is asked")
    assert "the next is asked" in told["then"][-1]
    path = Path("mine.toml")
    ordered = CONFIG.replace("failover = true", 'balance = "order"')
    path.write_text(ordered)
    assert explained("poster")["then"][0] == "nobody is asked now: a budget refuses it"
    path.write_text('unknown_price = "0.05 USD"\n' + ordered)
    told = explained("poster")["then"]
    assert "neither rests" in told[0]
    assert "failover is off" in told[1]


def test_any_of_several_models_has_the_candidates_of_each(explained):
    told = explained("many")
    assert told["layers"][0]["means"] == "any of poster, sandbox:glm-image"
    assert {one["host"] for one in told["candidates"]} >= {"powertokens", "sandbox"}
    assert told["candidates"][0]["answer"] == "asked"
    path = Path("mine.toml")
    path.write_text(CONFIG.replace('where = { resolution = "2K" }', "where = { references = 99 }"))
    assert explained("many")["then"] == ["none of them takes a request with nothing but a prompt"]


def test_where_nobody_can_be_asked_it_says_why(explained, monkeypatch, here):
    monkeypatch.delenv("IMAGEKIT_CONFIG")
    Path("mine.toml").rename("imagekit.toml")
    told = explained("poster", exits.CONFIGURATION)
    assert "until you trust it" in told["refused"]


def test_it_is_told_to_people(capsys):
    assert run(["config", "explain", "wide"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("wide: an alias of poster (models.wide in mine.toml)\n")
    assert "\npowertokens\tseedream-4.5\tasked\tenvironment (POWERTOKENS_API_KEY)\t" in out
    assert "\trpm 60, at_once 4, budget 1 USD\t" in out
    assert "in all 20 USD/month may be spent" in out
    assert run(["config", "explain", "postre"]) == exits.USAGE
    assert "did you mean" in capsys.readouterr().err


def test_a_refusal_is_told_to_people(capsys, monkeypatch):
    monkeypatch.delenv("IMAGEKIT_CONFIG")
    Path("mine.toml").rename("imagekit.toml")
    assert run(["config", "explain", "poster"]) == exits.CONFIGURATION
    assert "nobody would be asked: " in capsys.readouterr().out


def test_an_address_that_is_withheld_is_told_of_the_candidate(explained, monkeypatch, capsys):
    monkeypatch.delenv("IMAGEKIT_CONFIG")
    monkeypatch.setenv("TOKEN360_API_KEY", "sk-of-token360")
    Path("imagekit.toml").write_text(
        '[models.poster]\nmodel = "seedream-4.5"\nhosts = ["powertokens", "token360"]\n'
        '[hosts.token360]\nbase_url = "https://stranger.example"\n'
    )
    one, other = (
        next(told for told in explained("poster")["candidates"] if told["host"] == host)
        for host in ("powertokens", "token360")
    )
    assert one["withheld"] is None
    assert "imagekit config trust" in other["withheld"]
    assert "stranger" not in other["address"]
    run(["config", "explain", "poster"])
    assert (
        "(what imagekit.toml says of it is withheld, an address too, until"
        in capsys.readouterr().out
    )
