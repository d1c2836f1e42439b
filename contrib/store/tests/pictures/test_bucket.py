"""What is different of a bucket: its address, its credentials, and all that a network does."""

from __future__ import annotations

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from collections.abc import Callable, Iterator
from threading import Thread

import obstore
import pytest

from imagekit import Blob, ConfigurationError
from imagekit.testing import picture
from imagekit_store.pictures import Pictures, pictures_at
from imagekit_store.pictures.bucket import Bucket

LILY = Blob.of(picture(3, 2))


def bucket_of(pictures: Pictures) -> Bucket:
    assert isinstance(pictures.place, Bucket)
    return pictures.place


@pytest.mark.parametrize(
    ("url", "bucket"),
    [
        ("s3://pond", Bucket("pond")),
        ("S3://pond/", Bucket("pond")),
        ("s3://pond/lilies/white/", Bucket("pond", "lilies/white")),
        (
            "s3://pond/x?endpoint=https://s3.example.com/&region=eu-1",
            Bucket("pond", "x", "https://s3.example.com", "eu-1"),
        ),
    ],
)
def test_the_address_says_bucket_prefix_endpoint_and_region(url: str, bucket: Bucket) -> None:
    assert pictures_at(url).place == bucket


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("s3://", "names no bucket"),
        ("s3://Po_nd/x", "names no bucket"),
        ("s3://me:hush@pond/x", "holds no key: the credentials are AWS_ACCESS_KEY_ID"),
        ("s3://pond/../x", "no prefix in a bucket"),
        ("s3://pond/x?secret_access_key=hush", "says secret_access_key; an address says endpoint"),
        ("s3://pond?endpoint=minio:9000", "the endpoint of a bucket is https://HOST"),
        ("s3://pond?endpoint=https://me:hush@minio", "the endpoint of a bucket is https://HOST"),
        ("s3://pond?region=eu/1", "'eu/1' is no region"),
    ],
)
def test_an_address_that_is_none_is_refused_and_no_secret_repeated(url: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        pictures_at(url)
    assert "hush" not in str(caught.value)


def test_without_obstore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagekit_store.pictures.bucket.find_spec", lambda name: None)

    with pytest.raises(ConfigurationError, match=r"pip install 'imagekit-store\[s3\]'"):
        pictures_at("s3://pond")


def test_a_picture_has_its_media_type_there(bucket: str) -> None:
    pictures = pictures_at(bucket)
    kept = [pictures.keep(blob) for blob in (LILY, Blob.of(b"<script>"))]

    types = [
        obstore.get(bucket_of(pictures)._store, f"pictures/{one.sha256}").attributes["Content-Type"]
        for one in kept
    ]
    assert types == ["image/png", "application/octet-stream"]


def test_no_repr_has_a_key(bucket: str) -> None:
    pictures = pictures_at(bucket)
    pictures.keep(LILY)

    assert "key-of-the-pond" not in repr(pictures) + repr(bucket_of(pictures)._store)


def test_a_bucket_that_is_not_there_is_told_and_no_picture_is_called_gone(bucket: str) -> None:
    pictures = pictures_at(bucket.replace("s3://pond", "s3://puddle"))

    for do in (
        pictures.check,
        lambda: pictures.keep(LILY),
        lambda: pictures.has(LILY.sha256),
        lambda: pictures.open(LILY.sha256),
        lambda: pictures.blob(LILY.sha256),
        lambda: list(pictures.every()),
    ):
        with pytest.raises(OSError, match="there is no such bucket: 's3://puddle"):
            do()


class _Refusing(BaseHTTPRequestHandler):
    """Answers whatever comes with one error of S3."""

    status, code = 403, "AccessDenied"

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = f"<Error><Code>{self.code}</Code><AWSAccessKeyId>lily</AWSAccessKeyId></Error>"
        body = b"" if self.command == "HEAD" else said.encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _refuse  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[Callable[[int, str], Pictures]]:
    """``refusing(403, "AccessDenied")``: pictures in a bucket that says so to everything."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()

    def make(status: int, code: str) -> Pictures:
        server.RequestHandlerClass = type(
            "Refusing", (_Refusing,), {"status": status, "code": code}
        )
        return pictures_at(f"s3://pond?endpoint=http://127.0.0.1:{server.server_port}")

    yield make
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (403, "AccessDenied", "access was denied: listing, reading, writing and deleting"),
        (403, "InvalidAccessKeyId", "the credentials were not accepted"),
        (400, "ExpiredToken", "the credentials have expired"),
        (301, "PermanentRedirect", r"another region: say it as \?region="),
        (503, "SlowDown", "the bucket said SlowDown"),
    ],
)
def test_what_a_bucket_refuses_is_a_sentence(
    refusing: Callable[[int, str], Pictures],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    why: str,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lily")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key-of-the-pond")

    with pytest.raises(OSError, match=why) as caught:
        refusing(status, code).check()
    assert "lily" not in str(caught.value)


def test_a_bucket_that_can_not_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lily")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key-of-the-pond")

    with pytest.raises(OSError, match="the bucket could not be reached"):
        pictures_at("s3://pond?endpoint=http://127.0.0.1:1").keep(LILY)


def test_what_is_there_is_not_sent_again(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures_at(bucket).keep(LILY)
    monkeypatch.delattr(obstore, "put")

    assert pictures_at(bucket).keep(LILY).sha256 == LILY.sha256


def test_other_bytes_than_were_kept_are_not_given_out(bucket: str) -> None:
    pictures = pictures_at(bucket)
    pictures.keep(LILY)
    obstore.put(bucket_of(pictures)._store, f"pictures/{LILY.sha256}", b"x" * LILY.size)

    assert not pictures.verify(LILY.sha256)
    with pytest.raises(OSError, match="instead of"):
        pictures.blob(LILY.sha256).read()


FORKING = """
import os, sys
from imagekit import Blob
from imagekit_store.pictures import pictures_at
pictures = pictures_at(sys.argv[1])
if sys.argv[2] == "used":
    pictures.keep(Blob.of(b"lily"))
child = os.fork()
try:
    pictures.keep(Blob.of(b"lily"))
    said = "kept"
except OSError as error:
    said = str(error)
if not child:
    print(said, flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize(
    ("used", "told"), [("unused", "kept"), ("used", "used before a fork can't be used after it")]
)
def test_a_child_uses_a_bucket_only_where_its_parent_had_not(
    bucket: str, used: str, told: str
) -> None:
    """obstore would hang for ever."""
    run = subprocess.run(
        [sys.executable, "-c", FORKING, bucket, used], capture_output=True, text=True, timeout=60
    )
    assert told in run.stdout
