"""Jobs that outlive the command line: kept in files, and resumed from them."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.config.trust import Trust
from imagekit.testing import Answer, Loopback, Seen, picture_base64

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
        if response.status == 404:
            raise NoPictures("bed does not know the job any more", status=404, charged="maybe")
        if said.get("failed"):
            raise NoPictures("the job failed", status=200, charged="maybe")
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


@pytest.fixture(autouse=True)
def here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, and elsewhere a plugin with a key."""
    site = tmp_path_factory.mktemp("site")
    (site / "flowerbed.py").write_text(PLUGIN)
    about = site / "flowerbed-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: flowerbed\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[imagekit]\nflowerbed = flowerbed\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("BED_API_KEY", KEY)
    folder = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(folder)
    return folder


def at(server: Loopback) -> None:
    text = f'hosts.bed.base_url = "{server.url}"\nhosts.bed.headers = {{ X-Gate = "{GATE}" }}\n'
    path = Path("imagekit.toml")
    path.write_text(text)
    Trust().note(path, path.read_bytes())


def generate(*more: str) -> int:
    return run(["generate", "3 herons", "-m", "bed:tulip", *more])


def resume(*arguments: str) -> int:
    return run(["resume", *arguments])


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "imagekit.toml")


def made(seen: Seen) -> Answer:
    """A job is made, and the door shut then: no clock decides when it is given up."""
    return GROWING if seen.method == "POST" else LOCKED


def posts(server: Loopback) -> int:
    return sum(seen.method == "POST" for seen in server.seen)


@pytest.fixture
def left(capsys: pytest.CaptureFixture[str]) -> Path:
    """The file of a job that goes on."""
    with Loopback(made) as server:
        at(server)
        generate()
    capsys.readouterr()
    return Path("3-herons.job.json")


def moved(server: Loopback, job: Path) -> Path:
    """The job, as if it had been made at this server."""
    at(server)
    plain = json.loads(job.read_text())
    plain["pending"]["request"]["url"] = f"{server.url}/images/generations/t1"
    job.write_text(json.dumps(plain))
    return job


# --- generate keeps it ------------------------------------------------------------------------


def test_a_job_that_is_not_done_is_kept_and_resumed(here, capsys):
    with Loopback(GROWING) as server:
        at(server)
        assert generate("--deadline", "0.5") == exits.LOST
        assert "go on with: imagekit resume 3-herons.job.json\n" in capsys.readouterr().err
        server.script(GROWING, DONE)
        assert resume("3-herons.job.json") == 0
        assert posts(server) == 1
    out, err = capsys.readouterr()
    assert out == "3-herons.png\n"
    assert "bed:tulip: not done yet" in err
    assert "3-herons.job.json is done with, and removed" in err
    assert files(here) == ["3-herons.png"]


def test_a_job_file_has_no_secret_and_the_next_look_has_them_all(left):
    assert KEY not in left.read_text()
    assert GATE not in left.read_text()
    with Loopback(DONE) as server:
        assert resume(str(moved(server, left))) == 0
        (look,) = server.seen
    assert look.headers["authorization"] == f"Bearer {KEY}"
    assert look.headers["x-gate"] == GATE


def test_it_is_kept_where_the_pictures_would_go_and_over_nothing(here, capsys):
    (here / "set").mkdir()
    (here / "set" / "dawn.job.json").write_text("mine")
    with Loopback(made) as server:
        at(server)
        generate("-o", "set/dawn.png", "--force")
    assert "imagekit resume set/dawn-2.job.json" in capsys.readouterr().err
    assert (here / "set" / "dawn.job.json").read_text() == "mine"


def test_the_command_names_the_configuration_that_was_named(capsys):
    with Loopback(made) as server:
        at(server)
        Path("imagekit.toml").rename("my own.toml")
        run(["--config", "my own.toml", "generate", "x", "-m", "bed:tulip"])
    assert "imagekit --config 'my own.toml' resume x.job.json" in capsys.readouterr().err


def test_every_job_of_several_calls_has_a_file(here, capsys):
    with Loopback(made) as server:
        at(server)
        assert generate("-n", "3") == exits.LOST
        kept = [f"3-herons-{number}.job.json" for number in (1, 2, 3)]
        assert files(here) == kept
        assert f"imagekit resume {' '.join(kept)}" in capsys.readouterr().err
        server.script(DONE)
        assert resume(*kept) == 0
    assert files(here) == ["3-herons-1.png", "3-herons-2.png", "3-herons-3.png"]


