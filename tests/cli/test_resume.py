"""Paid calls that outlive the command line: noted in its journal, and finished from there."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagekit import Image, Pending, Purchase, Request, Result
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.send.journal.directory import FileJournal
from imagekit.send.journal.recovery import left_behind
from imagekit.settings.private_files import directory
from imagekit.settings.trust import Trust
from imagekit.testing import Answer, Loopback, Seen, picture, picture_base64

#: A plugin whose host makes jobs, and wants to be asked again soon.
PLUGIN = """
from imagekit import (
    Bearer, Family, Host, Model, NoPictures, Offer, Pending, Request, hookimpl, spell
)
from imagekit.wires.openai_images import OpenAIImages

class Growing(OpenAIImages):
    def __init__(self):
        super().__init__("growing")

    @hookimpl
    def imagekit_decode_response(self, call, response):
        said = response.document
        if said.get("broken"):
            raise RuntimeError("a bug in a plugin")
        if response.status == 404:
            raise NoPictures("bed does not know the job any more", status=404, charged="maybe")
        if said.get("failed"):
            raise NoPictures("the job failed", status=200, charged="maybe", final=True)
        if "job" not in said:
            return super().imagekit_decode_response(call, response)
        url = call.route.url() + "/" + said["job"]
        look = Request("GET", url, call.headers, None, "poll", True)
        return Pending(look, wait=0.01, task=said["job"], charged="yes")

@hookimpl
def imagekit_wires():
    return [Growing()]

@hookimpl
def imagekit_families():
    return [Family("tulips", "Tulips", (Model("tulip", "Tulip"),))]

@hookimpl
def imagekit_hosts():
    offer = Offer("tulip", "tulip", "growing", spell("user sequential_image_generation"))
    return [Host("bed", "Bed", "https://bed.invalid", Bearer(("BED_API_KEY",)), (offer,))]
