"""Failures on demand, and the rules that choose them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from imagekit_sandbox.serving import Rule, Scenario, Upstreams
from imagekit_sandbox.serving.faults.chooser import Chooser
from imagekit_sandbox.serving.kit.visit import Visit

POWERTOKENS = "powertokens/v1/images/generations"
TOKEN360 = "token360/v1/images/generations"


def test_a_fault_in_the_header_or_after_the_models_id(ask, path, order):
    by_header = ask("POST", path, order(path), X_Sandbox_Fault="429:7")
    suffixed = {**order(path), "model": f"{order(path)['model']}!429:7"}
    by_model = ask("POST", path, suffixed)
    assert by_header.status == by_model.status == 429
    assert by_header.headers["retry-after"] == by_model.headers["retry-after"] == "7"
    assert by_header.json() == by_model.json()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("492", "no fault '492'; did you mean 429?"),
        ("lots", "did you mean lost?"),
        ("429:soon", "429 takes seconds from 0 to 600, not 'soon'"),
        ("html:42", "html takes status from 200 to 599"),
        ("moderated-item:0", "takes which picture from 1 to 15"),
        ("expired:3", "expired takes no number"),
        ("moderated-item:2", "there is no picture 2: this request makes 1"),
        ("truncated-base64", "acts on pictures given as b64_json, not as url"),
    ],
)
def test_a_fault_that_cannot_act_is_refused_and_bills_nothing(refused, path, order, fault, words):
    assert words in refused(path, order(path), X_Sandbox_Fault=fault)["message"]


# --- rules and luck ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"times": "x"}, "times of a rule is a whole number, or None, not 'x'"),
        ({"after": 1.5}, "after of a rule is a whole number, not 1.5"),
        ({"probability": "1"}, "probability of a rule is a number"),
        ({"host": 5}, "host of a rule is a text, or None"),
        ({"operation": []}, "operation of a rule is a text"),
    ],
)
def test_a_rule_says_what_it_takes(options, says):
    with pytest.raises(ValueError, match=says):
        Rule("lost", **options)


@pytest.fixture
def outcomes(asking, order) -> Callable[..., list[int]]:
    """``outcomes(upstreams, count)``: how so many orders of one picture ended."""

    def outcomes(upstreams: Upstreams, count: int = 12) -> list[int]:
        ask = asking(upstreams)
        return [ask("POST", POWERTOKENS, order(POWERTOKENS)).status for _ in range(count)]

    return outcomes


def test_rules_apply_to_what_they_name(order, asking, outcomes):
    rules = [
        Rule("500", host="token360"),
        Rule("429:0", model="seedream-4-0-*", after=1, times=2),
        Rule("404", operation="models"),
    ]
    with Upstreams(rules) as upstreams:
        ask = asking(upstreams)
        assert outcomes(upstreams, 5) == [200, 429, 429, 200, 200]
        assert ask("POST", TOKEN360, order(TOKEN360)).status == 500
        assert ask("GET", "powertokens/v1/models").status == 404
        upstreams.reset()
        assert outcomes(upstreams, 4) == [200, 429, 429, 200]


def test_luck_repeats_with_its_seed(outcomes):
    rules = [Rule("503", probability=0.5)]
    with Upstreams(rules, seed=7) as one, Upstreams(rules, seed=8) as other:
        first = outcomes(one)
        one.reset()
        assert {*first} == {200, 503}
        assert outcomes(one) == first != outcomes(other)


@pytest.mark.parametrize("latency", ["uniform:0.1,0.5", "lognormal:0.8,0.4"])
def test_latencies_repeat_with_their_seed(latency):
    def drawn(seed: int) -> list[float]:
        chooser = Chooser(Scenario(latency=latency, seed=seed))
        return [chooser.latency() for _ in range(5)]

    assert drawn(7) == drawn(7) != drawn(8)
    assert len({*drawn(7)}) == 5
    assert min(drawn(7)) > 0


# --- a mistake of its own ----------------------------------------------------------------------


def test_a_mistake_in_a_dialect_is_said_in_words(ask, upstreams, order, monkeypatch, capsys):
    def broken(visit: object, order: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(Visit, "make", broken)
    answer = ask("POST", POWERTOKENS, order(POWERTOKENS))
    assert answer.status == 500
    words = "sandbox: a mistake of the sandbox itself: KeyError in test_faults.py, line "
    assert answer.json()["error"]["message"].startswith(words)
    assert [line.status for line in upstreams.journal.entries] == [500]
    assert "a mistake" in capsys.readouterr().err
