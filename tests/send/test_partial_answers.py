"""Of an answer that breaks off, or is not quite as it has to be, what is whole is kept."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob, Client, HostSettings, UnreadableAnswer
from imagekit.send.reading.body import Defect, Reader
from imagekit.send.reading.salvage import closed
from imagekit.send.reading.short_pictures import LONGEST_NAME
from imagekit.testing import Answer, Loopback

BLOBS, LINKS = frozenset({"b64_json"}), frozenset({"url"})
EVENTS = {"Content-Type": "Text/Event-Stream"}


def reader_of(body: bytes, cuts: list[int]) -> Reader:
    reader, at, turn = Reader(BLOBS, LINKS), 0, 0
    while at < len(body):
        size = cuts[turn % len(cuts)]
        reader.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    return reader


def items(document):
    found = (document or {}).get("data", [])
    return [one.get("b64_json") or one.get("url") for one in found]


@given(
    st.lists(st.binary(min_size=1, max_size=30) | st.integers(0, 99), min_size=1, max_size=5),
    st.lists(st.integers(1, 50), min_size=1, max_size=4),
    st.data(),
)
@settings(deadline=None)
def test_every_picture_that_had_arrived_wholly_is_kept_wherever_it_was_cut(made, cuts, data):
    """Pictures inline and behind links, cut at any byte, and whatever pieces it came in."""
    ends, body = [], b'{"created": 1, "data": ['
    for one in made:
        field, text = "url", f"https://pictures.invalid/{one}"
        if isinstance(one, bytes):
            field, text = "b64_json", base64.b64encode(one).decode()
        body += f'{{"note": "}}],[{{", "{field}": "{text}"'.encode()
        ends.append(len(body))
        body += b', "size": "1x1"}, '
    body = body[:-2] + b'], "usage": {"total_tokens": 1}}'
    cut = data.draw(st.integers(0, len(body) - 1))
    reader = reader_of(body[:cut], cuts)
    with pytest.raises(Defect):
        reader.finish()
    kept = items(reader.salvaged())
    whole = [one for one, end in zip(made, ends, strict=True) if end <= cut]
    assert [one.read() if isinstance(one, Blob) else one for one in kept] == [
        one if isinstance(one, bytes) else f"https://pictures.invalid/{one}" for one in whole
    ]


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ('{"output": ["https://a/1", "https://a/2", "https://a', 2),
        ('{"output": ["https://a/1"', 1),
        ('{"output": ["https://a/', 0),
        ('{"data": {"output": [["https://a/1"], ["https://a/2", "htt', 2),
        ('{"logs": ["one", "two", "thr', 0),
    ],
)
def test_links_that_stand_alone_in_a_list_are_whole_one_by_one(cut: str, whole: int) -> None:
    text = closed(cut.encode(), 0, frozenset({"output"}))
    kept = json.dumps(json.loads(text)) if text else ""
    assert kept.count("https://a/") == whole


def test_a_name_beyond_any_length_is_not_looked_up_for_what_stands_under_it():
    """It would be made anew for each of very many texts."""
    name = "n" * (LONGEST_NAME + 1)
    for field, whole in ((name, None), (name[1:], f'{{"{name[1:]}": {{"url": "a"}}}}'.encode())):
        text = f'{{"{field}": {{"url": "a", "n": 1'.encode()
        assert closed(text, 0, frozenset({f"{field}.url"})) == whole


@pytest.mark.parametrize("body", [b"", b"<html>{}", b'{"a', b'{"data": [', b"]}", b'{"x": NaN}'])
def test_what_has_nothing_whole_gives_nothing(body):
    assert not items(reader_of(body, [3]).salvaged() if b"NaN" not in body else None)


# --- through a client -----------------------------------------------------------------------------


def cut_answer(png: bytes, pictures: int, left: int) -> Answer:
    """An answer with so many pictures, that lacks the last ``left`` bytes."""
    one = {"b64_json": base64.b64encode(png).decode()}
    body = json.dumps({"created": 1, "data": [one] * pictures}).encode()
    return Answer(body=body, cut=len(body) - left)


@pytest.mark.parametrize(("left", "kept"), [(1, 5), (40, 4)])
def test_pictures_are_kept_and_the_rest_is_one_failure(garden, png, left, kept):
    with Loopback(cut_answer(png, 5, left)) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1")
    assert [image.read() for image in result.images] == [png] * kept
    (failure,) = result.failures
    assert "the answer broke off" in failure.message
    assert failure.error.type == "UnreadableAnswer"
    assert len(server.seen) == 1


def test_links_are_kept_too(garden):
    body = b'{"data": [{"url": "https://pictures.invalid/1"}, {"url": "https://pictures.inv'
    with Loopback(Answer(body=body)) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1", fetch=False)
    assert [image.url for image in result.images] == ["https://pictures.invalid/1"]
    assert len(result.failures) == 1


@pytest.mark.parametrize(
    "body", [b'{"data": [', b'{"error": {"code": "slow_down", "message": "no"}', b'{"data": [{}']
)
def test_an_answer_without_a_whole_picture_is_unreadable_whatever_else_it_says(garden, body):
    with Loopback(Answer(body=body)) as server, pytest.raises(UnreadableAnswer) as caught:
        garden(server.url).generate("a pond", model="garden:lily-1")
    assert caught.value.charged == "maybe"
    assert len(server.seen) == 1


def test_a_job_that_was_made_is_asked_for_though_the_answer_broke_off():
    """Its id had come, and it is paid for."""
    made = b'{"code": 0, "data": {"task_id": "t-1", "task_status": "submitted"}, "reque'
    link = {"url": "https://pictures.invalid/1"}
    task = {"task_id": "t-1", "task_status": "succeed", "task_result": {"images": [link]}}
    with (
        Loopback(Answer(body=made), Answer(json={"code": 0, "data": task})) as server,
        Client(
            environment={},
            hosts={"klingai": HostSettings(base_url=server.url)},
            credentials={"klingai": "a-key"},
            sleep=lambda seconds: None,
        ) as client,
    ):
        result = client.generate("a heron", model="klingai:kling-v3", fetch=False)
    assert result.images[0].url == link["url"]
    assert [seen.path.rpartition("/")[2] for seen in server.seen[1:]] == ["t-1"]


def test_a_look_at_a_job_that_broke_off_is_made_again():
    """It costs nothing, and half of what it said may be half of what was made."""
    links = [{"url": f"https://pictures.invalid/{at}"} for at in range(2)]
    task = {"task_id": "t-1", "task_status": "succeed", "task_result": {"images": links}}
    done = Answer(json={"code": 0, "data": task})
    running = {"code": 0, "data": {"task_id": "t-1", "task_status": "submitted"}}
    half = Answer(body=done.content, cut=len(done.content) - 20)
    with (
        Loopback(Answer(json=running), half, done) as server,
        Client(
            environment={},
            hosts={"klingai": HostSettings(base_url=server.url)},
            credentials={"klingai": "a-key"},
            sleep=lambda seconds: None,
        ) as client,
    ):
        result = client.generate("a heron", model="klingai:kling-v3", fetch=False)
    assert (len(result.images), result.failures, len(server.seen)) == (2, (), 3)


@pytest.mark.parametrize("depth", [3, 8000])
def test_deep_nesting_costs_no_time(depth):
    body = b'{"data": ' + b"[" * depth + b"]" * (depth - 1)
    assert reader_of(body, [len(body)]).salvaged() is None or depth == 3


# --- a picture that is none, and a text that is not quite one -------------------------------------


@pytest.mark.parametrize("odd", [None, 7, "gone", []])
def test_what_is_no_object_costs_its_own_place(garden, drawn, odd):
    answer = Answer(json={**drawn, "data": [odd, *drawn["data"]]})
    with Loopback(answer) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1")
    assert [image.index for image in result.images] == [1]
    assert [failure.index for failure in result.failures] == [0]


def test_a_byte_that_is_not_utf_8_costs_no_more_than_itself(garden, drawn):
    body = json.dumps({**drawn, "model": "lily-X"}).encode().replace(b"X", b"\xff")
    with Loopback(Answer(body=body)) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1")
    assert result.served_model == "lily-\ufffd"
    assert any("not UTF-8" in note for note in result.notes)


@pytest.mark.parametrize("usage", [("prompt_tokens", "completion_tokens")])
def test_tokens_are_read_by_the_names_of_chat_completions_as_well(garden, drawn, usage):
    answer = Answer(json={**drawn, "usage": dict(zip(usage, (3, 4), strict=True))})
    with Loopback(answer) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1")
    assert (result.usage.input_tokens, result.usage.output_tokens) == (3, 4)


# --- base64 ---------------------------------------------------------------------------------------


@given(
    st.text(alphabet="AQgw+/-_= \\n", min_size=64, max_size=90),
    st.lists(st.integers(1, 40), min_size=1, max_size=3),
    st.sampled_from(["b64_json", "url"]),
)
@settings(deadline=None)
def test_bad_base64_is_judged_alike_however_it_arrives(text, cuts, field):
    body = json.dumps({"data": [{field: text}]}).encode()

    def judged(reader):
        (found,) = [one[field] for one in reader.finish()["data"]]
        return found.read() if isinstance(found, Blob) else found

    assert judged(reader_of(body, cuts)) == judged(reader_of(body, [len(body)]))


@pytest.mark.parametrize("made", [b"a", b"ab", b"abc", b"\xfb\xff\xbf\xfe"])
@pytest.mark.parametrize("safe", [False, True])
def test_padding_may_be_left_out_and_the_alphabet_be_that_of_urls(made, safe):
    text = (base64.urlsafe_b64encode if safe else base64.b64encode)(made).decode().rstrip("=")
    body = json.dumps({"data": [{"b64_json": text}]}).encode()
    for cuts in ([1], [3], [99]):
        (found,) = items(reader_of(body, cuts).finish())
        assert found.read() == made


@pytest.mark.parametrize("cuts", [[1], [5], [999]])
def test_a_fields_parent_is_the_object_that_it_stands_in(cuts):
    """Not one that stood before it; and a list's items belong to the list's field."""
    picture = base64.b64encode(b"a picture").decode()
    document = [{"inline": None}, {"data": picture}, {"inline": [{"data": picture}]}]
    reader, body = Reader(frozenset({"inline.data"}), LINKS), json.dumps(document).encode()
    for at in range(0, len(body), cuts[0]):
        reader.feed(body[at : at + cuts[0]])
    found = reader.finish()
    assert found[1]["data"] == picture
    assert found[2]["inline"][0]["data"].read() == b"a picture"


# --- streams --------------------------------------------------------------------------------------


def streamed(*data: bytes) -> Answer:
    return Answer(body=b"".join(b"data: " + one + b"\n\n" for one in data), headers=EVENTS)


def event(at: int, png: bytes) -> bytes:
    picture = {"image_index": at, "b64_json": base64.b64encode(png).decode()}
    return json.dumps({"type": "image_generation.partial_succeeded", **picture}).encode()


END = b'{"type": "image_generation.completed"}'


@pytest.mark.parametrize(
    "odd", [b"{broken", b"7", b'"hello"', b"[]", b'{"type": "x"', b"", b"null"]
)
def test_an_odd_event_costs_no_more_than_itself(garden, png, odd):
    answer = streamed(event(0, png), odd, event(2, png), END)
    with Loopback(answer) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1")
    assert [image.index for image in result.images] == [0, 2]
    assert result.failures == ()
    told = [note for note in result.notes if note.startswith("passed over")]
    assert len(told) == (0 if odd in (b"", b"null") else 1)


def test_a_refusal_in_the_midst_of_a_stream_does_not_end_it(garden, png):
    refusal = b'{"error": {"code": "oops", "message": "it went wrong"}}'
    with Loopback(streamed(event(0, png), refusal, event(1, png), END)) as server:
        result = garden(server.url).generate("a pond", model="garden:lily-1")
    assert len(result.images) == 2
    assert any("it went wrong" in note for note in result.notes)


def test_a_stream_of_nothing_but_odd_events_is_unreadable(garden):
    with Loopback(streamed(b"{broken", END)) as server, pytest.raises(UnreadableAnswer) as caught:
        garden(server.url).generate("a pond", model="garden:lily-1")
    assert caught.value.charged == "maybe"
