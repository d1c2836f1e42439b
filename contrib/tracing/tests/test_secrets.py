"""Nothing secret is in a span or a metric: no key, no prompt, no query of a link."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st
from imagekit_sandbox.serving import Rule

from imagekit import ImagekitError, Result
from imagekit.events import Sending
from imagekit_tracing import attributes

KEY = "sk-nobody-may-read-this-0123456789"
PROMPT = "a heron that nobody may know of"
FAULTS = ["", "401", "429:0", "503", "html:502", "redirect:302", "error-200", "moderated", "lost"]
FAULTS += ["truncated", "expired", "broken-link", "new-link:1", "not-a-picture"]
MODELS = ["ark:seedream-4.5", "powertokens:seedream-4.5", "klingai:kling-v3", "openai:gpt-image-2"]
MODELS += ["gemini:nano-banana", "zai:glm-image", "token360:seedream-4.5"]


def told(traced, metrics) -> str:
    """Everything that leaves the program, as one text."""
    return "\n".join([*(span.to_json() for span in traced.ended), metrics.text().decode()])


@pytest.mark.parametrize(
    ("upstreams", "fault"),
    [([Rule(fault)] if fault else [], fault) for fault in FAULTS],
    indirect=["upstreams"],
    ids=[fault or "nothing" for fault in FAULTS],
)
def test_no_key_no_prompt_and_no_signed_link_leave_the_program(
    clients, traced, metrics, upstreams, fault
) -> None:
    links = []
    for model in MODELS:
        keys = {model.partition(":")[0]: KEY}
        client = clients(traced, metrics, credentials=keys)
        try:
            result = client.generate(PROMPT, model=model)
        except ImagekitError:
            continue
        links += [image.url for image in result.images if image.url]
    text = told(traced, metrics)
    assert len(traced.of(None)) == len(MODELS)
    assert fault or links, "or nothing is shown by this"
    secrets = [KEY, PROMPT, "Signature", *(urlsplit(link).query for link in links)]
    assert [secret for secret in secrets if secret in text] == []


@given(st.text() | st.from_regex(r"https?://[a-z.@:\[\]0-9]{0,20}/[a-z?=]*", fullmatch=True))
def test_of_an_address_there_is_the_server_and_nothing_else(url: str) -> None:
    told = attributes.exchanged(Sending("ark:seedream-4.5", "download", "GET", url))
    assert told.keys() <= {"http.request.method", "server.address", "server.port"}
    server = str(told.get("server.address", ""))
    assert not set(server) & set("/?#@")


@given(st.text())
def test_a_host_s_own_words_are_cut_short(words: str) -> None:
    made = attributes.made(Result((), served_model=words * 100, request_id=words))
    assert all(len(value) <= 200 for value in made.values() if isinstance(value, str))
