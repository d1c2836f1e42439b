"""Requests that nobody can answer: each is told what is wrong with it, in one sentence and with
the status of a mistake of its own. Nothing is bought, and the log has no traceback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imagekit_sandbox.serving import Upstreams

from imagekit_store import Keys

PATH = "/v1/images/generations"
BODY = b'{"model": "seedream-4.0", "prompt": "a corgi"'
JSON = {"Content-Type": "application/json"}
LINK = "https://example.com/corgi.png"


@pytest.fixture(scope="module")
def upstreams() -> Iterator[Upstreams]:
    with Upstreams() as running:
        yield running


@pytest.fixture(scope="module")
def served(run: Any, upstreams: Upstreams, tmp_path_factory: Any) -> Iterator[Any]:
    """One gateway for all of it: nothing that is asked here leaves a trace."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    with run(folder, upstreams, most_body=3 << 20) as served:
        yield served


@pytest.fixture(autouse=True)
def nothing_comes_of_it(upstreams: Upstreams, served: Any, caplog: Any) -> Iterator[None]:
    yield
    assert upstreams.journal.entries == ()
    assert served.get("/v1/images").json["data"] == []
    assert [record for record in caplog.records if record.exc_info] == []


def says(refused: Any, status: int, code: str, message: str) -> None:
    error = refused.error
    assert (refused.status, error["code"], error["message"]) == (status, code, message)
    assert (error["charged"], refused.headers["Imagekit-Charged"]) == ("no", "no")
    assert refused.headers["x-should-retry"] == "false"
    assert refused.headers["X-Request-Id"] == error["request_id"]


# --- keys -----------------------------------------------------------------------------------------

NO_KEY = "there is no API key: send the header Authorization: Bearer ik-..."
NOT_KNOWN = "this API key is not known here"


@pytest.mark.parametrize(
    ("carried", "message"),
    [
        ("", NO_KEY),
        ("Bearer", NO_KEY),
        ("Basic bWFyeTppaw==", NO_KEY),
        ("ik-0123456789", NO_KEY),
        ("Bearer ik-0123456789", NOT_KNOWN),
        (f"Bearer {'x' * 5000}", NOT_KNOWN),
        ("Bearer \xe9", NOT_KNOWN),
    ],
    ids=range(7),
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", PATH), ("GET", "/v1/images"), ("GET", "/v1/models")]
)
def test_without_a_key_that_is_known_nothing_is_answered(
    served: Any, method: str, path: str, carried: str, message: str
) -> None:
    refused = served.ask(method, path, BODY + b"}", headers={"Authorization": carried, **JSON})
    says(refused, 401, "invalid_api_key", message)


def test_a_key_that_has_expired_is_none(served: Any) -> None:
    over = datetime.now(UTC) - timedelta(seconds=1)
    key = Keys(served.store).add("over", expires=over)
    says(served.generate(key), 401, "invalid_api_key", "this API key is expired")


def test_a_key_that_was_revoked_is_none(served: Any) -> None:
    key = served.new_key("revoked")
    Keys(served.store).revoke("revoked")
    says(served.generate(key), 401, "invalid_api_key", "this API key is revoked")


# --- bodies ---------------------------------------------------------------------------------------

NO_JSON = "the body is no JSON that can be read: "
NO_OBJECT = 'the body is no object, such as {"prompt": "a corgi"}'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", f"{NO_JSON}empty"),
        (b"{", f"{NO_JSON}truncated"),
        (b"hello", f"{NO_JSON}not JSON"),
        (BODY + b",}", f"{NO_JSON}not JSON"),
        (BODY + b"} {}", f"{NO_JSON}not JSON"),
        (BODY + b', "n": NaN}', f"{NO_JSON}not JSON"),
        (BODY + b', "n": ' + b"9" * 5000 + b"}", f"{NO_JSON}not JSON"),
        (b"[" * 5000, f"{NO_JSON}not JSON"),
        (b"[]", NO_OBJECT),
        (b"null", NO_OBJECT),
        (b'"a corgi"', NO_OBJECT),
        (BODY + b', "n": 1, "n": 2}', "'n' is there twice"),
        (BODY + b', "size": "\\ud800"}', "size has half a character (a lone surrogate)"),
        (BODY + b', "\\ud800": 1}', "a name in the body has half a character (a lone surrogate)"),
        (b'{"prompt": "\xff"}', "the body is not UTF-8"),
        (
            b'{"prompt": "' + b"x" * (2 << 20) + b'"}',
            "prompt is longer than any text that is taken",
        ),
    ],
    ids=range(16),
)
def test_what_is_no_json_is_told_why(served: Any, body: bytes, message: str) -> None:
    says(served.ask("POST", PATH, body, headers=JSON), 400, "invalid_json", message)


