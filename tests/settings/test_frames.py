"""No variable of ours shows a secret, in whatever frame an error is raised.

Rich tracebacks, error reporters and ``pytest -l`` print the locals of every frame. Here calls
fail in many ways, and every frame of imagekit and of what it uses is looked at as those would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from imagekit import (
    Client,
    Credential,
    HostSettings,
    ImagekitError,
    Plugins,
    SecretReference,
    hookimpl,
)
from imagekit.cli.commands.keys import command as keys_command
from imagekit.settings.keys_file import Keys
from imagekit.testing import Answer, Loopback

KEY, GATE, OTHER = "canary-of-the-key", "canary-of-the-gate", "canary-of-another"


def causes(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        yield from causes(error.__cause__, seen)
        yield from causes(error.__context__, seen)


def frames(error: BaseException) -> Iterator[FrameType]:
    for one in causes(error, set()):
        trace = one.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename != __file__:
                yield trace.tb_frame
            trace = trace.tb_next


def shown(error: BaseException) -> list[str]:
    """The variables that show a secret, and where."""
    return [
        f"{frame.f_code.co_filename}:{frame.f_code.co_name}: {name}"
        for frame in frames(error)
        for name, value in frame.f_locals.items()
        if "canary" in repr(value)
    ]


ANSWERS = {
    "refused": Answer(401, {"error": {"message": f"no such key: {KEY}"}}),
    "a page": Answer(502, body=f"<h1>{KEY}</h1>".encode()),
    "not JSON": Answer(body=f"<h1>{KEY} {GATE}</h1>".encode()),
    "no picture": Answer(json={"data": [], "model": KEY}),
    "an error in a stream": Answer(
        body=f'data: {{"error": {{"message": "{KEY}"}}}}\n\n'.encode(),
        headers={"Content-Type": "text/event-stream", "X-Request-Id": GATE},
    ),
}


def failing(garden: Callable[..., Client], url: str) -> BaseException:
    client = garden(
        url,
        settings={"headers": {"X-Gate": SecretReference(env="GATE")}},
        environment={"GATE": GATE, "OTHER": OTHER},
        credentials={"garden": KEY},
    )
    with pytest.raises(ImagekitError) as caught:
        client.generate("a lily", model="lily-1")
    return caught.value


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", OTHER)
    monkeypatch.setenv("IMAGEKIT_OWN", OTHER)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_call_that_is_refused(garden, answer):
    with Loopback(answer) as server:
        assert shown(failing(garden, server.url)) == []


def test_a_host_that_can_not_be_reached(garden):
    with Loopback() as server:
        url = server.url
    assert shown(failing(garden, url)) == []


def test_a_connection_that_breaks(garden):
    with Loopback(Answer(cut=0)) as server:
        assert shown(failing(garden, server.url)) == []


def test_a_plugin_that_breaks(garden, toys):
    class Broken:
        @hookimpl
        def imagekit_decode_response(self, call, response):
            raise RuntimeError("no")

    with Loopback(Answer(json={"data": []})) as server:
        client = garden(server.url, Broken(), credentials={"garden": KEY})
        with pytest.raises(ImagekitError) as caught:
            client.generate("a lily", model="lily-1")
    assert shown(caught.value) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda plugins: Client(plugins=plugins, credentials={"garden": f"{KEY} {KEY}"}),
        lambda plugins: Client(plugins=plugins, credentials={"nobody": KEY}),
        lambda plugins: Client(plugins=plugins, hosts={"nobody": HostSettings()}),
        lambda plugins: Client.from_config("none.toml", plugins=plugins),
        lambda plugins: Client.from_config(plugins=plugins, credentials={"nobody": KEY}),
        lambda plugins: Credential(api_key=f"{KEY}\n{KEY}"),
        lambda plugins: Client(plugins=plugins).generate("a lily", model="lily-1"),
        lambda plugins: Client(
            plugins=plugins, environment={"GARDEN_API_KEY": f"{KEY} {KEY}"}
        ).generate("a lily", model="garden:lily-1"),
        lambda plugins: Client(
            plugins=plugins,
            environment={"GATE": f"{GATE}\n"},
            credentials={"garden": KEY},
            hosts={"garden": HostSettings(headers={"X": SecretReference(env="MISSING")})},
        ).generate("a lily", model="garden:lily-1"),
        lambda plugins: Client(
            plugins=plugins,
            environment={"GATE": f"a\n{GATE}"},
            credentials={"garden": KEY},
            hosts={"garden": HostSettings(headers={"X": SecretReference(env="GATE")})},
        ).generate("a lily", model="garden:lily-1"),
    ],
)
def test_a_client_or_a_key_that_makes_no_sense(make, toys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImagekitError) as caught:
        make(Plugins.of(toys))
    assert shown(caught.value) == []


@pytest.mark.parametrize(
    "content",
    [{"garden": KEY}, {"garden": {"secret_key": KEY}}, {"garden": {"api_key": f"{KEY} {KEY}"}}],
)
def test_a_keys_file_that_makes_no_sense(content, toys, tmp_path: Path):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    client = Client(plugins=Plugins.of(toys), keys=Keys(path), environment={})
    with pytest.raises(ImagekitError) as caught:
        client.generate("a lily", model="garden:lily-1")
    assert shown(caught.value) == []


def test_a_key_that_is_typed_and_is_none(monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KEY} {KEY}\n"))
    with pytest.raises(ImagekitError) as caught:
        keys_command.main(["set", "token360"], standalone_mode=False)
    assert shown(caught.value) == []
