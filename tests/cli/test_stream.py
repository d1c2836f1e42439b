"""The command line shows pictures as they come: real files, real sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.testing import Answer, Loopback, picture_base64

GROUP = ("--sequential-image-generation", "auto")
Step = Callable[[], dict[str, object]]


def came(index: int) -> dict[str, object]:
    kind = "image_generation.partial_succeeded"
    return {"type": kind, "image_index": index, "b64_json": picture_base64(4, 3)}


def withheld(index: int) -> dict[str, object]:
    error = {"code": "OutputImageSensitiveContentDetected", "message": "withheld"}
    return {"type": "image_generation.partial_failed", "image_index": index, "error": error}


def done() -> dict[str, object]:
    return {"type": "image_generation.completed", "usage": {"generated_images": 1}}


@contextmanager
def streaming(*steps: Step) -> Iterator[str]:
    """A server whose events are made one by one, each when its turn comes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for step in steps:
                self.wfile.write(f"data: {json.dumps(step())}\n\n".encode())
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMAGEKIT_CONFIG", "imagekit.toml")
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")
    return tmp_path


def arguments(url: str, *more: str) -> list[str]:
    Path("imagekit.toml").write_text(f'hosts.ark.base_url = "{url}"')
    return ["generate", "3 herons", "-m", "ark:seedream-4.5", *more]


def appears(path: Path) -> bool:
    """Whether it does before anybody would lose patience."""
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.005)
    return path.exists()


def test_each_picture_is_saved_before_the_next_one_is_made(here, capsys):
    def second() -> dict[str, object]:
        return came(1) if appears(here / "3-herons-1.png") else withheld(1)

    with streaming(lambda: came(0), second, lambda: withheld(2), done) as url:
        assert run(arguments(url, *GROUP)) == exits.PARTIAL
    out, err = capsys.readouterr()
    assert out.split() == ["3-herons-1.png", "3-herons-2.png"]
    told = [line for line in err.splitlines() if "4x3" in line or "picture" in line]
    assert [line.split(":")[0] for line in told] == [
        "3-herons-1.png",
        "3-herons-2.png",
        "picture 3 was not made",
    ]


def test_half_a_group_is_not_everything_that_was_asked_for(capsys):
    with streaming(lambda: came(0)) as url:
        assert run(arguments(url, *GROUP)) == exits.PARTIAL
    out, err = capsys.readouterr()
    assert out == "3-herons-1.png\n"
    assert "picture 2 was not made: the stream ended before the group did" in err


@pytest.mark.parametrize(
    "group", [(), (*GROUP, "--sequential-image-generation-options", '{"max_images": 1}')]
)
def test_a_stream_that_ends_after_its_last_picture_lost_none(capsys, group):
    with streaming(lambda: came(0)) as url:
        assert run(arguments(url, *group)) == 0
    assert "the stream ended without saying that it was complete" in capsys.readouterr().err


def test_pictures_are_saved_when_nobody_reads_the_notes(here):
    with streaming(lambda: came(0), lambda: came(1), done) as url:
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "imagekit.cli", *arguments(url, *GROUP)]
        process = subprocess.run(command, stdout=subprocess.PIPE, stderr=writer, text=True)
        os.close(writer)
    assert (process.returncode, process.stdout) == (0, "3-herons-1.png\n3-herons-2.png\n")


def test_a_picture_alone_has_no_number(capsys):
    with streaming(lambda: came(0), done) as url:
        assert run(arguments(url, "-q")) == 0
    assert capsys.readouterr().out == "3-herons.png\n"


def test_pictures_that_carry_their_record_wait_for_the_end(here, capsys):
    """The record tells of the whole call."""
    there: list[bool] = []

    def last() -> dict[str, object]:
        there.extend(path.exists() for path in here.glob("*.png"))
        return done()

    with streaming(lambda: came(0), lambda: came(1), last) as url:
        assert run(arguments(url, *GROUP, "--embed")) == 0
    assert there == []
    assert run(["show", "3-herons-2.png"]) == 0


def test_dry_run_prints_that_it_would_be_streamed(capsys):
    assert run(arguments("http://127.0.0.1:9", "--dry-run", "--json")) == 0
    assert '"stream": true' in capsys.readouterr().out
    assert run(arguments("http://127.0.0.1:9", "--dry-run", "--json", "-p", "stream=false")) == 0
    assert '"stream": false' in capsys.readouterr().out


@pytest.mark.parametrize("more", [("--dry-run", "--json"), ("--json",)])
def test_an_alias_that_says_not_to_stream_is_heeded(capsys, more):
    with Loopback(Answer(json={"data": [{"b64_json": picture_base64(4, 3)}]})) as server:
        given = arguments(server.url, "-m", "plain", *more)
        with Path("imagekit.toml").open("a") as file:
            file.write("\nmodels.plain.model = 'ark:seedream-4.5'")
            file.write("\nmodels.plain.defaults.options.stream = false")
        assert run(given) == 0
    lines = json.loads(capsys.readouterr().out)["receipt"]["lines"]
    (line,) = [line for line in lines if line["parameter"] == "stream"]
    assert (line["value"], line["by"]) == (False, "alias")


def test_calls_side_by_side_are_saved_as_each_is_done(here, capsys):
    """Also where nothing is streamed: n pictures are n calls."""
    asked: list[object] = []

    def answer(seen: object) -> Answer:
        asked.append(seen)
        if len(asked) == 2:
            assert appears(here / "3-herons-1.png") or appears(here / "3-herons-2.png")
        return Answer(json={"data": [{"b64_json": picture_base64(4, 3)}]})

    with Loopback(answer) as server:
        assert run([*arguments(server.url), "-n", "2"]) == 0
    assert sorted(capsys.readouterr().out.split()) == ["3-herons-1.png", "3-herons-2.png"]


def test_fewer_pictures_than_were_asked_for_are_not_all_of_them(capsys, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", "key-of-token360")
    with Loopback(Answer(json={"data": [{"b64_json": picture_base64(4, 3)}]})) as server:
        Path("imagekit.toml").write_text(f'hosts.token360.base_url = "{server.url}"')
        given = ["generate", "herons", "-m", "token360:kling-image-o1", "-n", "2"]
        assert run(given) == exits.PARTIAL
    assert "asked for 2 pictures, the host made 1" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_keeps_what_has_come(here, as_json):
    gone = threading.Event()

    def never() -> dict[str, object]:
        gone.wait(60)
        return done()

    with streaming(lambda: came(0), never) as url:
        more = ["--json"] if as_json else []
        command = [sys.executable, "-m", "imagekit.cli", *arguments(url, *GROUP, *more)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert appears(here / "3-herons-1.png")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        gone.set()
    assert process.returncode == exits.INTERRUPTED
    if as_json:
        images = [{"path": "3-herons-1.png", "index": 0}]
        said = {"interrupted": True, "images": images, "tasks": [], "jobs": []}
        assert json.loads(out) == said
    else:
        assert out == "3-herons-1.png\n"
    assert "interrupted: 1 saved" in err