FORM = "multipart/form-data"


@pytest.mark.parametrize(
    ("kind", "status", "code", "message"),
    [
        (
            "text/plain",
            415,
            "unsupported_media_type",
            "Content-Type is text/plain; send application/json, or multipart/form-data",
        ),
        (
            "application/x-www-form-urlencoded",
            415,
            "unsupported_media_type",
            "Content-Type is application/x-www-form-urlencoded; send application/json, or "
            "multipart/form-data",
        ),
        (FORM, 400, "invalid_form", "the body is no form that can be read"),
        (f"{FORM}; boundary=b", 400, "invalid_form", "the body is no form that can be read"),
    ],
)
def test_what_comes_as_something_else_is_not_guessed_at(
    served: Any, kind: str, status: int, code: str, message: str
) -> None:
    refused = served.ask("POST", PATH, BODY + b"}", headers={"Content-Type": kind})
    says(refused, status, code, message)


def test_a_body_without_a_type_is_not_guessed_at(served: Any) -> None:
    message = "Content-Type is nothing; send application/json, or multipart/form-data"
    says(served.ask("POST", PATH, BODY + b"}"), 415, "unsupported_media_type", message)


def test_a_body_that_is_compressed_is_not_unpacked(served: Any) -> None:
    refused = served.ask("POST", PATH, BODY + b"}", headers={**JSON, "Content-Encoding": "gzip"})
    says(refused, 415, "unsupported_encoding", "send the body as it is, not compressed")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([("n", "1"), ("n", "2")], "the form has n more than once"),
        ([("prompt", ("a.txt", b"a corgi"))], "the form has a file as prompt"),
    ],
)
def test_a_form_that_can_be_read_in_two_ways_is_refused(
    served: Any, fields: Any, message: str
) -> None:
    url, headers = f"{served.url}{PATH}", {"Authorization": f"Bearer {served.key}"}
    reply = served.pool.request("POST", url, fields=fields, headers=headers)
    error = reply.json()["error"]
    assert (reply.status, error["code"], error["message"]) == (400, "invalid_form", message)


DEEP, DIGITS = "[" * 100_000, "9" * 5_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n", "²"),
        ("n", DIGITS),
        ("seed", "1e3"),
        ("stream", "perhaps"),
        ("options", DEEP),
        ("native", '{"a": 1, "a": 2}'),
        ("options", f'{{"a": {DIGITS}}}'),
    ],
    ids=range(7),
)
def test_a_field_of_a_form_that_means_nothing_is_told_by_its_name(
    served: Any, name: str, text: str
) -> None:
    url, headers = f"{served.url}{PATH}", {"Authorization": f"Bearer {served.key}"}
    fields = {"model": "seedream-4.0", "prompt": "a corgi", name: text}
    reply = served.pool.request("POST", url, fields=fields, headers=headers)
    error = reply.json()["error"]
    assert (reply.status, error["code"]) == (400, "invalid_value"), error
    assert name in [problem["param"] for problem in error["problems"]]


def test_a_form_that_is_no_text_is_told_where(served: Any) -> None:
    url, headers = f"{served.url}{PATH}", {"Authorization": f"Bearer {served.key}"}
    fields = {"model": "seedream-4.0", "prompt": b"a caf\xe9"}
    reply = served.pool.request("POST", url, fields=fields, headers=headers)
    error = reply.json()["error"]
    message = "prompt has characters that are no UTF-8"
    assert (reply.status, error["code"], error["message"]) == (400, "invalid_form", message)