"""
KEY, GATE = "key-of-the-bed", "gate-of-the-bed"
GROWING = Answer(json={"job": "t1"})
LOCKED = Answer(401, json={"error": {"message": "locked"}})
GONE, FAILED = Answer(404, json={}), Answer(json={"failed": True})
DONE = Answer(json={"data": [{"b64_json": picture_base64(4, 3)}]})
PICTURE = Answer(body=picture(4, 3), headers={"Content-Type": "image/png"})


@pytest.fixture(autouse=True)
def here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, and elsewhere a plugin with a key, and a journal without a call."""
    site = tmp_path_factory.mktemp("site")
    (site / "flowerbed.py").write_text(PLUGIN)
    about = site / "flowerbed-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: flowerbed\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[imagekit]\nflowerbed = flowerbed\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("BED_API_KEY", KEY)
    monkeypatch.setenv("IMAGEKIT_STATE", str(site / "state"))
    folder = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def state(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return Path(os.environ["IMAGEKIT_STATE"])


@pytest.fixture
def bed() -> Iterator[Loopback]:
    """Its server: a job is made, and the door shut then: no clock decides when it is given up."""
    with Loopback(made) as server:
        at(server)
        yield server


def at(server: Loopback) -> None:
    text = f'hosts.bed.base_url = "{server.url}"\nhosts.bed.headers = {{ X-Gate = "{GATE}" }}\n'
    path = Path("imagekit.toml")
    path.write_text(text)
    Trust().note(path, path.read_bytes())


def made(seen: Seen) -> Answer:
    return GROWING if seen.method == "POST" else LOCKED


def generate(*more: str) -> int:
    return run(["generate", "3 herons", "-m", "bed:tulip", *more])


def resume(*arguments: str) -> int:
    return run(["resume", *arguments])


def program(*arguments: str) -> subprocess.Popen[str]:
    """The program in a process of its own, which can be stopped."""
    command = [sys.executable, "-m", "imagekit.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "imagekit.toml")


def posts(server: Loopback) -> int:
    return sum(seen.method == "POST" for seen in server.seen)


def until(count: int, server: Loopback) -> None:
    """Wait for so many requests, but not for ever."""
    end = time.monotonic() + 60
    while len(server.seen) < count and time.monotonic() < end:
        time.sleep(0.01)


@pytest.fixture
def left(bed: Loopback, state: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The id of a job that goes on."""
    generate()
    capsys.readouterr()
    (entry,) = left_behind(state)
    return entry.purchase.id


# --- generate leaves it open ------------------------------------------------------------------


def test_a_job_that_is_not_done_stays_open_and_is_resumed(here, capsys, bed, state):
    bed.script(GROWING)
    assert generate("--deadline", "0.5") == exits.LOST
    assert "go on with: imagekit resume\n" in capsys.readouterr().err
    assert files(here) == []
    bed.script(GROWING, DONE)
    assert resume() == 0
    assert posts(bed) == 1
    out, err = capsys.readouterr()
    assert out == "3-herons.png\n"
    assert "bed:tulip: not done yet" in err
    assert files(here) == ["3-herons.png"]
    assert left_behind(state) == []
    assert list(state.glob("**/*.*")) == []


def test_what_is_noted_has_no_secret_and_is_the_users_own(left, state, bed):
    (noted,) = state.glob("*.journal")
    assert noted.stat().st_mode & 0o777 == 0o600
    assert KEY not in noted.read_text()
    assert GATE not in noted.read_text()
    before = len(bed.seen)
    bed.script(DONE)
    assert resume() == 0
    look = bed.seen[before]
    assert look.headers["authorization"] == f"Bearer {KEY}"
    assert look.headers["x-gate"] == GATE


def test_pictures_go_where_they_were_to_go_and_over_nothing(here, monkeypatch, capsys, bed):
    (here / "set").mkdir()
    generate("-o", "set/dawn.png")
    (here / "set" / "dawn.png").write_text("mine")
    monkeypatch.chdir(here / "set")
    Path("imagekit.toml").symlink_to("../imagekit.toml")
    bed.script(DONE)
    assert run(["--config", "../imagekit.toml", "resume", "-q"]) == 0
    assert capsys.readouterr().out == "dawn-2.png\n"
    assert (here / "set" / "dawn.png").read_text() == "mine"


def test_the_command_names_the_configuration_that_was_named(capsys, bed):
    Path("imagekit.toml").rename("my own.toml")
    run(["--config", "my own.toml", "generate", "x", "-m", "bed:tulip"])
    assert "go on with: imagekit --config 'my own.toml' resume\n" in capsys.readouterr().err


def test_a_call_needs_the_configuration_that_it_was_made_with(here, capsys, bed):
    Path("imagekit.toml").rename("own.toml")
    assert run(["--config", "own.toml", "generate", "x", "-m", "bed:tulip"]) == exits.LOST
    capsys.readouterr()
    assert resume() == exits.USAGE
    err = capsys.readouterr().err
    same = f"--config {here / 'own.toml'}"
    assert f"was made with another configuration: give the same {same}\n" in err
    assert "origins" not in err
    assert f"go on with: imagekit {same} resume " in err
    assert run(["generate", "a", "-m", "sandbox:seedream-4.0"]) == 0
    assert f"go on with: imagekit {same} resume\n" in capsys.readouterr().err
    bed.script(DONE)
    assert run(["--config", "own.toml", "resume"]) == 0


def test_a_configuration_that_was_only_found_is_named_to_nobody(here, monkeypatch, capsys, bed):
    """Who names it trusts it, whatever was written into it since."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(here / "home"))
    directory().mkdir(parents=True)
    Path("imagekit.toml").rename(directory() / "config.toml")
    repository = here / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    Path("imagekit.toml").write_text("")
    assert generate() == exits.LOST
    assert "go on with: imagekit resume\n" in capsys.readouterr().err
    monkeypatch.chdir(here)
    bed.script(DONE)
    assert resume() == 0


def test_calls_of_several_configurations_have_none_in_common(capsys, bed):
    for name in ("one.toml", "two.toml"):
        Path(name).write_bytes(Path("imagekit.toml").read_bytes())
        run(["--config", name, "generate", "x", "-m", "bed:tulip"])
    capsys.readouterr()
    assert run(["generate", "a", "-m", "sandbox:seedream-4.0"]) == 0
    assert "2 calls are open since" in (err := capsys.readouterr().err)
    assert "go on with: imagekit resume\n" in err


def test_every_job_of_several_calls_is_resumed_under_its_number(here, bed, state):
    assert generate("-n", "3") == exits.LOST
    assert len(left_behind(state)) == 3
    bed.script(DONE)
    assert resume() == 0
    assert files(here) == ["3-herons-1.png", "3-herons-2.png", "3-herons-3.png"]


def test_jobs_that_ended_without_a_picture_are_not_open(bed, state):
    bed.script(lambda seen: GROWING if seen.method == "POST" else FAILED)
    assert generate("-n", "3") == exits.UNKNOWN
    assert left_behind(state) == []


def test_of_two_jobs_without_a_picture_the_one_that_goes_on_is_open(bed, state):
    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(json={"job": f"t{posts(bed)}"})
        return FAILED if seen.path.endswith("t1") else LOCKED

    bed.script(answer)
    generate("-n", "2")
    (entry,) = left_behind(state)
    assert entry.pending.task == "t2"


def test_a_job_that_vanished_is_open_but_not_said_to_go_on(capsys, bed):
    bed.script(GROWING, GONE)
    assert generate() == exits.LOST
    err = capsys.readouterr().err
    assert "task t1 was its name\nshould the host find it again: imagekit resume" in err
    assert "goes on" not in err


def test_the_job_that_a_result_is_short_of_fills_its_gap(here, capsys, bed):
    first: list[Seen] = []

    def answer(seen: Seen) -> Answer:
        first.append(seen)
        return DONE if first[0] is seen else made(seen)

    bed.script(answer)
    assert generate("-n", "2", "--json") == exits.PARTIAL
    record = json.loads(capsys.readouterr().out)
    assert len(record["images"]) == len(record["jobs"]) == 1
    assert GATE not in json.dumps(record)
    bed.script(DONE)
    assert resume() == 0
    assert files(here) == ["3-herons-1.png", "3-herons-2.png"]


def test_without_a_journal_a_job_is_told_so_that_stdin_takes_it(
    here, capsys, monkeypatch, bed, state
):
    generate("--no-journal")
    assert not state.exists()
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    bed.script(DONE)
    monkeypatch.setattr("sys.stdin", io.StringIO(told[0]))
    assert resume("-") == 0
    assert files(here) == ["3-herons.png"]


def test_what_can_not_be_noted_is_not_sent(capsys, monkeypatch, bed):
    monkeypatch.setenv("IMAGEKIT_STATE", "/dev/null/state")
    assert generate() == exits.CONFIGURATION
    assert bed.seen == []
    err = capsys.readouterr().err
    assert "nothing was sent" in err
    assert "/dev/null/state: Not a directory" in err
    assert "[Errno" not in err
    assert "another place for journals: $IMAGEKIT_STATE; without one: --no-journal" in err


def test_an_answer_that_a_broken_plugin_can_not_read_is_put_into_files(here, capsys, bed):
    """It was paid for, and nobody gives it twice."""
    (picture,) = DONE.json["data"]
    bed.script(Answer(json={"broken": True, "data": [picture], "note": "mine"}))
    assert generate() == exits.UNKNOWN
    assert "what came in the answer is in 3-herons-1.png" in capsys.readouterr().err
    assert files(here) == ["3-herons-1.png", "3-herons-answer.json"]
    assert json.loads((here / "3-herons-answer.json").read_text())["note"] == "mine"


# --- stopped, killed, or short of disk ---------------------------------------------------------


@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_whatever_ends_a_command_its_jobs_are_resumed(here, bed, state, stop):
    bed.script(GROWING)
    process = program("generate", "herons", "-m", "bed:tulip", "-n", "2", "--json")
    until(8, bed)
    number = getattr(signal, stop)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    if stop == "SIGKILL":
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number
        assert [job["task"] for job in json.loads(out)["jobs"]] == ["t1", "t1"]
        assert "go on with: imagekit resume" in err
    bed.script(DONE)
    assert resume() == 0
    assert files(here) == ["herons-1.png", "herons-2.png"]
    assert posts(bed) == 2


def test_a_terminal_that_is_closed_ends_it_like_any_signal(here, bed, state):
    """Nothing can be told any more, and everything is noted."""
    pty = pytest.importorskip("pty")
    bed.script(GROWING)
    process, terminal = pty.fork()
    if process == 0:
        command = [sys.executable, "-m", "imagekit.cli", "generate", "herons", "-m", "bed:tulip"]
        os.execv(sys.executable, command)
    try:
        until(4, bed)
    finally:
        os.close(terminal)
        _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == exits.HUNG_UP
    bed.script(DONE)
    assert resume() == 0
    assert files(here) == ["herons.png"]


def test_a_call_of_which_only_its_first_line_is_known_is_not_sent_again(here, capsys, bed, state):
    bed.script(Answer(delay=30.0))
    process = program("generate", "herons", "-m", "bed:tulip")
    until(1, bed)
    process.kill()
    process.communicate(timeout=60)
    assert resume("--json") == exits.UNKNOWN
    out, err = capsys.readouterr()
    (told,) = json.loads(out)["calls"]
    assert (told["state"], told["charged"]) == ("sending", "maybe")
    assert "may have been charged" in err
    assert posts(bed) == 1
    assert resume("--forget", told["call"][:6]) == 0
    assert resume() == 0
    assert "nothing is open" in capsys.readouterr().err


def interrupted(*more: str, after: int, bed: Loopback) -> str:
    process = program("generate", "herons", "-m", "bed:tulip", *more)
    until(after, bed)
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=60)[1]


def test_a_call_that_nobody_can_be_asked_for_is_not_to_be_gone_on_with(here, bed, state):
    bed.script(Answer(delay=30.0))
    err = interrupted(after=1, bed=bed)
    (entry,) = left_behind(state)
    assert "it may have been carried out and charged" in err
    assert "bed can't be asked what became of it" in err
    assert f"imagekit resume --forget {entry.purchase.id}\n" in err
    assert "go on with" not in err


def test_whose_links_had_come_was_charged(here, bed, state):
    links = Answer(json={"data": [{"url": f"{bed.url}/1.png"}]})
    bed.script(lambda seen: links if seen.method == "POST" else Answer(delay=30.0))
    err = interrupted(after=2, bed=bed)
    assert "it was carried out and charged" in err
    assert "go on with: imagekit resume\n" in err


def test_a_call_that_has_a_name_is_looked_up_by_it(here, bed, state):
    lookup = Pending(
        Request("GET", f"{bed.url}/images/generations/mine", step="poll"),
        wait=2.0,
        model="tulip",
        host="bed",
        given={"model": "tulip", "prompt": "heron"},
        call="c1",
    )
    with FileJournal(state, {"stem": "heron", "directory": str(here)}) as journal:
        journal.sending(Purchase("c1", "tulip", "bed", "mine", lookup=lookup))
    bed.script(DONE)
    assert resume() == 0
    assert files(here) == ["heron.png"]
    assert [(seen.method, seen.path) for seen in bed.seen] == [("GET", "/images/generations/mine")]


@pytest.mark.parametrize("more", [True, False])
def test_of_a_stream_that_broke_off_more_may_have_been_charged(here, capsys, bed, state, more):
    result = Result((Image(0, url=f"{bed.url}/1.png"),))
    with FileJournal(state, {"stem": "heron", "directory": str(here)}) as journal:
        journal.sending(Purchase("c1", "tulip", "bed"))
        journal.answered(Purchase("c1", "tulip", "bed"), result, more=more)
    bed.script(PICTURE)
    assert resume() == (exits.PARTIAL if more else 0)
    assert files(here) == ["heron.png"]
    assert ("more pictures than these may have been made" in capsys.readouterr().err) == more
    assert resume("--list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"calls": []}


def test_links_that_were_not_fetched_yet_are_fetched(here, bed, state):
    hung = threading.Event()

    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(json={"data": [{"url": f"{bed.url}/1.png"}, {"url": f"{bed.url}/2.png"}]})
        return PICTURE if hung.is_set() else Answer(delay=30.0)

    bed.script(answer)
    process = program("generate", "herons", "-m", "bed:tulip")
    until(3, bed)
    process.kill()
    process.communicate(timeout=60)
    hung.set()
    assert resume() == 0
    assert files(here) == ["herons-1.png", "herons-2.png"]
    assert posts(bed) == 1


def test_a_link_that_is_gone_leaves_the_others_and_stays_open(here, capsys, bed, state):
    pictures = Answer(json={"data": [{"url": f"{bed.url}/1.png"}, {"url": f"{bed.url}/2.png"}]})
    gone = Answer(410, body=b"")

    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            return pictures
        return PICTURE if seen.path == "/1.png" else gone

    bed.script(answer)
    assert generate() == exits.PARTIAL
    assert resume() == exits.PARTIAL
    (entry,) = left_behind(state)
    err = capsys.readouterr().err
    forget = f"{entry.purchase.id}: its link has expired; where its host keeps records"
    assert err.count(forget) == 2
    assert err.count(f"imagekit resume --forget {entry.purchase.id}\n") == 2
    assert "go on with" not in err
    assert files(here) == ["3-herons-1.png"], "what is there already is not saved twice"
    bed.script(PICTURE)
    assert resume() == 0
    assert files(here) == ["3-herons-1.png", "3-herons-2.png"]
    assert left_behind(state) == []


def test_a_full_disk_loses_no_picture(here, capsys, monkeypatch, bed):
    """It came in the answer, which nobody gives twice."""

    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    move_to = Image.move_to
    monkeypatch.setattr("imagekit.Image.move_to", full)
    bed.script(DONE)
    assert generate() == exits.LOST
    err = capsys.readouterr().err
    assert "could not be saved: No space left on device" in err
    where = Path(err.partition("picture 1 is kept for now in ")[2].split("\n")[0])
    assert where.read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr("imagekit.Image.move_to", move_to)
    before = len(bed.seen)
    assert resume() == 0
    assert files(here) == ["3-herons.png"]
    assert len(bed.seen) == before
    assert not where.exists()


@pytest.fixture
def kept(here, capsys, monkeypatch, bed) -> Path:
    """The file of a large picture that was paid for, and found no room where it was to go."""
    large = base64.b64encode(picture(4, 3) + bytes(2 << 20)).decode()
    bed.script(Answer(json={"data": [{"b64_json": large}]}))
    with monkeypatch.context() as full:
        full.setattr("imagekit.Image.move_to", refuse)
        assert generate() == exits.LOST
    err = capsys.readouterr().err
    return Path(err.partition("picture 1 is kept for now in ")[2].split("\n")[0])


def refuse(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_kept_picture_needs_no_room_among_temporary_files(kept, here, monkeypatch):
    data = kept.read_bytes()
    monkeypatch.setattr("imagekit.basics.blob.BlobWriter.write", refuse)
    assert resume() == 0
    assert (here / "3-herons.png").read_bytes() == data


def test_a_kept_picture_that_can_t_be_read_is_not_to_be_forgotten(kept, capsys, monkeypatch):
    monkeypatch.setattr("imagekit.Blob.of_file", refuse)
    assert resume() == exits.LOST
    err = capsys.readouterr().err
    assert f"{kept} can't be read: No space left on device" in err
    assert f"picture 1 is kept for now in {kept}" in err
    assert "--forget" not in err


def test_a_kept_picture_whose_file_is_gone_is_told_of_as_that(kept, capsys):
    kept.unlink()
    assert resume() == exits.LOST
    err = capsys.readouterr().err
    assert f"picture 1 could not be saved: {kept} can't be read: No such file" in err
    assert f"picture 1 was kept in {kept}\n" in err
    assert "its file is gone" in err
    assert "--forget" in err


def test_a_picture_that_finds_no_room_at_all_is_not_said_to_be_had_again(
    capsys, monkeypatch, bed, state
):
    monkeypatch.setattr("imagekit.Image.move_to", refuse)
    monkeypatch.setattr("imagekit.send.journal.spool.write_whole", refuse)
    bed.script(DONE)
    assert generate() == exits.LOST
    err = capsys.readouterr().err
    assert "picture 1 could not be saved: No space left on device" in err
    assert "go on with" not in err
    (left,) = left_behind(state)
    assert f"resume --forget {left.purchase.id}" in err


def test_without_a_journal_a_full_disk_puts_pictures_elsewhere(
    here, capsys, monkeypatch, bed, tmp_path
):
    move_to = Image.move_to

    def full(image: Image, path: Path, **options: bool) -> Path:
        if path.parent != tmp_path:
            raise OSError(28, "No space left on device")
        return move_to(image, path, **options)

    monkeypatch.setattr("imagekit.Image.move_to", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    bed.script(DONE)
    assert generate("--no-journal") == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}/3-herons.png\n"
    assert f"picture 1 is in {tmp_path}/3-herons.png instead: No space left on device" in err


def test_what_an_earlier_command_left_is_told(left, capsys, bed):
    bed.script(DONE)
    assert generate("-q") == 0
    assert capsys.readouterr().err == ""
    assert generate() == 0
    assert "a call is open since" in capsys.readouterr().err


def test_what_a_living_command_does_is_left_alone(capsys, bed):
    bed.script(GROWING)
    process = program("generate", "herons", "-m", "bed:tulip")
    until(3, bed)
    assert resume() == 0
    assert "nothing is open" in capsys.readouterr().err
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert resume("--list") == 0
    assert "bed:tulip" in capsys.readouterr().out


# --- resume --------------------------------------------------------------------------------------


def test_what_is_open_is_listed_without_asking_anybody(left, capsys, bed):
    before = len(bed.seen)
    assert resume("--list") == resume("--list", "--json") == 0
    listed, _, plain = capsys.readouterr().out.partition("{")
    assert f"{left}\t" in listed
    assert "\tbed:tulip\ta job\t3 herons\n" in listed
    (call,) = json.loads("{" + plain)["calls"]
    assert (call["call"], call["task"]) == (left, "t1")
    assert len(bed.seen) == before


def test_what_json_printed_is_resumed_on_another_machine(here, capsys, monkeypatch, bed, tmp_path):
    assert generate("--json") == exits.LOST
    monkeypatch.setattr("sys.stdin", io.StringIO(capsys.readouterr().out))
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path))
    bed.script(DONE)
    assert resume("-", "--json") == 0
    (call,) = json.loads(capsys.readouterr().out)["calls"]
    assert call["images"][0]["path"] == "3-herons.png"


def test_a_job_that_still_is_not_done_stays_open(left, capsys, bed, state):
    bed.script(GROWING)
    assert resume(left[:8], "--deadline", "0.1") == exits.LOST
    assert posts(bed) == 1
    assert f"go on with: imagekit resume {left}" in capsys.readouterr().err
    assert [entry.purchase.id for entry in left_behind(state)] == [left]


def test_one_job_of_two_that_is_done_is_a_part(here, capsys, bed, state):
    assert generate("-n", "2") == exits.LOST
    done: list[Seen] = []

    def answer(seen: Seen) -> Answer:
        done.append(seen)
        return DONE if len(done) == 1 else GONE

    bed.script(answer)
    assert resume() == exits.PARTIAL
    assert len(files(here)) == len(left_behind(state)) == 1


def test_of_several_calls_those_that_stay_open_are_counted_once(here, capsys, bed, state):
    assert generate("-n", "3") == exits.LOST
    capsys.readouterr()
    first: list[Seen] = []

    def answer(seen: Seen) -> Answer:
        first.append(seen)
        return DONE if first[0] is seen else LOCKED

    bed.script(answer)
    assert resume() == exits.PARTIAL
    err = capsys.readouterr().err
    assert "2 calls are still open; go on with: imagekit resume\n" in err
    assert err.count("imagekit resume\n") == 1


def test_a_hint_is_given_once_for_this_call_and_earlier_ones(left, capsys, bed):
    bed.script(
        lambda seen: (
            Answer(json={"data": [{"url": f"{bed.url}/1.png"}]})
            if seen.method == "POST"
            else Answer(503)
        )
    )
    assert generate() == exits.LOST
    assert capsys.readouterr().err.count("go on with") == 1


def test_all_are_forgotten_by_one_word(capsys, bed, state):
    generate("-n", "2")
    assert resume("--forget") == exits.USAGE
    assert resume("--all") == exits.USAGE
    assert len(left_behind(state)) == 2
    assert resume("--forget", "--all") == 0
    assert left_behind(state) == []


def test_a_job_that_the_host_does_not_know_any_more_does_not_go_on(left, capsys, bed):
    bed.script(GONE)
    assert resume() == exits.LOST
    err = capsys.readouterr().err
    assert "error: bed does not know the job any more" in err
    assert "goes on" not in err
    assert f"should nothing come of it: imagekit resume --forget {left}" in err


def test_a_job_that_failed_has_ended(left, capsys, bed, state):
    bed.script(FAILED)
    assert resume() == exits.UNKNOWN
    assert f"nothing more will come of {left}" in capsys.readouterr().err
    assert left_behind(state) == []


def test_ctrl_c_leaves_the_job_where_it_is(left, bed, state):
    before = len(bed.seen)
    bed.script(GROWING)
    process = program("resume")
    until(before + 3, bed)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == exits.INTERRUPTED
    assert "nothing was sent that could be charged" in err
    assert "go on with: imagekit resume" in err
    assert len(left_behind(state)) == 1


def test_a_picture_goes_to_stdout(left, here, bed, state):
    bed.script(DONE)
    command = [sys.executable, "-m", "imagekit.cli", "resume", "-o", "-"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.stdout.startswith(b"\x89PNG")
    assert files(here) == []
    assert left_behind(state) == []


def test_a_job_of_a_host_that_is_not_installed_stays_open(left, capsys, monkeypatch, state):
    monkeypatch.setenv("IMAGEKIT_PLUGINS_BLOCKED", "flowerbed")
    Path("imagekit.toml").unlink()
    assert resume() == exits.USAGE
    err = capsys.readouterr().err
    assert "bed" in err.splitlines()[0]
    assert f"{left} stays open" in err


def test_a_job_without_a_key_stays_open(left, capsys, monkeypatch, state):
    monkeypatch.delenv("BED_API_KEY")
    assert resume() == exits.CONFIGURATION
    assert "BED_API_KEY" in capsys.readouterr().err
    assert len(left_behind(state)) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "has no job in it"),
        ('{"images": []}', "has no job in it"),
        ('{"pending": 7}', "must be a table"),
        ('{"pending": {"wait": "soon"}}', "request: is missing"),
        ('{"pending": {"request": {"method": 1}, "wait": 1}}', "request.method: must be text"),
    ],
)
def test_a_file_that_is_something_else(here, capsys, text, says):
    (here / "odd.json").write_text(text)
    assert resume("odd.json") == exits.USAGE
    err = capsys.readouterr().err
    assert "odd.json" in err
    assert says in err


