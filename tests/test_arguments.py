"""Slips in what a client is made of and asked for are told in a sentence, where they are made."""

from __future__ import annotations

import pytest

from imagekit import Client, UsageError
from imagekit.testing import Answer, Loopback


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"sinks": print}, r"give a list, sinks=\[print\]"),
        ({"observers": [5]}, "observers are functions, and 5 is none"),
        ({"journal": "paid"}, r"FileJournal\('paid'\)"),
        ({"journal": object()}, "sending, accepted, answered, kept and ended"),
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