# --- too much -------------------------------------------------------------------------------------

TOO_LARGE = "the body has more than 3,145,728 bytes; give large references as links"


def test_a_body_that_says_it_is_too_large_is_not_read(served: Any) -> None:
    """Of a hundred megabytes that are announced not one comes."""
    host, _, port = served.url.removeprefix("http://").partition(":")
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {served.key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 104857600\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode())
        answer = b"".join(iter(lambda: line.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert TOO_LARGE.encode() in answer


def test_a_body_that_does_not_say_how_long_it_is_may_not_be_longer_either(served: Any) -> None:
    pieces = (b" " * (1 << 20) for _ in range(4))
    refused = served.ask("POST", PATH, pieces, headers=JSON, chunked=True)
    says(refused, 413, "request_too_large", TOO_LARGE)


def test_more_fields_than_a_request_can_need_are_refused_at_once(served: Any) -> None:
    fields = {f"field{number}": 1 for number in range(1000)}
    message = "there are 1,002 fields; no request needs more than 100"
    says(served.generate(**fields), 400, "invalid_value", message)


def test_more_pictures_than_any_model_takes_are_refused_at_once(served: Any) -> None:
    message = "image: no model takes 90,000 pictures"
    says(served.generate(image=[LINK] * 90_000), 400, "invalid_value", message)


def test_what_was_given_is_not_given_back_at_any_length(served: Any) -> None:
    refused = served.generate(size="9" * 1_000_000, **{"x" * 1_000_000: 1})
    assert refused.status == 400
    assert len(refused.body) < 10_000


# --- model and host ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "status", "code", "message"),
    [
        (7, 400, "invalid_value", "model: is the name of one, not 7; such as seedream-4.0"),
        ("", 400, "invalid_value", "model: is the name of one, not ''; such as seedream-4.0"),
        (
            "\0",
            400,
            "invalid_value",
            "model: is the name of one, not '\\x00'; such as seedream-4.0",
        ),
        (
            "gpt-9",
            404,
            "model_not_found",
            "no installed plugin knows the model 'gpt-9'. openai takes any model by its own name: "
            "openai:gpt-9",
        ),
        (
            "seedream-4.6",
            404,
            "model_not_found",
            "no installed plugin knows the model 'seedream-4.6'; did you mean seedream-4.5 or "
            "seedream-4.0 or seedream-5.5? openai takes any model by its own name: "
            "openai:seedream-4.6",
        ),
        (
            "powertokens:nano-banana",
            404,
            "model_not_found",
            "powertokens does not serve nano-banana; gemini and sandbox do",
        ),
    ],
)
def test_a_model_that_nobody_has_is_not_found(
    served: Any, model: Any, status: int, code: str, message: str
) -> None:
    says(served.generate(model=model), status, code, message)


def test_a_host_that_nobody_has_is_told_with_those_that_there_are(served: Any) -> None:
    refused = served.generate(model="powertoken:seedream-4.0")
    assert (refused.status, refused.error["code"]) == (404, "model_not_found")
    assert "did you mean powertokens or token360?" in refused.error["message"]


# --- fields -----------------------------------------------------------------------------------

ROUTE = "powertokens:seedream-4.0"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("prompt", 7, "is a text that is not empty"),
        ("prompt", "  ", "is a text that is not empty"),
        ("prompt", "a\0corgi", "character 1 is NUL; remove it"),
        ("colour", "red", f"is no parameter of {ROUTE}"),
        ("promt", "a", f"is no parameter of {ROUTE}; did you mean prompt?"),
        ("on_unsupported", "drop", f"is no parameter of {ROUTE}"),
        ("id", "img_1", f"is no parameter of {ROUTE}"),
        ("deadline", 1, f"is no parameter of {ROUTE}"),
        ("n", 100, "100 pictures are 100 calls here; at most 32 are made"),
        ("n", 0, "0 is not from 1 to 32"),
        ("n", -1, "-1 is not from 1 to 32"),
        ("n", "2", "'2' is not a whole number"),
        ("stream", "yes", "is true or false, not 'yes'"),
        ("partial_images", 4, "is from 0 to 3, not 4"),
        ("options", [], "is an object of at most 100 fields, not []"),
        ("native", 7, "is an object of at most 100 fields, not 7"),
        ("native", {"user": "x"}, "this key may not send fields that nobody checks"),
    ],
)
def test_a_field_that_means_nothing_is_told_with_what_would(
    served: Any, field: str, value: Any, message: str
) -> None:
    refused = served.generate(**{field: value})
    says(refused, 400, "invalid_value", f"{field}: {message}")
    assert refused.error["param"] == field