def test_what_is_neither_open_nor_a_file(capsys):
    assert resume("c0ffee") == exits.USAGE
    assert "c0ffee is neither a call that is open nor a file" in capsys.readouterr().err
    assert resume("--forget") == exits.USAGE


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"method": "POST", "body": "{}"}, "not asked for by a GET"),
        ({"url": "https://elsewhere.invalid/t1"}, "a key goes to its own host alone"),
    ],
)
def test_a_forged_job_buys_nothing_and_takes_no_key_elsewhere(
    here, capsys, bed, change, says, monkeypatch, tmp_path
):
    assert generate("--json") == exits.LOST
    plain = json.loads(capsys.readouterr().out)
    plain["jobs"][0]["pending"]["request"] |= change
    (here / "forged.json").write_text(json.dumps(plain))
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path))
    before = len(bed.seen)
    assert resume("forged.json") == exits.USAGE
    assert len(bed.seen) == before
    assert says in capsys.readouterr().err
    assert left_behind(tmp_path) == []


def test_a_job_file_brings_no_headers_of_its_own(here, capsys, bed, monkeypatch, tmp_path):
    assert generate("--json") == exits.LOST
    plain = json.loads(capsys.readouterr().out)
    plain["jobs"][0]["pending"]["request"]["headers"] = {
        "Host": "another.example",
        "X-Broken": "a\r\nX-More: b",
        "X-Wide": "\u2603",
        "Accept": "application/json",
    }
    (here / "forged.json").write_text(json.dumps(plain))
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path))
    before = len(bed.seen)
    resume("forged.json", "--deadline", "0.9")
    look = bed.seen[before]
    assert "another.example" not in look.headers["host"]
    assert look.headers["accept"] == "application/json"
    assert not {"x-broken", "x-more", "x-wide"} & {name.lower() for name in look.headers}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--force"], "--force takes one call"),
        (["-o", "x.png"], "-o x.png is one file, for 2 calls"),
        (["-o", "-"], "stdout takes one picture"),
        (["-o", "-", "--json"], "both want stdout"),
    ],
)
def test_what_makes_no_sense_for_several_calls_is_refused(capsys, bed, state, more, says):
    generate("-n", "2")
    capsys.readouterr()
    assert resume(*more) == exits.USAGE
    assert says in capsys.readouterr().err
    assert len(left_behind(state)) == 2


# --- stdout ------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [["-n", "2"], ["--sequential-image-generation", "auto"]])
def test_several_pictures_for_stdout_are_refused_before_they_are_paid_for(capsys, more):
    with Loopback(DONE) as server:
        at(server)
        assert generate("-o", "-", *more) == exits.USAGE
        assert server.seen == []
    assert "stdout takes one picture, and this asks for several" in capsys.readouterr().err


def test_several_pictures_that_nobody_asked_for_put_no_paths_into_the_picture(here):
    (picture,) = DONE.json["data"]
    with Loopback(Answer(json={"data": [picture] * 2})) as server:
        at(server)
        command = [sys.executable, "-m", "imagekit.cli", "generate", "x", "-m", "bed:tulip"]
        done = subprocess.run([*command, "-o", "-"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (exits.PARTIAL, "")
    assert "stdout-2.png" in done.stderr
