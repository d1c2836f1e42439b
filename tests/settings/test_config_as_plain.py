"""A configuration as plain data, and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imagekit import (
    Alias,
    AnyOf,
    Budget,
    Config,
    Cost,
    HostSettings,
    InvalidConfiguration,
    Problem,
    SecretReference,
    from_plain,
    to_plain,
)

FULL = Config(
    default_model="poster",
    prefer=["token360"],
    models={"poster": Alias(AnyOf(("a", "b"), {"n": 4}), budget=Budget("5", "USD"))},
    hosts={
        "token360": HostSettings(
            headers={"X-Team": "ponds", "X-Key": SecretReference(env="POND")},
            credential={"api_key": SecretReference(file="/run/key")},
            rpm=4,
        )
    },
    budget=Budget("20", "USD", "month"),
    unknown_price=Cost("0.05", "USD"),
    store={"url": SecretReference(env="STORE"), "names": ("a", "b"), "lease": 30},
)


@pytest.mark.parametrize("config", [Config(), FULL], ids=["empty", "full"])
def test_a_configuration_comes_back(config: Config) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(config))), Config) == config


def test_where_it_was_read_from_is_left_behind() -> None:
    plain = to_plain(Config(default_model="poster", path=Path("imagekit.toml")))
    assert "path" not in plain
    assert from_plain(plain, Config) == Config(default_model="poster")


@pytest.mark.parametrize(
    "config",
    [
        Config(problems=(Problem("log", "names no file"),)),
        Config(found="nobody has trusted it"),
        Config(withheld=(("hosts", "token360"),)),
    ],
    ids=["problems", "found", "withheld"],
)
def test_what_keeps_it_from_being_used_is_not_lost_on_the_way(config: Config) -> None:
    """Else it would come back as one that may be used."""
    with pytest.raises(InvalidConfiguration, match="no such key"):
        from_plain(to_plain(config), Config)


def test_a_price_as_plain_data_is_a_price() -> None:
    with pytest.raises(InvalidConfiguration, match=r"unknown_price\.euros: no such key"):
        from_plain({"unknown_price": {"euros": "1"}}, Config)