def test_jobs_that_ended_without_a_picture_are_not_kept(here):
    def answer(seen: Seen) -> Answer:
        return GROWING if seen.method == "POST" else FAILED

    with Loopback(answer) as server:
        at(server)
        assert generate("-n", "3") == exits.UNKNOWN
    assert files(here) == []


def test_of_two_jobs_without_a_picture_the_one_that_goes_on_is_kept(here):
    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(json={"job": f"t{posts(server)}"})
        return FAILED if seen.path.endswith("t1") else LOCKED

    with Loopback(answer) as server:
        at(server)
        generate("-n", "2")
    (kept,) = files(here)
    assert json.loads((here / kept).read_text())["task"] == "t2"


def test_a_job_that_vanished_is_kept_but_not_said_to_go_on(here, capsys):
    with Loopback(GROWING, GONE) as server:
        at(server)
        assert generate() == exits.LOST
    err = capsys.readouterr().err
    assert "task t1 was its name\nshould the host find it again: imagekit resume" in err
    assert "goes on" not in err


def test_the_job_that_a_result_is_short_of_is_kept_under_the_number_it_lacks(here, capsys):
    def answer(seen: Seen) -> Answer:
        return DONE if server.seen[0] is seen else made(seen)

    with Loopback(answer) as server:
        at(server)
        assert generate("-n", "2", "--json") == exits.PARTIAL
    record = json.loads(capsys.readouterr().out)
    (image,), (job,) = record["images"], record["jobs"]
    paths = {image["path"], job["path"].replace(".job.json", ".png")}
    assert paths == {"3-herons-1.png", "3-herons-2.png"}
    assert GATE not in json.dumps(record)


