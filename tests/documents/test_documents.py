"""Values as JSON that lasts: there and back they are the same, and what is refused is said why."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

import imagekit
from imagekit import (
    Action,
    Added,
    Blob,
    Charged,
    Client,
    Cost,
    Failure,
    Image,
    InvalidConfiguration,
    Line,
    Pending,
    Problem,
    Provenance,
    Purchase,
    Receipt,
    Reference,
    Request,
    Response,
    Result,
    Trouble,
    Usage,
    UsageError,
    error_of,
    errors,
    from_json,
    from_plain,
    read_reference,
    to_json,
    to_plain,
)
from imagekit.testing import picture

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# --- anything that there may be ---------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=()), max_size=8)  # lone surrogates among them
words = st.text("abc_$.", min_size=1, max_size=5)
maybe = st.none() | texts
blobs = st.binary(max_size=40).map(Blob.of)
counts = st.none() | st.integers(0, 10**12)
charged = st.sampled_from(Charged)
free = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.decimals(allow_nan=False)
    | st.binary(max_size=5)
    | st.sampled_from([10**2_000, -(10**2_000)])
    | blobs,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | words, inner, max_size=3)
        | st.dictionaries(st.integers(), inner, max_size=2)
    ),
    max_leaves=6,
)
tables = st.dictionaries(texts | words, free, max_size=3)
requests = st.builds(
    Request,
    st.just("GET"),
    texts,
    st.dictionaries(texts, texts, max_size=2),
    step=words,
    repeatable=st.booleans(),
    timeout=st.none() | st.floats(0, 1e6),
)
provenances = st.builds(
    Provenance, date=texts, model=texts, host=texts, parameters=tables, url=texts, body=maybe
)
pendings = st.builds(
    Pending,
    requests,
    wait=st.floats(0, 1e6),
    task=maybe,
    charged=charged,
    given=tables,
    authors=st.dictionaries(words, words, max_size=2),
    provenance=st.none() | provenances,
    longest=st.none() | st.floats(0, 1e6),
    places=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    confirmed=st.booleans(),
    state=tables,
)
troubles = st.builds(
    Trouble, words, texts, charged, st.booleans(), st.none() | pendings, st.none() | st.just(503)
)
failures = st.builds(Failure, st.integers(-1, 99), maybe, texts, st.booleans())
lines = st.builds(
    Line,
    words,
    free,
    st.sampled_from(Action),
    fields=st.lists(st.tuples(words, free), max_size=2).map(tuple),
    note=texts,
)
added = st.builds(Added, words, free, texts)
receipts = st.builds(
    Receipt, st.lists(lines, max_size=2).map(tuple), st.lists(added, max_size=2).map(tuple)
)
usages = st.builds(Usage, counts, counts, counts, counts)
amounts = st.decimals(0, 10**9, allow_nan=False, allow_infinity=False)
costs = st.builds(
    Cost,
    st.none() | amounts,
    st.sampled_from([None, "USD"]),
    known=st.dictionaries(words, amounts, max_size=2),
    why=texts,
)
images = st.builds(
    Image,
    st.integers(-1, 99),
    url=maybe,
    declared_size=maybe,
    metadata=tables,
    expected=st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)),
    expected_type=maybe,
    host=texts,
    error=st.none() | troubles,
    blob=st.none() | blobs | st.just(Blob.of(picture())),
)
results = st.builds(
    Result,
    images=st.lists(images, max_size=2).map(tuple),
    failures=st.lists(failures, max_size=2).map(tuple),
    model=texts,
    created=counts,
    usage=st.none() | usages,
    cost=costs,
    request_id=maybe,
    receipt=receipts,
    provenance=st.none() | provenances,
    notes=st.lists(texts, max_size=2).map(tuple),
    metadata=tables,
    raw=free,
)
purchases = st.builds(
    Purchase, st.just("order7-1"), texts, texts, maybe, lookup=st.none() | pendings, estimate=costs
)
values = st.one_of(
    results, images, failures, pendings, purchases, receipts, provenances, usages, costs, troubles
)


@st.composite
def mistakes(draw: st.DrawFn, depth: int = 1) -> errors.ImagekitError:
    """Any error, with any of its details."""
    found: dict[str, st.SearchStrategy[Any]] = {
        "retryable": st.booleans(),
        "charged": charged,
        "pending": st.none() | pendings,
        "attempts": st.integers(1, 9),
        "problems": st.lists(st.builds(Problem, words, texts, free, free), max_size=2).map(tuple),
        "nearest": st.lists(texts, max_size=2).map(tuple),
        "hosts": st.lists(words, max_size=2).map(tuple),
        "status": st.none() | st.integers(100, 599),
        "retry_after": st.none() | st.floats(0, 1e6),
        "final": st.booleans(),
        "limit": texts,
        "head": st.binary(max_size=9),
        "result": st.none() | results,
        "response": st.none() | st.builds(Response, st.just(200), st.just({"a": "b"}), free),
        "others": st.lists(mistakes(0), max_size=2).map(tuple) if depth else st.just(()),
    }
    kind = getattr(errors, draw(st.sampled_from(errors.__all__)))
    given = {name: draw(found.get(name, maybe)) for name in kind.details if draw(st.booleans())}
    return kind(draw(texts), **given)  # type: ignore[no-any-return]


def seen(value: Any) -> Any:
    """All that is to be seen of a value, as what can be compared."""
    if isinstance(value, Blob):
        return ("blob", value.sha256, value.size)
    if isinstance(value, errors.ImagekitError):
        details = {name: seen(getattr(value, name)) for name in value.details}
        return (type(value), value.message, details)
    if attrs.has(type(value)):
        names = [each.name for each in attrs.fields(type(value)) if each.name != "_measured"]
        return (type(value), {name: seen(getattr(value, name)) for name in names})
    if isinstance(value, Mapping):
        return {name: seen(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return (type(value), [seen(part) for part in value])
    return (type(value), value)


def bytes_in(value: Any) -> dict[str, Blob]:
    """Every picture that stands somewhere in a value, by its digest."""
    if isinstance(value, Blob):
        return {value.sha256: value}
    parts: list[Any] = []
    if isinstance(value, errors.ImagekitError):
        parts = [getattr(value, name) for name in value.details]
    elif attrs.has(type(value)):
        parts = [getattr(value, each.name) for each in attrs.fields(type(value))]
    elif isinstance(value, Mapping):
        parts = list(value.values())
    elif isinstance(value, list | tuple):
        parts = list(value)
    return {digest: blob for part in parts for digest, blob in bytes_in(part).items()}


def there_and_back(value: Any) -> Any:
    text = json.dumps(to_json(value), allow_nan=False)
    return from_json(json.loads(text), pictures=bytes_in(value).get)


@given(values)
def test_a_value_is_the_same_there_and_back(value: Any) -> None:
    assert seen(there_and_back(value)) == seen(value)


@given(mistakes())
def test_an_error_is_the_same_there_and_back(error: errors.ImagekitError) -> None:
    assert seen(there_and_back(error)) == seen(error)


def test_plain_data_without_a_head_is_the_same_there_and_back() -> None:
    pending = Pending(Request("GET", "https://h.invalid/1"), 2.0, charged=Charged.YES)
    back = from_plain(json.loads(json.dumps(to_plain(pending))), Pending)
    assert seen(back) == seen(pending)


# --- what stands in it ------------------------------------------------------------------------


def test_a_document_says_its_form_and_kind_and_what_is_not_at_its_default() -> None:
    found = to_json(Usage(total_tokens=4_175))
    assert found == {"imagekit": 1, "kind": "Usage", "total_tokens": 4_175}


def test_a_picture_is_told_by_what_it_is_and_nothing_is_fetched_for_that() -> None:
    here, link = Image(0, blob=Blob.of(picture())), Image(1, url="https://pictures.invalid/1")
    first, second = json.loads(json.dumps(to_json(Result((here, link)))))["images"]
    assert first == {
        "index": 0,
        "media_type": "image/png",
        "pixels": list(here.pixels or ()),
        "bytes": here.blob.size,
        "sha256": here.blob.sha256,
    }
    assert second == {"index": 1, "url": "https://pictures.invalid/1"}


def test_what_is_known_of_a_picture_is_known_without_its_bytes() -> None:
    """A page of a hundred lists their sizes, and brings none of them."""
    made = Image(0, blob=Blob.of(picture()))
    size, digest = made.blob.size, made.blob.sha256

    def kept(digest: str) -> Blob:
        return Blob.of_object(lambda: pytest.fail("it was brought"), size, digest)

    image = from_json(to_json(made), Image, pictures=kept)
    assert (image.pixels, image.media_type) == (made.pixels, "image/png")
    assert (image.blob.size, image.blob.sha256) == (size, digest)
    assert to_json(image) == to_json(made)


def test_a_picture_that_nobody_has_is_a_link_or_an_error() -> None:
    document = to_json(
        Result((Image(0, url="https://p.invalid/1", blob=Blob.of(b"x")),), raw=[Blob.of(b"y")])
    )
    result = from_json(document, Result)
    assert not result.image.is_here
    assert result.image.url == "https://p.invalid/1"
    with pytest.raises(LookupError, match="are not here"):
        result.raw[0].read()


def test_what_the_finder_of_pictures_raises_is_no_mistake_of_the_document() -> None:
    def broken(digest: str) -> Blob:
        raise PermissionError("the disk is gone")

    with pytest.raises(PermissionError, match="the disk is gone"):
        from_json(to_json(Image(0, blob=Blob.of(b"x"))), pictures=broken)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "0" * 63, "F" * 64, "0" * 64 + "\n"])
def test_nobody_is_asked_for_what_is_no_digest(digest: str) -> None:
    """Whoever keeps pictures in a folder makes a path of it."""
    told = {"index": 0, "sha256": digest, "bytes": 1}
    document = {"imagekit": 1, "kind": "Result", "images": [told], "raw": {"$blob": [digest, 1]}}
    assert not from_json(document, Result, pictures=lambda _: pytest.fail("asked")).image.is_here


def test_a_reference_comes_back_where_its_bytes_are_and_is_told_of_elsewhere() -> None:
    reference = read_reference(picture())
    asked = Provenance("2026-11-29T03:00:00Z", "m", "h", {"image": [reference]})
    document = json.loads(json.dumps(to_json(asked)))
    assert reference.blob is not None
    kept = {reference.blob.sha256: reference.blob}
    (back,) = from_json(document, Provenance, pictures=kept.get).parameters["image"]
    assert isinstance(back, Reference)
    assert (back, back.blob) == (reference, reference.blob)
    (told,) = from_json(document, Provenance).parameters["image"]
    assert told["sha256"] == reference.sha256


def test_what_was_asked_is_asked_again_from_json_where_its_references_are() -> None:
    with Client(environment={}) as client:
        image = client.generate("a corgi", model="sandbox:seedream-4.0", resolution="1K").image
        asked = client.generate("older", model="sandbox:seedream-4.0", image=[image])
        document, kept = json.loads(json.dumps(to_json(asked))), {image.blob.sha256: image.blob}
        there = from_json(document, Result, pictures=kept.get).provenance
        again = client.generate(**there.arguments()).provenance
        gone = client.plan(**from_json(document, Result).provenance.arguments())
    assert again is not None
    assert asked.provenance is not None
    assert again.body == asked.provenance.body
    assert "only described here; give the picture itself" in str(gone.problems)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_json_has_not_are_marked(number: float) -> None:
    back = there_and_back(Result((), raw=[number])).raw[0]
    assert back == number or math.isnan(back)


def test_what_json_has_no_word_for_is_told_in_words_since_the_rest_may_be_paid_for() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    document = to_json(Result((), metadata={"when": object()}, raw=deep))
    assert document["metadata"] == {"when": "(object, which JSON has no word for)"}
    assert "(nested too deeply)" in json.dumps(document)


def test_an_error_of_a_plugins_own_is_the_nearest_that_everybody_knows() -> None:
    class Frosty(errors.RateLimited):
        """Of a plugin."""

    back = there_and_back(Frosty("later", retryable=True, charged=Charged.NO, retry_after=3.0))
    assert type(back) is errors.RateLimited
    assert (str(back), back.charged, back.retry_after) == ("later", Charged.NO, 3.0)


def test_an_error_of_a_later_version_still_says_whether_it_was_charged() -> None:
    plain = to_json(errors.OutcomeUnknown("it was lost"))
    back = from_json(plain | {"type": "OutcomeLost"}, errors.ImagekitError)
    assert (type(back), str(back)) == (errors.ImagekitError, "it was lost")
    assert (back.charged, back.retryable) == (Charged.MAYBE, False)


def test_trouble_is_an_error_again() -> None:
    pending = Pending(Request("GET", "https://h.invalid/1"), 2.0)
    error = errors.HostUnavailable("down", charged=Charged.YES, pending=pending, status=503)
    again = error_of(error.trouble)
    assert type(again) is errors.HostUnavailable
    assert again.trouble == error.trouble
    assert again.pending == pending
    unknown = error_of(Trouble("Frosty", "cold", Charged.MAYBE, True))
    assert (type(unknown), str(unknown)) == (errors.ImagekitError, "cold")
    assert (unknown.charged, unknown.retryable) == (Charged.MAYBE, True)


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"imagekit": 2, "kind": "Usage"}, "a newer imagekit has written this, in form 2"),
        ({"imagekit": True, "kind": "Usage"}, "does not say its form"),
        ({"kind": "Usage"}, "does not say its form"),
        ("{}", "does not say its form"),
        ({"imagekit": 1, "kind": "Usages"}, "no kind 'Usages' of documents; known are Result,"),
        ({"imagekit": 1}, "no kind None of documents"),
        ({"imagekit": 1, "kind": "Usage", "total_tokens": "7"}, "total_tokens: must be a whole"),
        ({"imagekit": 1, "kind": "Usage", "totl_tokens": 7}, "did you mean total_tokens"),
        ({"imagekit": 1, "kind": "Result", "images": [], "raw": {"$x": 1}}, "raw: has the mark"),
        ({"imagekit": 1, "kind": "Result", "images": [], "raw": {"$int": "z"}}, "raw"),
        ({"imagekit": 1, "kind": "Result", "images": [], "raw": {"$object": [1]}}, "raw"),
        ({"imagekit": 1, "kind": "Result", "images": [], "raw": {"$decimal": "x"}}, "no decimal"),
        ({"imagekit": 1, "kind": "Result", "images": [], "metadata": {"$int": "7"}}, "a table"),
        (
            {"imagekit": 1, "kind": "Trouble", "type": "x", "message": "", "charged": "nope"},
            "charged: must be one of no, maybe, yes",
        ),
        ({"imagekit": 1, "kind": "ImagekitError", "type": "HostError"}, "must be text"),
        (
            {"imagekit": 1, "kind": "ImagekitError", "type": "HostError", "message": "", "x": 1},
            "'x', which no error has",
        ),
    ],
)
def test_what_is_no_document_is_refused_in_a_sentence(data: Any, why: str) -> None:
    with pytest.raises(InvalidConfiguration, match=why.replace("[", r"\[")):
        from_json(data)


def test_the_kind_that_is_wanted_is_the_one_that_comes() -> None:
    with pytest.raises(InvalidConfiguration, match="this is of Usage, not of Result"):
        from_json(to_json(Usage()), Result)
    with pytest.raises(UsageError, match=r"documents are of Result, .* and this is a Blob"):
        to_json(Blob.of(b""))
    assert isinstance(
        from_json(to_json(errors.NotSent("no")), errors.TransportError), imagekit.NotSent
    )
