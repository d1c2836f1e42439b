"""``[gateway]``: what may stand there, and what is said of what may not."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from imagekit import Config, InvalidConfiguration
from imagekit_gateway.gateway.settings import Settings, settings_of


@pytest.mark.parametrize(
    ("key", "given", "meant"),
    [
        ("listen", "[::1]:8700", "[::1]:8700"),
        ("public_url", "https://images.example.com/", "https://images.example.com"),
        ("proxies", ("127.0.0.1", "fd00::/8"), (ip_network("127.0.0.1"), ip_network("fd00::/8"))),
        ("drain", 30, 30.0),
        ("most_body", "1 GiB", 1 << 30),
        ("most_body", "300kib", 300 << 10),
        ("cors", ("https://app.example.com",), ("https://app.example.com",)),
        ("cors", ("*",), ("*",)),
    ],
)
def test_what_stands_there_means_this(key: str, given: Any, meant: Any) -> None:
    assert getattr(settings_of(Config(gateway={key: given})), key) == meant


@pytest.mark.parametrize(
    ("key", "given", "why"),
    [
        ("listen", "8700", "must be an address and a port, such as 127.0.0.1:8700"),
        ("listen", 8700, "must be a text"),
        ("public_url", "images.example.com", "must be an address such as https://"),
        ("public_url", "https://images.example.com?a=b", "must be an address such as https://"),
        ("proxies", "127.0.0.1", "must be a list of addresses, such as"),
        ("proxies", ("here",), "must be a list of addresses, such as"),
        ("proxies", (1,), "must be a list of addresses, such as"),
        ("proxies", ("10.0.0.1/8",), "must be a list of addresses, such as"),
        ("threads", 0, "must be a whole number from 1 to 4,096"),
        ("workers", True, "must be a whole number from 1 to 256"),
        ("deadline", -1, "must be a number of seconds, up to 86,400"),
        ("drain", "60", "must be a number of seconds, up to 86,400"),
        ("most_body", 1000, 'must be a size such as "256 MiB"'),
        ("most_body", "0 MiB", 'must be a size such as "256 MiB"'),
        ("response_format", "png", "must be url or b64_json"),
        ("default_model", "", "must be a text"),
        ("cors", "https://app.example.com", "must be a list of origins"),
        ("private_links", 1, "must be true or false"),
        ("lisen", "127.0.0.1:1", "no such key; did you mean listen?"),
        ("zzz", 1, "no such key; known are listen, public_url"),
    ],
)
def test_what_may_not_stand_there_is_told_with_its_place(key: str, given: Any, why: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        settings_of(Config(gateway={key: given}))
    (problem,) = refused.value.problems
    assert problem.field == f"gateway.{key}"
    assert problem.message.startswith(why)


def test_where_nothing_stands_there_is_a_default() -> None:
    assert settings_of(Config()) == Settings()