def test_ctrl_c_keeps_every_job_that_is_polled(here):
    with Loopback(GROWING) as server:
        at(server)
        command = [sys.executable, "-m", "imagekit.cli", "generate", "herons", "-m", "bed:tulip"]
        process = subprocess.Popen(
            [*command, "-n", "2", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 20
        while len(server.seen) < 8 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == exits.INTERRUPTED
    kept = ["herons-1.job.json", "herons-2.job.json"]
    assert files(here) == kept
    assert [job["path"] for job in json.loads(out)["jobs"]] == kept
    assert f"go on with: imagekit resume {' '.join(kept)}" in err


def test_a_job_that_can_not_be_written_is_told_so_that_stdin_takes_it(here, capsys, monkeypatch):
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("imagekit.cli.files.Destination.keep", full)
    with Loopback(made) as server:
        at(server)
        generate()
        told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
        server.script(DONE)
        assert json.loads(told[0])["kind"] == "imagekit job"
        monkeypatch.setattr("sys.stdin", io.StringIO(told[0]))
        assert resume("-") == 0
    assert files(here) == ["3-herons.png"]


# --- resume --------------------------------------------------------------------------------------


def test_what_json_printed_as_the_error_is_resumed_too(here, capsys, monkeypatch):
    with Loopback(made) as server:
        at(server)
        assert generate("--json") == exits.LOST
        printed = capsys.readouterr().out
        assert json.loads(printed)["jobs"][0]["path"] == "3-herons.job.json"
        server.script(DONE)
        monkeypatch.setattr("sys.stdin", io.StringIO(printed))
        assert resume("-", "--json") == 0
    (image,) = json.loads(capsys.readouterr().out)["images"]
    assert image["path"] == "3-herons.png"
    assert "3-herons.job.json" in files(here), "only a file that was named is removed"


def test_a_job_that_still_is_not_done_stays_in_its_file(left, capsys):
    with Loopback(GROWING) as server:
        moved(server, left)
        before = left.read_text()
        assert resume(str(left), "--deadline", "0.1") == exits.LOST
        assert posts(server) == 0
    assert "go on with: imagekit resume 3-herons.job.json" in capsys.readouterr().err
    assert left.read_text() == before


def test_one_job_of_two_that_is_done_is_a_part(left, here):
    def answer(seen: Seen) -> Answer:
        return DONE if len(server.seen) == 1 else GONE

    with Loopback(answer) as server:
        moved(server, left)
        Path("other.job.json").write_text(left.read_text())
        assert resume(str(left), "other.job.json") == exits.PARTIAL
    assert files(here) == ["3-herons.png", "other.job.json"]


def test_a_job_that_the_host_does_not_know_any_more_does_not_go_on(left, capsys):
    with Loopback(GONE) as server:
        assert resume(str(moved(server, left))) == exits.LOST
    err = capsys.readouterr().err
    assert "error: bed does not know the job any more" in err
    assert "goes on" not in err
    assert "should the host find it again: imagekit resume 3-herons.job.json" in err


def test_a_job_that_failed_has_ended(left, capsys):
    with Loopback(FAILED) as server:
        assert resume(str(moved(server, left))) == exits.UNKNOWN
    assert "the job has ended; nothing more will come of 3-herons.job.json" in (
        capsys.readouterr().err
    )


def test_pictures_that_can_not_be_saved_leave_the_job_where_it_is(left, capsys, monkeypatch):
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("imagekit.Image.save", full)
    with Loopback(DONE) as server:
        assert resume(str(moved(server, left))) == exits.LOST
    assert left.exists()
    assert "go on with: imagekit resume 3-herons.job.json" in capsys.readouterr().err


def test_ctrl_c_leaves_the_job_where_it_is(left):
    with Loopback(GROWING) as server:
        moved(server, left)
        command = [sys.executable, "-m", "imagekit.cli", "resume", str(left)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 20
        while len(server.seen) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == exits.INTERRUPTED
    assert "nothing was sent that could be charged" in err
    assert "go on with: imagekit resume 3-herons.job.json" in err
    assert left.exists()


def test_a_picture_goes_to_stdout(left, here):
    with Loopback(DONE) as server:
        moved(server, left)
        command = [sys.executable, "-m", "imagekit.cli", "resume", str(left), "-o", "-"]
        done = subprocess.run(command, capture_output=True, timeout=20)
    assert done.stdout.startswith(b"\x89PNG")
    assert files(here) == []


def test_a_job_of_a_host_that_is_not_installed(left, capsys, monkeypatch):
    monkeypatch.setenv("IMAGEKIT_PLUGINS_BLOCKED", "flowerbed")
    Path("imagekit.toml").unlink()
    assert resume(str(left)) == exits.USAGE
    err = capsys.readouterr().err
    assert "bed" in err.splitlines()[0]
    assert "the job is kept; when this is mended: imagekit resume 3-herons.job.json" in err


def test_a_job_without_a_key_is_kept(left, capsys, monkeypatch):
    monkeypatch.delenv("BED_API_KEY")
    assert resume(str(left)) == exits.CONFIGURATION
    assert "BED_API_KEY" in capsys.readouterr().err
    assert left.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it has no job in it"),
        ('{"images": []}', "it has no job in it"),
        ('{"kind": "imagekit job", "pending": 7}', "must be a table"),
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


def test_a_file_that_is_not_there(capsys):
    assert resume("none.job.json") == exits.USAGE
    assert "none.job.json is not there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"method": "POST", "body": "{}"}, "not asked for by a GET"),
        ({"url": "https://elsewhere.invalid/t1"}, "a key goes to its own host alone"),
    ],
)
def test_a_forged_job_buys_nothing_and_takes_no_key_elsewhere(left, capsys, change, says):
    with Loopback(DONE) as server:
        plain = json.loads(moved(server, left).read_text())
        plain["pending"]["request"] |= change
        left.write_text(json.dumps(plain))
        assert resume(str(left)) == exits.USAGE
        assert server.seen == []
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--force"], "--force takes one job"),
        (["-o", "x.png"], "-o x.png is one file, for 2 jobs"),
        (["-o", "-"], "stdout takes one picture"),
        (["-o", "-", "--json"], "both want stdout"),
    ],
)
def test_what_makes_no_sense_for_several_jobs_is_refused(left, capsys, more, says):
    Path("other.job.json").write_text(left.read_text())
    assert resume(str(left), "other.job.json", *more) == exits.USAGE
    assert says in capsys.readouterr().err


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
        done = subprocess.run([*command, "-o", "-"], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (exits.PARTIAL, "")
    assert "stdout-2.png" in done.stderr
