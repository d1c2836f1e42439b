"""Fetching pictures from links in answers: every link is hostile until proven otherwise."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from imagekit import Blob, Charged, DownloadError, Image, NotSent, events
from imagekit.send import download as downloads
from imagekit.send.download import GuardedTransport, fetch
from imagekit.send.sockets.public_addresses import is_public
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


def test_a_paid_picture_can_be_fetched_after_close_and_nothing_stays_open(garden, png):
    with Loopback() as server:
        answer = Answer(json={"data": [{"url": f"{server.url}/1.png"}]})
        server.script(answer, Answer(body=png))
        with garden(server.url) as client:
            image = client.generate("a lily", model="lily-1", fetch=False).image
        server.wait_for_closed()
        assert image.read() == png
        server.wait_for_closed()
        image = Image(0, image.url, host="garden")
        assert client.fetch(image).read() == png
        server.wait_for_closed()
        with pytest.raises(NotSent, match="closed"):
            client.generate("another", model="lily-1")
    assert [seen.method for seen in server.seen] == ["POST", "GET", "GET"]


def test_a_time_limit_is_for_all_redirects_together(get):
    """Each of them comes late, but in time if each had all of it."""
    late = Answer(302, headers={"Location": "/"}, delay=0.3)
    with Loopback(late) as server, pytest.raises(DownloadError, match="no answer came"):
        get(server.url, local=True, timeout=0.5)
    assert len(server.seen) < 6


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
        "[64:ff9b:1::10.0.0.1]",  # and behind a local one
        "[64:ff9b:1::169.254.169.254]",
        "[fec0::1]",  # site-local, as it once was
        "[::10.0.0.1]",  # IPv4-compatible
        "[::127.0.0.1]",
        "[::ffff:0:10.0.0.1]",  # IPv4 behind a stateless translator
        "[2606:4700::5efe:10.0.0.1]",  # IPv4 in ISATAP
        "[2606:4700::200:5efe:169.254.169.254]",
        "[5f00::1]",  # of segment routing
        "[3fff::1]",  # documentation
        "[2001:db8::1]",
        "[2001::1]",  # Teredo
        "[4000::1]",  # nobody's yet
        "[100::1]",  # discard
        "192.88.99.1",  # relays of 6to4
        "192.0.0.8",
        "198.18.0.1",
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
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_an_address_of_the_public_internet_is_allowed(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "link",
    [
        "https://a..b/x",
        f"https://{'l' * 64}.invalid/x",
        "HTTPS://[::1/x",
        "https://h:99999/x",
        "https://h:eighty/x",
        "https://./x",
        "https://exa mple.invalid/x",
        "https://\N{SNOWMAN}.invalid/x",
        "https://h\\@10.0.0.1/x",
        "https://nowhere.invalid/x",
        "https://h:0/x",
    ],
)
@pytest.mark.parametrize("redirected", [False, True])
def test_an_odd_link_is_a_download_error_and_nothing_else(get, link, redirected):
    location = link.encode().decode("latin-1")
    refused = pytest.raises(DownloadError)
    with Loopback(Answer(302, headers={"Location": location})) as server, refused as caught:
        get(server.url if redirected else link, local=redirected)
    assert caught.value.charged is Charged.YES


@pytest.mark.parametrize("around", ["{}", " {}", "{}\n", "\t {} "])
@pytest.mark.parametrize("scheme", ["http", "HTTP", "hTTp"])
def test_spaces_round_a_link_and_capitals_in_it_do_not_matter(get, png, around, scheme):
    with Loopback(Answer(body=png)) as server:
        link = around.format(server.url.replace("http", scheme) + "/1.png")
        assert get(link, local=True).read() == png
    assert [seen.path for seen in server.seen] == ["/1.png"]


def test_an_odd_link_costs_its_own_picture_alone(garden, png):
    with Loopback() as server:
        links = [f"{server.url}/0.png", "https://a..b/1.png", f"  {server.url}/2.png "]
        answer = Answer(json={"data": [{"url": link} for link in links]})
        server.script(answer, Answer(body=png))
        images = garden(server.url).generate("a lily", model="lily-1").images
    assert [image.error is None for image in images] == [True, False, True]
    assert [images[0].read(), images[2].read()] == [png, png]


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "127.0.0.1",
        "10.0.0.1",
        "[::1]",
        "[fec0::1]",
        "2852039166",
        "127.0.0.1.",
        "0x7f.1",
        "134744072",  # a public one, but not for everybody
        "1.2.3.4.5",
        "localhost",
        "intranet",
        "vault.internal:8200",
        "metadata.google.internal",
        "printer.local",
        "nas.home.arpa",
        "Wiki.CORP.",
    ],
)
def test_a_proxy_is_not_asked_for_what_is_not_public(get, monkeypatch, host):
    with Loopback(Answer(502)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(DownloadError, match="not a public address"):
            get(f"https://{host}/1.png")
    assert proxy.seen == []


def test_a_proxy_is_not_asked_for_a_name_that_is_at_a_private_address_here(get, monkeypatch):
    private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))]
    look_up = socket.getaddrinfo
    with Loopback(Answer(502)) as proxy:

        def resolved(host, *args, **options):
            return private if host == "cdn.example" else look_up(host, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(DownloadError, match=r"cdn.example is at 10.0.0.1"):
            get("https://cdn.example/1.png")
    assert proxy.seen == []


def test_a_name_that_is_unknown_here_is_the_proxys_to_look_up(get, monkeypatch):
    with Loopback(Answer(502)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(DownloadError, match="proxy"):
            get("https://pictures.invalid/1.png")
    assert {seen.path for seen in proxy.seen} == {"pictures.invalid:443"}


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


@pytest.mark.parametrize(
    "trouble", [Answer(429), Answer(500), Answer(503), Answer(cut=0), Answer(cut=30)]
)
def test_a_download_is_free_so_trouble_is_tried_again(garden, naps, png, trouble):
    with Loopback() as server:
        broken = Answer(trouble.status, body=png, cut=trouble.cut)
        answer = Answer(json={"data": [{"url": f"{server.url}/1.png"}]})
        server.script(answer, broken, Answer(body=png))
        assert garden(server.url).generate("a lily", model="lily-1").image.read() == png
    assert len(naps) == 1


@pytest.mark.parametrize("trouble", [Answer(429), Answer(500), Answer(cut=0), Answer(cut=30)])
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
