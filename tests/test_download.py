"""Fetching pictures from links in answers: every link is hostile until proven otherwise."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from imagekit import (
    Blob,
    Charged,
    DownloadError,
    download as downloads,
    events,
)
from imagekit.download import GuardedTransport, fetch
from imagekit.testing import Answer, Loopback

Fetch = Callable[..., Blob]


@pytest.fixture
def get() -> Iterator[Fetch]:
    """``get(url, local=False)``: fetch as a client does, and close the connections."""
    transports: list[GuardedTransport] = []

    def get(url: str, *, local: bool = False, **how: object) -> Blob:
        transports.append(GuardedTransport(2, local=local, read_timeout=5.0))
        return fetch(transports[-1].send, url, local=local, **how)  # type: ignore[arg-type]

    yield get
    for transport in transports:
        transport.close()


# --- what works ------------------------------------------------------------------------------


def test_a_link_that_is_left_alone_is_fetched_at_first_use_and_only_once(garden, png):
    with Loopback() as server:
        link = f"{server.url}/1.png?signature=s"
        server.script(Answer(json={"data": [{"url": link}]}), Answer(body=png))
        image = garden(server.url).generate("a lily", model="lily-1", fetch=False).image
        assert len(server.seen) == 1
        assert image.read() == image.open().read() == png
        assert (image.url, image.media_type, image.pixels) == (link, "image/png", (2, 1))
    assert [seen.path for seen in server.seen[1:]] == ["/1.png?signature=s"]


def test_no_credential_is_sent_to_a_link(garden, png):
    """Not even to the host's own origin: a link carries its own permission."""
    with Loopback() as server:
        answer = Answer(json={"data": [{"url": f"{server.url}/1.png"}]})
        server.script(answer, Answer(body=png))
        garden(server.url).generate("a lily", model="lily-1").image.read()
    call, download = server.seen
    assert "key-of-the-garden" in call.headers["authorization"]
    assert {"authorization", "cookie"}.isdisjoint(download.headers)
    assert "key-of-the-garden" not in str(download)


def test_user_and_password_in_a_link_are_not_used(get, png):
    with Loopback(Answer(body=png)) as server:
        get(server.url.replace("://", "://ann:secret@") + "/1.png", local=True)
    assert "authorization" not in server.seen[0].headers


def test_redirects_are_followed(get, png):
    with Loopback(
        Answer(302, headers={"Location": "/second"}),
        Answer(307, headers={"Location": "third?x=1"}, body=b"moved"),
        Answer(body=png),
    ) as server:
        assert get(f"{server.url}/first", local=True).read() == png
    assert [seen.path for seen in server.seen] == ["/first", "/second", "/third?x=1"]


def test_observers_of_a_download_do_not_see_the_signature_of_its_link(garden, png):
    seen: list[events.Event] = []
    with Loopback() as server:
        answer = Answer(json={"data": [{"url": f"{server.url}/1.png?signature=s"}]})
        server.script(answer, Answer(body=png))
        garden(server.url, observers=[seen.append]).generate("x", model="lily-1")
    assert [type(event) for event in seen if event.step == "download"] == [
        events.Sending,
        events.Received,
    ]
    assert "signature" not in str(seen)


# --- links that are not followed -------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/1.png",
        "file:///etc/passwd",
        "ftp://example.org/1.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "gopher://example.org/",
        "javascript:alert(1)",
        "//example.org/1.png",
        "/etc/passwd",
        "https:///1.png",
        "https://[::1",
        "",
    ],
)
@pytest.mark.parametrize("local", [True, False])
def test_a_link_that_is_not_https_is_refused(get, link, local):
    with pytest.raises(DownloadError, match="not https") as caught:
        get(link, local=local)
    assert (caught.value.retryable, caught.value.charged) == (False, Charged.YES)


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",  # private
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # shared by a carrier's customers
        "169.254.169.254",  # link-local: the metadata service of clouds
        "0.0.0.0",
        "224.0.0.1",  # multicast
        "255.255.255.255",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",  # IPv4 in IPv6
        "[2002:0a00:0001::1]",  # IPv4 in 6to4
        "[64:ff9b::10.0.0.1]",  # IPv4 behind NAT64
        "167772161",  # 10.0.0.1 as one number
        "0x0a000001",
        "012.0.0.1",
    ],
)
@pytest.mark.parametrize("local", [True, False])
def test_a_link_to_an_address_that_is_not_public_is_refused(get, host, local):
    with pytest.raises(DownloadError, match="not a public address"):
        get(f"https://{host}:1/1.png", local=local)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_off_limits_before_any_connection(get, host):
    with Loopback() as server:
        port = server.url.rpartition(":")[2]
        with pytest.raises(DownloadError, match="not a public address"):
            get(f"https://{host}:{port}/1.png")
        assert server.connections == 0


def test_another_address_of_a_host_is_tried_when_the_first_does_not_answer(get, png, monkeypatch):
    """As with an IPv6 address on a network that has only IPv4."""
    with Loopback(Answer(body=png)) as server:
        port = int(server.url.rpartition(":")[2])
        both = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: resolved(host, both))
        assert get(f"http://localhost:{port}/a.png", local=True).read() == png


