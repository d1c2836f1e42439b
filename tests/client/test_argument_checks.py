"""Slips in what a client is made of and asked for are told in a sentence, where they are made."""

from __future__ import annotations

import pytest

from imagekit import (
    Alias,
    AnyOf,
    Client,
    Config,
    Cost,
    FileJournal,
    HostSettings,
    InvalidConfiguration,
    UsageError,
)
from imagekit.testing import Answer, Loopback


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"sinks": print}, r"give a list, sinks=\[print\]"),
        ({"observers": [5]}, "observers are functions, and 5 is none"),
        ({"journal": "paid"}, r"FileJournal\('paid'\)"),
        ({"journal": object()}, "sending, accepted, answered, kept, left and ended"),
        ({"hosts": {"sandbox": {"base_url": "x"}}}, "is a HostSettings"),
    ],
)
def test_what_a_client_can_not_be_made_of(options, why):
    with pytest.raises(UsageError, match=why):
        Client(environment={}, **options)


def test_a_result_is_no_job(garden, drawn):
    """`begin` gives either."""
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url)
        result = client.begin("a lily", model="lily-1")
        for ask in (client.look, client.resume):
            with pytest.raises(UsageError, match="is a Result already"):
                ask(result)
        with pytest.raises(UsageError, match="is a Pending"):
            client.resume("7")


def test_only_a_picture_is_fetched(garden):
    with Loopback() as server, pytest.raises(UsageError, match="is an Image"):
        garden(server.url).fetch("https://pictures.invalid/1.png")


@pytest.mark.parametrize("seconds", [0, -1, "15", True, float("nan")])
def test_a_heart_beats_at_some_rate(garden, seconds):
    with Loopback() as server, pytest.raises(UsageError, match="above 0"):
        garden(server.url).stream("a lily", model="lily-1", heartbeat=seconds)


def test_settings_in_a_dict_are_refused_without_showing_what_is_in_it():
    settings = {"headers": {"Authorization": "Bearer sk-mine"}}
    with pytest.raises(UsageError) as caught:
        Client(hosts={"sandbox": settings})
    assert "HostSettings(...), not of type dict" in str(caught.value)
    assert "sk-mine" not in str(caught.value)


def test_the_class_of_a_journal_is_none():
    with pytest.raises(UsageError, match="a journal has the methods sending"):
        Client(journal=FileJournal)


@pytest.mark.parametrize("seconds", [float("inf"), float("nan")])
def test_a_stream_is_not_silent_for_longer_than_a_thread_can_wait(seconds):
    with Client() as client, pytest.raises(UsageError, match="heartbeat is a number of seconds"):
        client.stream("x", model="sandbox:seedream-4.5", heartbeat=seconds)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"base_url": 5}, "base_url of HostSettings is a text, not of type int"),
        ({"headers": ["sk-mine"]}, "headers of HostSettings is a mapping by name, not of type"),
        ({"read_timeout": "x"}, "read_timeout of HostSettings is a number of seconds"),
        ({"connect_timeout": True}, "not of type bool"),
    ],
)
def test_settings_of_a_host_say_what_they_take(options, says):
    with pytest.raises(UsageError, match=says):
        HostSettings(**options)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: Config(models={"p": "seedream-4.0"}),
            r"models\['p'\] of Config is of type Alias, not",
        ),
        (
            lambda: Config(hosts={"p": {"rpm": 1}}),
            r"hosts\['p'\] of Config is of type HostSettings",
        ),
        (lambda: Config(models=["p"]), "models of Config is a mapping by name, not of type list"),
        (
            lambda: Alias({"any": ["a"]}),
            r"model of Alias is a text, or AnyOf\(any=.*not of type dict",
        ),
        (lambda: Alias("a", defaults="2K"), "defaults of Alias is a mapping by name of parameters"),
        (lambda: AnyOf("a", "2K"), "where of AnyOf is a mapping by name of parameters"),
    ],
)
def test_a_configuration_made_by_hand_says_what_it_takes(make, says):
    with pytest.raises(UsageError, match=says):
        make()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {"unknown_price": "0.03 USD"},
            r'unknown_price: must be an amount .*: Cost\("0.05", "USD"\)',
        ),
        ({"unknown_price": Cost("0.03")}, "unknown_price: must be an amount with its currency"),
        (
            {"models": {"p": Alias("seedream-4.5", failover="no")}},
            "models.p.failover: must be true or false",
        ),
    ],
)
def test_what_would_be_bought_by_mistake_is_refused_when_the_client_is_made(config, says):
    with pytest.raises(InvalidConfiguration, match=says):
        Client(config=Config(**config))