@pytest.mark.parametrize("name", ["image", "mask", "model", "prompt", "n", "size", "native"])
def test_options_are_no_way_around_what_is_checked(served: Any, name: str) -> None:
    refused = served.generate(options={name: "/etc/passwd"})
    message = f"options.{name}: is a standard parameter; pass {name}=... itself"
    says(refused, 400, "invalid_value", message)


def test_a_size_one_pixel_short_is_told_with_the_nearest(served: Any) -> None:
    (problem,) = served.generate(size="960x959").error["problems"]
    assert (problem["param"], problem["nearest"]) == ("size", "961x960")


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("/etc/passwd", "reference 1 ('/etc/passwd') is no http(s) or data URL"),
        ("file:///etc/passwd", "reference 1 ('file:///etc/passwd') is no http(s) or data URL"),
        ("../../etc/passwd", "reference 1 ('../../etc/passwd') is no http(s) or data URL"),
        ("", "reference 1 ('') is no http(s) or data URL"),
        ("http://", "reference 1 (a URL) is 'http://', which is no complete URL"),
        (
            "http://169.254.169.254/latest/meta-data/",
            "reference 1 (http://169.254.169.254/latest/meta-data/) is at no public address",
        ),
        (7, "reference 1 (7) is no link, data URL or file of a form"),
        (
            {"file_id": "file-1"},
            "reference 1 ({'file_id': 'file-1'}) is no link, data URL or file of a form",
        ),
        ([LINK, None], "reference 2 (None) is no link, data URL or file of a form"),
        ([LINK] * 15, "has 15 items; 1 to 14 items are allowed"),
        (
            "data:text/plain;base64,aGVsbG8gd29ybGQ=",
            "reference 1 (data URL) is text, not a picture; give a PNG, JPEG or WebP file",
        ),
    ],
)
def test_what_is_no_picture_is_not_sent(served: Any, image: Any, message: str) -> None:
    says(served.generate(image=image), 400, "invalid_value", f"image: {message}")


def test_base64_that_is_none_is_told_where(served: Any) -> None:
    message = "image[1]: bad base64; a picture is a link, or a data URL in base64"
    refused = served.generate(image=[LINK, "data:image/png;base64,@@@"])
    says(refused, 400, "invalid_json", message)


def test_a_file_of_a_form_that_is_no_picture_is_not_sent(served: Any) -> None:
    fields = [
        ("model", "seedream-4.0"),
        ("prompt", "a corgi"),
        ("image", ("corgi.png", b"This is a text, whatever it is called.", "image/png")),
    ]
    url, headers = f"{served.url}/v1/images/edits", {"Authorization": f"Bearer {served.key}"}
    reply = served.pool.request("POST", url, fields=fields, headers=headers)
    error = reply.json()["error"]
    assert (reply.status, error["param"]) == (400, "image")
    assert "is text, not a picture" in error["message"]


def test_an_edit_without_a_picture_is_refused(served: Any) -> None:
    message = "image: is missing; an edit begins with a picture"
    refused = served.ask("POST", "/v1/images/edits", {"prompt": "a corgi"})
    says(refused, 400, "invalid_value", message)


def test_there_is_one_mask(served: Any) -> None:
    message = "mask: there is one mask, for the first picture"
    says(served.generate(image=LINK, mask=[LINK, LINK]), 400, "invalid_value", message)