def resolved(host, found):
    """What a resolver says: an address is its own answer, a name has several."""
    return found if host == "localhost" else [entry for entry in found if entry[4][0] == host]


def test_a_host_on_loopback_may_link_to_loopback_but_not_beyond(garden, png):
    with Loopback() as server:
        server.script(Answer(json={"data": [{"url": "https://10.0.0.1/1.png"}]}))
        image = garden(server.url).generate("a lily", model="lily-1").image
        with pytest.raises(DownloadError, match="not a public address"):
            image.read()


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://example.org/1.png", "not https"),
        ("https://10.0.0.1/1.png", "not a public address"),
        ("file:///etc/passwd", "not https"),
        ("https://[::1", "not https"),
    ],
)
def test_a_redirect_to_where_no_link_may_lead_is_refused(get, location, why):
    with Loopback(Answer(302, headers={"Location": location})) as server:
        with pytest.raises(DownloadError, match=why):
            get(server.url, local=True)
        assert len(server.seen) == 1


@pytest.mark.parametrize("headers", [{"Location": "/"}, {}])
def test_a_redirect_without_end_is_given_up(get, headers):
    with Loopback(Answer(302, headers=headers)) as server:
        with pytest.raises(DownloadError, match="more than 5 redirects"):
            get(server.url, local=True)
        assert len(server.seen) == 6


# --- answers that are no picture -------------------------------------------------------------


def test_a_page_instead_of_a_picture_is_refused(get):
    page = Answer(body=b"<!doctype html><p>log in", headers={"Content-Type": "text/html"})
    with Loopback(page) as server, pytest.raises(DownloadError, match="leads to text/html"):
        get(server.url, local=True)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_expired_link_says_so_without_its_signature(get, status):
    expired = pytest.raises(DownloadError, match=f"HTTP {status}; the link may have expired")
    with Loopback(Answer(status, body=b"<Error>expired</Error>")) as server, expired as caught:
        get(f"{server.url}/1.png?signature=s", local=True)
    assert (caught.value.retryable, caught.value.charged) == (False, Charged.YES)
    assert caught.value.url == f"{server.url}/1.png"
    assert "signature" not in str(caught.value)


def test_a_picture_over_the_cap_is_given_up(get, png, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 1_000)
    larger = pytest.raises(DownloadError, match="larger than 1,000 bytes")
    with Loopback(Answer(body=png + bytes(2_000))) as server, larger:
        get(server.url, local=True)


def test_giving_up_a_large_picture_leaves_no_open_file_behind(get, png, monkeypatch):
    """From a megabyte on a picture is in a temporary file; an unclosed one would warn here."""
    monkeypatch.setattr(downloads, "MOST_BYTES", 2 << 20)
    larger = pytest.raises(DownloadError, match="larger")
    with Loopback(Answer(body=png + bytes(3 << 20))) as server, larger:
        get(server.url, local=True)


# --- trouble on the way: the picture is made and paid for, so all of it is a DownloadError ---


@pytest.mark.parametrize("trouble", [Answer(500), Answer(503), Answer(cut=0), Answer(cut=30)])
def test_a_download_is_free_so_trouble_is_tried_again(garden, naps, png, trouble):
    with Loopback() as server:
        broken = Answer(trouble.status, body=png, cut=trouble.cut)
        answer = Answer(json={"data": [{"url": f"{server.url}/1.png"}]})
        server.script(answer, broken, Answer(body=png))
        assert garden(server.url).generate("a lily", model="lily-1").image.read() == png
    assert len(naps) == 1


@pytest.mark.parametrize("trouble", [Answer(500), Answer(cut=0), Answer(cut=30)])
def test_trouble_that_stays_is_a_download_error_of_a_paid_picture(garden, png, trouble):
    with Loopback() as server:
        broken = Answer(trouble.status, body=png, cut=trouble.cut)
        server.script(Answer(json={"data": [{"url": f"{server.url}/1.png"}]}), broken)
        image = garden(server.url).generate("a lily", model="lily-1").image
        with pytest.raises(DownloadError) as caught:
            image.read()
    assert (caught.value.retryable, caught.value.charged) == (True, Charged.YES)
    assert len(server.seen) == 1 + 4


def test_a_link_to_nobody_is_a_download_error_of_a_paid_picture(garden, naps):
    with Loopback() as gone:
        pass
    with Loopback(Answer(json={"data": [{"url": f"{gone.url}/1.png"}]})) as server:
        image = garden(server.url).generate("a lily", model="lily-1").image
        with pytest.raises(DownloadError, match="no connection") as caught:
            image.read()
    assert caught.value.charged is Charged.YES
    assert len(naps) == 3


def test_a_slow_drip_is_stopped_after_a_while_whoever_waits(garden, png, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_SECONDS", 0.05)
    with Loopback() as server:
        drip = Answer(body=png * 50, drip=0.002)
        server.script(Answer(json={"data": [{"url": f"{server.url}/1.png"}]}), drip)
        client = garden(server.url)
        result = client.generate("a lily", model="lily-1")
        with pytest.raises(DownloadError, match=r"was not fetched in time") as caught:
            result.image.read()
    assert (caught.value.retryable, caught.value.charged) == (True, Charged.YES)
