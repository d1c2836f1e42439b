"""What proxies say of who asks, and how: believed of one's own, and of nobody else."""

from __future__ import annotations

import json
import logging
from ipaddress import ip_network
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from imagekit_gateway.gateway.forwarded import MOST_HOPS, address_of, scheme_of

OURS = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"), ip_network("fd00::/8"))


def request(remote: str, **headers: str) -> Any:
    told = {f"X-Forwarded-{name}": value for name, value in headers.items()}
    environ = {"REMOTE_ADDR": remote}
    return EnvironBuilder(headers=told, environ_overrides=environ).get_request()


@pytest.mark.parametrize(
    ("remote", "said", "who"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger says so
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.6, 198.51.100.1", "198.51.100.1"),  # the first is anybody's word
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", '198.51.100.1, "><script>', "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", " 198.51.100.1 ", "198.51.100.1"),
        ("10.0.0.1", ",".join(["192.0.2.1"] * 10_000), "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1," + ",".join(["10.0.0.2"] * MOST_HOPS), "10.0.0.2"),
    ],
)
def test_who_asks_is_the_first_who_is_no_proxy_of_ours(remote: str, said: str, who: str) -> None:
    assert address_of(request(remote, For=said), OURS) == who
    assert address_of(request(remote, For=said), ()) == remote


@pytest.mark.parametrize(
    ("remote", "said", "scheme"),
    [
        ("203.0.113.9", "https", "http"),
        ("127.0.0.1", "https", "https"),
        ("127.0.0.1", "HTTPS", "https"),
        ("127.0.0.1", "javascript", "http"),
        ("127.0.0.1", "https, http", "http"),
        ("127.0.0.1", "", "http"),
    ],
)
def test_how_they_ask_is_the_word_of_a_proxy_of_ours(remote: str, said: str, scheme: str) -> None:
    assert scheme_of(request(remote, Proto=said), OURS) == scheme


SAID = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https"}
FORGED = {"X-Forwarded-Host": "evil.example", "Forwarded": "for=192.0.2.1;host=evil.example"}


@pytest.mark.parametrize(
    ("proxies", "scheme", "who"),
    [((), "http", "127.0.0.1"), ((ip_network("127.0.0.1"),), "https", "198.51.100.1")],
)
def test_links_and_the_log_have_it_where_it_is_believed(
    serving: Any, caplog: Any, proxies: Any, scheme: str, who: str
) -> None:
    caplog.set_level(logging.INFO, "imagekit.gateway.audit")
    served = serving(proxies=proxies)
    made = served.generate(headers={**SAID, **FORGED})
    here = served.url.removeprefix("http")
    assert made.json["data"][0]["url"].startswith(f"{scheme}{here}/v1/images/")
    served.settle()
    (line,) = [json.loads(one.message) for one in caplog.records if "audit" in one.name]
    assert line["from"] == who


def test_a_stranger_s_headers_change_no_link_where_there_is_a_public_address(serving: Any) -> None:
    served = serving(public_url="https://images.example.com")
    made = served.generate(headers={**SAID, **FORGED, "X-Forwarded-Proto": "http"})
    assert made.json["data"][0]["url"].startswith("https://images.example.com/v1/images/")