# --- records and links ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/content", "/content?format=binary"])
@pytest.mark.parametrize("id", ["img_0", "x" * 300, "%00", "%ff", "..%5c.."], ids=range(5))
def test_a_record_that_there_is_not_is_not_found(served: Any, id: str, path: str) -> None:
    refused = served.get(f"/v1/images/{id}{path}")
    assert (refused.status, refused.error["code"]) == (404, "not_found")
    assert len(refused.error["message"]) < 100


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/images?limit=-1", "limit is a number from 1 to 100, not '-1'"),
        ("/v1/images?limit=1e3", "limit is a number from 1 to 100, not '1e3'"),
        ("/v1/images?limit=%D9%A3", "limit is a number from 1 to 100, not '\u0663'"),
        ("/v1/images?after=%00", "there is no request '\\x00' to go on from"),
        ("/v1/images/img_0?wait=61", "wait is a number from 0 to 60, not '61'"),
        ("/v1/images/img_0/content?place=-1", "place is a number from 0 to 1000, not '-1'"),
        ("/v1/models?capabilities=yes", "capabilities is true or false, not 'yes'"),
    ],
)
def test_a_query_that_means_nothing_is_refused(served: Any, path: str, message: str) -> None:
    says(served.get(path), 400, "invalid_value", message)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/v1/images?status=failed",
            "'status' is no field of this query, which has limit, after, before, order, q, model, "
            "host, state, since, until",
        ),
        ("/v1/images/img_0?waits=3", "'waits' is no field of this query, which has wait"),
    ],
)
def test_a_field_of_a_query_that_counts_nothing_is_told(
    served: Any, path: str, message: str
) -> None:
    says(served.get(path), 400, "invalid_value", message)


@pytest.mark.parametrize("query", ["sig=", "sig=0&exp=1", "sig=0&exp=x", "sig=%F0%9F%90%B6&exp=1"])
def test_a_link_that_was_not_made_here_is_none(served: Any, query: str) -> None:
    refused = served.get(f"/v1/images/img_0/content?{query}")
    says(refused, 403, "invalid_link", "this link has expired, or is not as it was made")


# --- headers and methods --------------------------------------------------------------------------


@pytest.mark.parametrize("idem", ["", "k" * 256])
def test_an_idempotency_key_is_of_a_sensible_length(served: Any, idem: str) -> None:
    message = "Idempotency-Key is 1 to 255 characters of ASCII"
    says(served.generate(headers={"Idempotency-Key": idem}), 400, "invalid_value", message)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/images", "GET, HEAD"),
        ("PATCH", "/v1/models", "GET, HEAD"),
        ("TRACE", "/", "GET, HEAD"),
        ("BREW", "/", "GET, HEAD"),
        ("GET", "/v1/images/generations", "POST"),
        ("DELETE", "/v1/images/edits", "POST"),
    ],
)
def test_a_method_that_means_nothing_is_told_which_do(
    served: Any, method: str, path: str, allowed: str
) -> None:
    refused = served.ask(method, path)
    message = f"{method} is not answered here; {allowed} is"
    says(refused, 405, "method_not_allowed", message)
    assert refused.headers["Allow"] == allowed


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("POST", "/images/generations", "; /v1/images/generations is there"),
        ("GET", "/models/seedream-4.0", "; /v1/models/seedream-4.0 is there"),
        ("POST", "/chat/completions", ""),
        ("POST", "/openai/deployments/a/images/generations", ""),
    ],
)
def test_a_base_url_without_v1_is_told_where_it_is(
    served: Any, method: str, path: str, hint: str
) -> None:
    says(served.ask(method, path), 404, "not_found", f"there is nothing at '{path}'{hint}")


@pytest.mark.parametrize("path", ["/nothing", "/v1//images", "/v1/images/a/b", "/%2e%2e/etc"])
def test_where_nothing_is_that_is_said(served: Any, path: str) -> None:
    refused = served.get(path)
    assert (refused.status, refused.error["code"]) == (404, "not_found")


def test_variations_are_told_what_would_do_instead(served: Any) -> None:
    message = "variations are not made here: POST /v1/images/edits with the picture, and a prompt"
    says(served.ask("POST", "/v1/images/variations"), 404, "not_supported", message)
