"""Aliases, their defaults, and the one line that switches the provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagekit import (
    Alias,
    Client,
    Config,
    HostSettings,
    Plugins,
    SecretReference,
    UnknownModel,
    UsageError,
    hookimpl,
)
from imagekit.testing import Answer, Loopback

# --- one line switches the provider ----------------------------------------------------------


def program(path: Path, roses: Any) -> Any:
    """A program of somebody who knows nothing of hosts."""
    with Client(config=path, plugins=Plugins.of(roses), environment={}) as client:
        return client.generate("a rose", model="poster")


def test_one_line_switches_the_provider_and_no_line_of_code(toml, roses, tmp_path, drawn):
    with Loopback(Answer(json=drawn)) as first, Loopback(Answer(json=drawn)) as second:
        (tmp_path / "key").write_text("key-of-both\n")
        text = f"""
            [models.poster]
            model = "rose-1"
            hosts = ["meadow"]

            [hosts.meadow]
            base_url = "{first.url}"
            credential = {{ file = "key" }}

            [hosts.field]
            base_url = "{second.url}"
            credential = {{ file = "key" }}
        """
        before = program(toml(text), roses)
        after = program(toml(text.replace('hosts = ["meadow"]', 'hosts = ["field"]')), roses)
        assert (before.host, after.host) == ("meadow", "field")
        assert [len(server.seen) for server in (first, second)] == [1, 1]
        assert second.seen[0].headers["authorization"] == "Bearer key-of-both"
        assert second.seen[0].json["model"] == "rose-of-field"


# --- aliases and defaults --------------------------------------------------------------------


POSTER = """
[models.poster]
model = "meadow:rose-1"
defaults = { size = "2K", watermark = false, options = { thorns = 3 }, native = { style = "x" } }
"""


def given(plan: Any) -> dict[str, tuple[Any, str]]:
    return {line.parameter: (line.value, line.by) for line in plan.receipt.lines}


def test_the_receipt_tells_what_an_alias_gave(client, toml):
    plan = client(toml(POSTER)).plan("a rose", model="poster", seed=7, options={"scent": "tea"})
    assert given(plan) == {
        "model": ("poster", "caller"),
        "prompt": ("a rose", "caller"),
        "size": ("2K", "alias"),
        "watermark": (False, "alias"),
        "seed": (7, "caller"),
        "thorns": (3, "alias"),
        "scent": ("tea", "caller"),
        "native.style": ("x", "alias"),
    }
    body = json.loads(plan.request.body.read())
    assert (body["model"], body["watermark"], body["style"]) == ("rose-of-meadow", False, "x")


def test_what_the_caller_gives_wins_over_an_alias(client, toml):
    plan = client(toml(POSTER)).plan(
        "x", model="poster", watermark=True, options={"thorns": 0}, native={"style": "y"}
    )
    told = given(plan)
    assert told["watermark"] == (True, "caller")
    assert told["thorns"] == (0, "caller")
    assert told["native.style"] == ("y", "caller")


def test_a_default_picture_is_sent_unless_the_caller_says_that_there_is_none(client, toml):
    text = """
        [models.poster]
        model = "meadow:rose-1"
        defaults = { image = ["https://pictures.example/ours.png"] }
    """
    roses = client(toml(text))
    plan = roses.plan("x", model="poster")
    assert given(plan)["image"] == (["https://pictures.example/ours.png"], "alias")
    assert json.loads(plan.request.body.read())["image"] == "https://pictures.example/ours.png"
    plan = roses.plan("x", model="poster", image=[])
    assert given(plan)["image"] == ([], "caller")
    assert "image" not in json.loads(plan.request.body.read())


@pytest.mark.parametrize(
    ("default", "asked", "sent"),
    [
        ('size = "2K"', {"ratio": "16:9"}, "2560x1440"),  # they go together
        ('size = "2K"', {"size": "1024x768"}, "1024x768"),
        ('resolution = "2K"', {"size": "1K"}, "1K"),  # they contradict: the caller's counts
        ('ratio = "16:9"', {"size": "2048x2048"}, "2048x2048"),
        ('size = "2560x1440"', {"ratio": "1:1", "resolution": "2K"}, "2048x2048"),
    ],
)
def test_a_default_shape_gives_way_to_the_callers_where_they_differ(
    client, toml, default, asked, sent
):
    text = f'[models.poster]\nmodel = "meadow:rose-1"\ndefaults = {{ {default} }}'
    plan = client(toml(text)).plan("x", model="poster", **asked)
    assert plan.problems == ()
    assert json.loads(plan.request.body.read())["size"] == sent


def test_an_alias_of_an_alias_adds_to_it_and_counts_first(client):
    config = Config(
        models={
            "big": Alias("rose-1", ("field",), {"size": "2K", "seed": 1}),
            "poster": Alias("big", ("meadow",), {"seed": 2}),
        }
    )
    plan = client(config).plan("x", model="poster")
    assert plan.host == "meadow"
    assert given(plan)["seed"] == (2, "alias")
    assert given(plan)["size"] == ("2K", "alias")


def test_a_host_before_an_alias_wins_over_the_aliass_own(client, toml):
    assert client(toml(POSTER)).plan("x", model="field:poster").host == "field"


def test_the_first_host_of_an_alias_that_has_a_key_is_asked(client):
    config = Config(models={"poster": Alias("rose-1", ("meadow", "field"))})
    assert client(config, credentials={"field": "k"}).route("poster").host.name == "field"
    assert client(config, credentials={"field": "k", "meadow": "k"}).route("poster").host.name == (
        "meadow"
    )


def test_the_default_model_is_for_calls_that_name_none(client, toml):
    plan = client(toml(f'default_model = "poster"\n{POSTER}')).plan("a rose")
    assert (plan.model, plan.host) == ("rose-1", "meadow")
    assert given(plan)["model"] == ("poster", "configuration")


def test_without_a_model_and_a_default_one_the_call_says_what_to_do(client):
    with pytest.raises(UsageError, match="set default_model"):
        client().generate("a rose")


def test_a_misspelt_alias_is_met_with_the_one_that_is_there(client, toml):
    with pytest.raises(UnknownModel, match="did you mean poster") as caught:
        client(toml(POSTER)).generate("a rose", model="postr")
    assert caught.value.nearest[0] == "poster"


def test_on_unsupported_comes_from_the_call_then_the_alias_then_the_top(client):
    config = Config(
        on_unsupported="drop",
        models={"strict": Alias("meadow:rose-1", defaults={"on_unsupported": "error"})},
    )
    make = client(config)
    assert make.plan("x", model="meadow:rose-1", user="u").problems == ()
    assert make.plan("x", model="strict", user="u").problems != ()
    assert make.plan("x", model="strict", user="u", on_unsupported="drop").problems == ()


def test_prefer_decides_between_hosts(client, toml):
    path = toml('prefer = ["field", "meadow"]')
    keys = {"meadow": "k", "field": "k"}
    assert client(path, credentials=keys).route("rose-1").host.name == "field"
    assert client(path, credentials=keys, prefer=["meadow"]).route("rose-1").host.name == "meadow"


def test_a_host_that_is_passed_over_is_told_on_the_plan_the_result_and_the_receipt(client, drawn):
    with Loopback(Answer(json=drawn)) as server:
        config = Config(
            models={"roses": Alias("rose-1", hosts=("meadow", "field"))},
            hosts={
                "meadow": HostSettings(credential=SecretReference(env="TEAM_KEY")),
                "field": HostSettings(base_url=server.url),
            },
        )
        made = client(config, environment={"FIELD_API_KEY": "f"})
        said = "meadow has no key (TEAM_KEY); field is asked"
        assert said in made.plan("a rose", model="roses").notes
        result = made.generate("a rose", model="roses")
    assert said in result.notes
    assert said in result.receipt["model"].note


def test_a_policy_that_changes_the_call_does_not_lose_that(client, roses):
    class Polite:
        @hookimpl
        def imagekit_prepare_call(self, call):
            return call.change(prompt=f"please, {call.prompt}")

    made = client(
        Config(models={"roses": Alias("rose-1", hosts=("meadow", "field"))}),
        environment={"FIELD_API_KEY": "f"},
        plugins=Plugins.of(roses, Polite()),
    )
    plan = made.plan("a rose", model="roses")
    assert plan.notes.count("meadow has no key (MEADOW_API_KEY); field is asked") == 1


@pytest.mark.parametrize("model", ["field:roses", "rose-1"])
def test_nobody_is_passed_over_where_the_caller_names_the_host_or_nothing_is_preferred(
    client, model
):
    made = client(
        Config(models={"roses": Alias("rose-1", hosts=("meadow", "field"))}),
        environment={"FIELD_API_KEY": "f"},
    )
    assert not [note for note in made.plan("a rose", model=model).notes if "no key" in note]
