"""The command line as its users meet it: real arguments, real files, real sockets."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image as Pillow

from imagekit import (
    AuthenticationError,
    Charged,
    DeadlineExceeded,
    DownloadError,
    HostUnavailable,
    ImagekitError,
    NotSent,
    OutcomeUnknown,
    Pending,
    PluginError,
    Request,
    UnreadableAnswer,
    events,
)
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.cli.output import show_error
from imagekit.cli.progress import Progress
from imagekit.cli.running.viewer import show_them
from imagekit.testing import Answer, Loopback, picture_base64

MODEL = ("-m", "sandbox:seedream-4.0", "--resolution", "1K")

#: A plugin whose host listens where the test says, so that the program itself can be run.
PLUGIN = """
from imagekit import Host, NoAuth, Offer, hookimpl, spell

@hookimpl
def imagekit_hosts():
    offer = Offer("seedream-4.5", "seedream-4.5", "openai-images", spell("size response_format"))
    return [Host("lily", "Lily", "{url}", NoAuth(), (offer,))]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test starts in an empty directory, without anybody's keys."""
    monkeypatch.chdir(tmp_path)
    for name in ("POWERTOKENS_API_KEY", "TOKEN360_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def installed(folder: Path, url: str) -> dict[str, str]:
    """An environment in which a host named lily is installed."""
    (folder / "lily.py").write_text(PLUGIN.format(url=url))
    about = folder / "lily-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lily\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[imagekit]\nlily = lily\n")
    return {**os.environ, "PYTHONPATH": str(folder)}


def imagekit(
    *arguments: str, env: dict[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "imagekit.cli", *arguments]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, env=env, capture_output=True, text=True, timeout=60, check=False, **options
    )


# --- generate -----------------------------------------------------------------------------


def test_the_answer_is_the_path_and_everything_else_goes_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["generate", "A corgi, running!", *MODEL]) == 0
    out, err = capsys.readouterr()
    assert out == "a-corgi-running.png\n"
    assert "1024x1024 PNG" in err
    assert "no model was involved" in err
    with Pillow.open("a-corgi-running.png") as picture:
        assert picture.size == (1024, 1024)


def test_a_second_picture_of_the_same_prompt_gets_a_name_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["generate", "corgi", *MODEL])
    run(["generate", "corgi", *MODEL, "--seed", "2"])
    assert capsys.readouterr().out.split() == ["corgi.png", "corgi-2.png"]


def test_an_existing_file_is_refused_before_anything_is_generated(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "mine.png").write_text("precious")
    assert run(["generate", "corgi", *MODEL, "-o", "mine.png"]) == exits.USAGE
    err = capsys.readouterr().err
    assert "--force" in err
    assert "generating" not in err
    assert (here / "mine.png").read_text() == "precious"


def test_force_overwrites(here: Path) -> None:
    (here / "mine.png").write_text("worthless")
    assert run(["generate", "corgi", *MODEL, "-o", "mine.png", "--force"]) == 0
    assert (here / "mine.png").read_bytes().startswith(b"\x89PNG")


def test_the_extension_is_what_the_picture_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "corgi", *MODEL, "-o", "corgi.webp"]) == 0
    out, err = capsys.readouterr()
    assert out == "corgi.png\n"
    assert "not .webp" in err


def test_a_dot_in_a_name_begins_no_extension_unless_it_is_one_of_pictures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["generate", "corgi", *MODEL, "-o", "corgi-v1.5"]) == 0
    assert capsys.readouterr().out == "corgi-v1.5.png\n"


def test_a_group_is_numbered_in_a_directory(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "set").mkdir()
    group = ["--sequential-image-generation", "auto"]
    options = ["--sequential-image-generation-options", '{"max_images": 3}']
    assert run(["generate", "3 corgis", *MODEL, *group, *options, "-o", "set"]) == 0
    names = [f"set/3-corgis-{number}.png" for number in (1, 2, 3)]
    assert capsys.readouterr().out.split() == names


def test_a_prompt_from_stdin_and_a_picture_to_stdout(here: Path) -> None:
    command = [sys.executable, "-m", "imagekit.cli", "generate", "-", *MODEL, "-o", "-"]
    done = subprocess.run(command, input=b"a corgi\n", capture_output=True, check=True)
    assert done.stdout.startswith(b"\x89PNG")
    assert list(here.iterdir()) == []


def test_json_carries_all_there_is_to_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "corgi", *MODEL, "--json", "--seed", "3"]) == 0
    record = json.loads(capsys.readouterr().out)
    (image,) = record["images"]
    assert (image["path"], image["width"], image["media_type"]) == ("corgi.png", 1024, "image/png")
    given = [line["parameter"] for line in record["receipt"]["lines"]]
    assert given == ["model", "prompt", "resolution", "seed"]
    assert record["host"] == "sandbox"


def test_explain_prints_the_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    run(["generate", "corgi", "-m", "seedream-4-0-250828", "--resolution", "1K", "--explain"])
    assert "mapped  model=seedream-4-0-250828 -> model=seedream-4.0" in capsys.readouterr().err


def test_dry_run_prints_the_exact_request_without_a_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["-m", "token360:seedream-5.0-lite", "--ratio", "16:9", "--seed", "1"]
    assert run(["generate", "corgi", *arguments, "--dry-run"]) == 0
    out, err = capsys.readouterr()
    head, _, body = out.partition("\n\n")
    assert head.splitlines()[0] == "POST https://api.token360.ai/v1/images/generations"
    assert json.loads(body) == {
        "model": "dola-seedream-5.0-lite",
        "prompt": "corgi",
        "size": "2848x1600",
        "seed": 1,
    }
    assert "authorization" not in out.lower()
    assert "nothing was sent" in err


def test_dry_run_tells_what_it_would_cost(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["generate", "corgi", "-m", "modelark:seedream-4.5", "-n", "3", "--dry-run"]
    run(arguments)
    assert "3 paid calls, 0.12 USD" in capsys.readouterr().err
    run([*arguments, "--json"])
    estimate = json.loads(capsys.readouterr().out)["estimate"]
    assert (estimate["amount"], estimate["currency"], estimate["by"]) == ("0.12", "USD", "list")


def test_the_end_tells_what_it_cost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELARK_API_KEY", "key-of-modelark")
    reply = {"data": [{"b64_json": picture_base64(8, 8)}], "usage": {"cost": "0.0400"}}
    with Loopback(Answer(json=reply)) as server:
        at(server, "modelark", monkeypatch)
        assert run(["generate", "a", "-m", "modelark:seedream-4.5", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "cost: 0.0400 of a currency that is not named, as the host says" in err
    assert json.loads(out)["cost"]["amount"] == "0.0400"


def test_dry_run_shows_no_key_even_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKEN360_API_KEY", "sk-very-secret")
    run(["generate", "corgi", "-m", "token360:seedream-4.5", "--dry-run", "--json"])
    out, err = capsys.readouterr()
    assert "sk-very-secret" not in out + err


@pytest.mark.parametrize("as_json", [False, True])
def test_dry_run_shows_pictures_in_their_order_and_told_by_digest(
    here: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    for name, size in (("b.png", (70, 50)), ("a.png", (60, 40))):
        Pillow.effect_noise(size, 99).save(here / name)
    link = "https://pictures.example/c.png"
    given = ["--image", "b.png", "--image", link, "--image", "a.png"]
    assert run(["generate", "corgi", *MODEL, *given, "--dry-run", *["--json"] * as_json]) == 0
    out, err = capsys.readouterr()
    assert max(map(len, out.splitlines())) < 200
    texts = re.findall(r'"(\([\d,]+ bytes, sha256 [0-9a-f]{64}\))"', out)
    assert len(texts) == 2
    assert out.index(texts[0]) < out.rindex(f'"{link}"') < out.index(texts[1])
    told = out if as_json else err
    assert told.index("b.png") < told.index("a.png")


def test_the_remote_id_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["-m", "token360:seedream-4.5", "--remote-id", "sd-4.5", "--dry-run"]
    assert run(["generate", "corgi", *arguments]) == 0
    out, err = capsys.readouterr()
    assert '"model": "sd-4.5"' in out
    assert "unverified" not in err


def test_models_shows_what_a_reference_picture_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "kling-image-o1"]) == 0
    shown = capsys.readouterr().out.partition("REFERENCE PICTURES\n")[2].splitlines()[0]
    assert shown == (
        "jpeg, png; at most 10,000,000 bytes; at least 300 pixels a side; "
        "2:5 to 5:2 in width : height"
    )
    assert run(["models", "kling-image-o1", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)["references"]
    assert (record["max_count"], record["min_side"], record["max_side"]) == (10, 300, None)
    assert record["formats"] == ["image/jpeg", "image/png"]
    assert run(["models", "glm-image", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["references"] is None


def test_other_models_are_suggested_and_not_other_names_of_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["generate", "x", "-m", "seedream-5.1"]) == exits.USAGE
    err = capsys.readouterr().err
    assert "did you mean seedream-5.5 or seedream-5.0 or seedream-4.5?" in err


def test_text_in_another_encoding_is_told_in_plain_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["generate", "caf\udce9", *MODEL]) == exits.USAGE
    assert "prompt: character 3 is not UTF-8; was it read in another" in capsys.readouterr().err


# --- bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["-m", "seedrem-4.5"], exits.USAGE, "did you mean seedream-4.5"),
        (["-m", "sandbx:seedream-4.5"], exits.USAGE, "did you mean sandbox"),
        (["-m", "token360:seedream-4.5"], exits.CONFIGURATION, "export TOKEN360_API_KEY="),
        (["-m", "seedream-4.5", "--size", "1919x1921"], exits.USAGE, "nearest: 19"),
        (["-m", "seedream-4.5", "--ratio", "1:17"], exits.USAGE, "nearest: 1:16"),
        (["-m", "seedream-4.5", "--seed", "2147483648"], exits.USAGE, "2147483647"),
        (["-m", "seedream-4.5", "--seed", "x"], exits.USAGE, "not a valid integer"),
        (["-m", "seedream-4.5", "-n", "400"], exits.USAGE, "at most 32"),
        (["-m", "seedream-4.5", "-n", "0"], exits.USAGE, "from 1 to 32"),
        (["-m", "seedream-4.5", "-p", "colour"], exits.USAGE, "key=value"),
        (["-m", "seedream-4.5", "-p", "sizes=2K"], exits.USAGE, "did you mean size"),
        (["-m", "seedream-4.5", "--native", "[1]"], exits.USAGE, "not a JSON object"),
        (["-m", "seedream-4.5", "-o", "no/such/dir/a.png"], exits.USAGE, "make it first"),
        (["-m", "seedream-4.5", "--image", "photo.png"], exits.USAGE, "is not there"),
    ],
)
def test_a_mistake_gets_one_clear_sentence(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["generate", "corgi", *arguments]) == code
    out, err = capsys.readouterr()
    assert says in err
    assert "Traceback" not in err
    assert out == ""


def test_an_error_as_json_has_its_class_and_its_two_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["generate", "corgi", "-m", "seedream-4.5", "--size", "64x64", "--json"]
    assert run(arguments) == exits.USAGE
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["type"], error["retryable"], error["charged"]) == ("InvalidRequest", False, "no")
    assert error["problems"][0]["nearest"] == "1920x1920"


def test_a_mistyped_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["modles"]) == exits.USAGE
    assert "'models'" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_error_worth_a_word() -> None:
    command = f"{sys.executable} -m imagekit.cli models --json | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "[\n"
    assert done.stderr == ""


def test_a_reader_that_leaves_within_a_picture_has_an_exit_code_of_its_own() -> None:
    command = [sys.executable, "-m", "imagekit.cli", "generate", "a", *MODEL, "-q", "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == exits.BROKEN_PIPE


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["models", "--help"], ["generate", "a", *MODEL, "--bogus", "--json"]],
    ids=["help", "a command's help", "an error as JSON"],
)
def test_whatever_was_to_be_said_nobody_who_left_hears_a_traceback(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "imagekit.cli", *arguments]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.returncode == exits.BROKEN_PIPE
    assert "Traceback" not in done.stderr


def test_a_picture_on_stdout_has_its_notes_on_stderr() -> None:
    command = [sys.executable, "-m", "imagekit.cli", "generate", "a", *MODEL, "-o", "-"]
    done = subprocess.run([*command, "--explain"], capture_output=True, check=True)
    assert done.stdout.startswith(b"\x89PNG")
    assert b"note: SANDBOX" in done.stderr
    assert b"sent    prompt=a" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "-", "--json"], "-o - and --json both want stdout"),
        (["--deadline", "0"], "x>0"),
    ],
)
def test_what_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert run(["generate", "a", *MODEL, *arguments]) == exits.USAGE
    assert says in capsys.readouterr().err


def test_a_deadline_that_passed_before_anything_was_sent_cost_nothing() -> None:
    assert exits.code_of(DeadlineExceeded("too late")) == exits.UNKNOWN
    assert exits.code_of(DeadlineExceeded("too late", charged=Charged.NO)) == exits.NETWORK


# --- a host that misbehaves ----------------------------------------------------------------


@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_whoever_stops_it_while_the_answer_is_awaited_hears_that_it_may_be_charged(
    here: Path, stop: str
) -> None:
    with Loopback(Answer(delay=30.0)) as server:
        command = [sys.executable, "-m", "imagekit.cli", "generate", "x", "-m", "lily:seedream-4.5"]
        process = subprocess.Popen(
            command, env=installed(here, server.url), stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 60
        while not server.seen and time.monotonic() < deadline:
            time.sleep(0.01)
        number = getattr(signal, stop)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "may have been carried out and charged" in err
    assert len(server.seen) == 1


def test_a_request_counts_as_sent_until_it_was_certainly_free() -> None:
    """While a job is asked for, and while pictures still arrive, it may well be charged."""
    progress = Progress(quiet=True)
    for event, sent in (
        (events.Sending("lily:a", "generate", "POST", "https://lily.invalid"), True),
        (events.Retrying("lily:a", "generate", 1.0, NotSent("refused")), False),
        (events.Sending("lily:a", "generate", "POST", "https://lily.invalid"), True),
        (events.Received("lily:a", "generate", 200, 0.1), True),
        (events.Sending("lily:a", "poll", "GET", "https://lily.invalid"), True),
        (events.Retrying("lily:a", "poll", 1.0, NotSent("refused")), True),
    ):
        progress(event)
        assert progress.sent == sent


def test_a_free_refusal_of_one_call_says_nothing_of_those_beside_it() -> None:
    progress = Progress(quiet=True)
    sending = events.Sending("lily:a", "generate", "POST", "https://lily.invalid")
    for event in (sending, sending, events.Retrying("lily:a", "generate", 1.0, NotSent("no"))):
        progress(event)
    assert progress.sent


def test_waiting_for_a_place_is_told_once_of_each_limit(capsys) -> None:
    progress = Progress()
    why = "hosts.lily.rpm = 10: the next in 12.0 s"
    for limit, told in (("rpm", why), ("rpm", why), ("at_once", "4 are under way")):
        progress(events.Queued("lily:a", "generate", limit, told))
    assert capsys.readouterr().err.splitlines() == [
        f"waiting for a place at lily: {why}",
        "waiting for a place at lily: 4 are under way",
    ]
    assert not progress.sent


def test_a_job_is_named_so_that_it_can_be_found_again() -> None:
    pending = Pending(Request("GET", "https://lily.invalid/7"), wait=1.0, task="t/7")
    progress = Progress(quiet=True)
    progress(events.Waiting("lily:a", "generate", pending))
    progress(events.Waiting("lily:a", "poll", pending))
    assert progress.tasks == ["t/7"]


def test_an_error_while_a_job_runs_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    pending = Pending(Request("GET", "https://lily.invalid/7"), wait=1.0, task="t/7")
    show_error(NotSent("refused", pending=pending))
    assert "task t/7 goes on without us, and can be resumed" in capsys.readouterr().err


def test_four_pictures_of_five_are_kept_and_the_fifth_has_its_reason(here: Path) -> None:
    moderated = {"error": {"code": "OutputImageSensitiveContentDetected", "message": "no"}}
    with Loopback(picture := Answer()) as files:
        done = imagekit("generate", "x", *MODEL, "-o", "one.png")
        png = (here / done.stdout.strip()).read_bytes()
        files._script = (Answer(body=png, headers={"Content-Type": "image/png"}), picture)[:1]
        links = [{"url": f"{files.url}/{number}"} for number in range(4)]
        reply = Answer(json={"created": 1, "data": [*links[:2], moderated, *links[2:]]})
        with Loopback(reply) as server:
            done = imagekit(
                "generate", "5 corgis", "-m", "lily:seedream-4.5", env=installed(here, server.url)
            )
    assert done.returncode == exits.PARTIAL
    assert done.stdout.split() == [f"5-corgis-{number}.png" for number in (1, 2, 4, 5)]
    assert "picture 3 was not made: no" in done.stderr


def test_bytes_that_are_no_picture_are_saved_as_what_they_are(here: Path) -> None:
    reply = Answer(json={"data": [{"b64_json": base64.b64encode(b"hello" * 20).decode()}]})
    with Loopback(reply) as server:
        environment = installed(here, server.url)
        done = imagekit("generate", "x", "-m", "lily:seedream-4.5", env=environment)
    assert done.stdout == "x.bin\n", "it is paid for, and so kept"
    assert "note: picture 1: its bytes are no known kind of picture" in done.stderr
    assert "done in" not in done.stderr
    assert done.returncode == exits.LOST, "as behind a link"


def test_a_host_that_asks_for_patience_is_quoted(here: Path) -> None:
    reply = Answer(503, json={"error": {"message": "busy"}}, headers={"Retry-After": "1800"})
    with Loopback(reply) as server:
        environment = installed(here, server.url)
        done = imagekit("generate", "x", "-m", "lily:seedream-4.5", env=environment)
    assert "may have been charged: lily does not say that this is free" in done.stderr
    assert "the host asks to wait 1,800 s" in done.stderr


def test_a_refusal_ends_with_its_own_exit_code(here: Path) -> None:
    moderated = {"error": {"code": "InputTextSensitiveContentDetected", "message": "no"}}
    with Loopback(Answer(400, json=moderated)) as server:
        environment = installed(here, server.url)
        done = imagekit("generate", "x", "-m", "lily:seedream-4.5", env=environment)
    assert done.returncode == exits.MODERATED
    assert "Traceback" not in done.stderr


# --- looking around ---------------------------------------------------------------------------


def test_models_says_where_and_marks_what_nobody_verified(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["models"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [
        "seedream-4.5",
        "Seedream 4.5",
        "2K 4K",
        "ark, fal, modelark, openrouter, powertokens, token360?, sandbox",
    ] in rows


def test_one_model_shows_parameters_pixels_hosts_and_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["models", "doubao-seedream-4-5-251128"]) == 0
    out = capsys.readouterr().out
    for part in ("16:9\t2848x1600\t5504x3040", "3,686,400", "docs.powertokens.ai", "max_images"):
        assert part in out
    token360 = "https://www.token360.ai/en-US/docs/api-reference/image-generation\t2026-11-21"
    unverified = "its id at token360, seed at token360, image at token360, size at token360"
    assert f"{token360}\tunverified\t{unverified}" in out


def test_a_model_without_a_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    run(["models", "kling-v3"])
    out = capsys.readouterr().out
    assert "1K 2K in the ratios 16:9 9:16 1:1" in out
    assert "nobody documents how many pixels those are\nby default 1K" in out
    run(["models", "cogview-3-flash"])
    out = capsys.readouterr().out
    assert "any size: at most 2,097,152 px, multiples of 16, sides 512 to 2048" in out
    assert "also known as" not in out


def test_a_capability_record_holds_a_json_schema_of_each_route(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["models", "seedream-4.5", "--json"])
    record = json.loads(capsys.readouterr().out)
    schema = {host["host"]: host["schema"] for host in record["hosts"]}["powertokens"]
    assert schema["properties"]["seed"]["maximum"] == 2147483647
    assert schema["properties"]["seed"]["x-unverified"] is True
    assert schema["required"] == ["prompt"]


def test_hosts_says_how_to_give_the_missing_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hosts"]) == 0
    assert "missing: export TOKEN360_API_KEY=..." in capsys.readouterr().out


def test_a_broken_plugin_is_reported_and_stops_nobody_else(here: Path) -> None:
    environment = installed(here, "http://127.0.0.1:1")
    (here / "lily.py").write_text("import no_such_module\n")
    done = imagekit("plugins", env=environment)
    assert done.returncode == exits.INTERNAL
    assert re.search(r"lily\tlily 1.0\tfailed\tModuleNotFoundError", done.stdout)
    assert "seedream\timagekit-seedream" in done.stdout


def test_a_broken_plugin_is_noted_whatever_the_command(here: Path) -> None:
    """Else its models are just unknown, and nobody knows why."""
    environment = installed(here, "http://127.0.0.1:1")
    (here / "lily.py").write_text("import no_such_module\n")
    done = imagekit("generate", "a heron", "-m", "lily:seedream-4.5", env=environment)
    assert "warning: the plugin lily (lily 1.0) is broken and left out" in done.stderr


def test_help_has_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for code, meaning in exits.MEANINGS.items():
        assert re.search(rf"{code}\s+{re.escape(meaning)}", out)
    for name in ("generate", "models", "hosts", "plugins"):
        assert run([name, "--help"]) == 0
        assert "Examples:" in capsys.readouterr().out


def at(server: Loopback, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own configuration says that this host is there."""
    Path("work.toml").write_text(f'hosts.{host}.base_url = "{server.url}"')
    monkeypatch.setenv("IMAGEKIT_CONFIG", "work.toml")


# --- what is typed -------------------------------------------------------------------------


def test_a_prompt_from_stdin_needs_no_dash(here: Path) -> None:
    done = imagekit("generate", *MODEL, "--dry-run", input="a corgi\n")
    assert '"prompt": "a corgi"' in done.stdout
    done = imagekit("generate", *MODEL, "--dry-run", input="")
    assert done.returncode == exits.USAGE
    assert "there is no prompt" in done.stderr


def test_a_prompt_without_quotes_is_shown_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "a", "corgi's", "head", *MODEL]) == exits.USAGE
    assert "imagekit generate 'a corgi'\"'\"'s head'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "sent"),
    [(("--size", "2048X2048"), "2048x2048"), (("--ratio", "16/9"), "2848x1600")],
)
def test_a_shape_that_is_plainly_meant_is_taken(
    capsys: pytest.CaptureFixture[str], option: tuple[str, str], sent: str
) -> None:
    assert run(["generate", "a", "-m", "sandbox:seedream-4.5", *option, "--dry-run"]) == 0
    assert f'"size": "{sent}"' in capsys.readouterr().out


def test_advice_is_spelled_as_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["generate", "a", "-m", "sandbox:seedream-4.5", "--quality", "hd"])
    err = capsys.readouterr().err
    assert "--on-unsupported drop leaves it out" in err
    assert "on_unsupported" not in err


def test_what_was_changed_or_left_out_is_told_even_quietly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ("-m", "sandbox:seedream-4.5")
    assert (
        run(["generate", "a", *model, "--size", "2048x512", "--on-unsupported", "adapt", "-q"]) == 0
    )
    assert "adapted size=2048x512 -> size=3840x960" in capsys.readouterr().err
    assert run(["generate", "a", *model, "--quality", "hd", "--on-unsupported", "drop", "-q"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.split()[:2] == ["dropped", "quality=hd"]


def test_a_drawing_that_nobody_asked_for_is_told_even_quietly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sandbox stands in for somebody without a key; a script is not to take it for more."""
    assert run(["generate", "a", "-m", "seedream-4.0", "--resolution", "1K", "-q", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["sandbox"] is True
    assert "no key for any host, so sandbox drew this" in err
    assert run(["generate", "a", *MODEL, "-q", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["sandbox"] is True
    assert err == ""


def test_a_quiet_dry_run_prints_the_request_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "a", *MODEL, "--dry-run", "-q"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("POST https://")
    assert err == ""


def test_many_paid_calls_are_not_made_unasked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than ten, and what they cost is said first."""
    monkeypatch.setenv("TOKEN360_API_KEY", "key-of-token360")
    answer = Answer(400, json={"error": {"message": "no"}})
    with Loopback(answer) as server:
        at(server, "token360", monkeypatch)
        many = ["generate", "a", "-m", "token360:seedream-5.0-lite", "-n", "11"]
        assert run(many) == exits.USAGE
        assert server.seen == []
        err = capsys.readouterr().err
        assert "11 paid calls, cost unknown" in err
        assert "--yes" in err
        run([*many, "--yes"])
        assert len(server.seen) == 11


def test_a_refused_key_is_named_with_where_it_came_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")
    answer = Answer(401, json={"error": {"code": "AuthenticationError", "message": "no"}})
    with Loopback(answer) as server:
        at(server, "ark", monkeypatch)
        code = run(["generate", "a", "-m", "ark:seedream-4.5"])
    err = capsys.readouterr().err
    assert code == exits.CONFIGURATION
    assert "ARK_API_KEY" in err
    assert "keys are made at https://" in err
    assert "key-of-ark" not in err


def test_how_often_it_is_sent_again_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")
    busy = Answer(429, json={"error": {"code": "ServerOverloaded", "message": "busy"}})
    with Loopback(busy) as server:
        at(server, "ark", monkeypatch)
        assert run(["generate", "a", "-m", "ark:seedream-4.5", "--retries", "0"]) == exits.REFUSED
        assert len(server.seen) == 1


def test_every_request_is_told_of_but_no_prompt_and_no_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")
    data = [{"b64_json": base64.b64encode(b"GIF89a").decode()}]
    with Loopback(Answer(json={"data": data})) as server:
        at(server, "ark", monkeypatch)
        given = ["generate", "a secret prompt", "-m", "ark:seedream-4.5", "-p", "stream=false"]
        assert run([*given, "-q", "-v", "-o", "a.gif"]) == 0
        err = capsys.readouterr().err
        assert "HTTP 200 after" in err
        assert "secret" not in err
        assert "key-of-ark" not in err
        assert run([*given, "-q", "-o", "b.gif"]) == 0
        assert "HTTP 200" not in capsys.readouterr().err


def test_the_pictures_of_an_alias_are_sent(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Pillow.new("RGB", (64, 64)).save("her.png")
    Path("imagekit.toml").write_text(
        "models.hers = {model = 'sandbox:seedream-4.5', defaults = {image = 'her.png'}}"
    )
    assert run(["--config", "imagekit.toml", "generate", "a", "-m", "hers", "--dry-run"]) == 0
    assert '"image"' in capsys.readouterr().out


def test_a_dry_run_says_who_wanted_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "a", "-m", "ark:seedream-4.5", "--dry-run"]) == 0
    assert "stream=true (by Client.stream)" in capsys.readouterr().err


def test_what_was_saved_is_opened_where_there_is_a_display(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("click.launch", lambda path: shown.append(path) or 0)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert run(["generate", "a", *MODEL, "--open"]) == 0
    assert "there is no display" in capsys.readouterr().err
    monkeypatch.setenv("DISPLAY", ":0")
    assert run(["generate", "a", *MODEL, "--open"]) == 0
    assert shown == [str(here.resolve() / "a-2.png")]


def test_what_is_no_picture_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A host may send a page with a program in it for a picture."""
    shown: list[str] = []
    monkeypatch.setattr("click.launch", lambda path: shown.append(path) or 0)
    monkeypatch.setenv("DISPLAY", ":0")
    page = tmp_path / "a-corgi.bin"
    page.write_text("<html><script>fetch('file:///etc/passwd')</script>")
    show_them([page])
    assert shown == []
    assert "a-corgi.bin is no picture of a known kind" in capsys.readouterr().err


# --- exit codes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HostUnavailable("broken", charged=Charged.MAYBE), exits.UNKNOWN),
        (HostUnavailable("busy", charged=Charged.NO), exits.REFUSED),
        (UnreadableAnswer("cut", charged=Charged.MAYBE), exits.UNKNOWN),
        (DownloadError("gone"), exits.LOST),
        (PluginError("broken", charged=Charged.YES), exits.LOST),
        (PluginError("broken"), exits.INTERNAL),
        (AuthenticationError("wrong key", charged=Charged.NO), exits.CONFIGURATION),
        (NotSent("refused"), exits.NETWORK),
        (NotSent("refused", others=(OutcomeUnknown("lost"),)), exits.UNKNOWN),
    ],
)
def test_an_exit_code_tells_first_whether_it_may_have_been_charged(
    error: ImagekitError, code: int
) -> None:
    assert exits.code_of(error) == code


def test_when_none_is_here_it_is_neither_a_part_nor_done(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")

    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("imagekit.Image.move_to", full)
    data = [{"b64_json": base64.b64encode(b"GIF89a").decode()}]
    with Loopback(Answer(json={"data": data})) as server:
        at(server, "ark", monkeypatch)
        given = ["generate", "a", "-m", "ark:seedream-4.5", "-p", "stream=false"]
        assert run(given) == exits.LOST
    err = capsys.readouterr().err
    assert "could not be saved: No space left on device" in err
    assert "done in" not in err


def test_why_a_picture_could_not_be_fetched_is_told_once_with_its_link(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")
    with Loopback() as server:
        link = f"{server.url}/a.png"
        server.script(Answer(json={"data": [{"url": link}]}), Answer(403))
        at(server, "ark", monkeypatch)
        given = ["generate", "a", "-m", "ark:seedream-4.5", "-p", "stream=false"]
        assert run(given) == exits.LOST
    err = capsys.readouterr().err
    assert err.count("answered HTTP 403") == 1
    assert f"its link: {link}" in err


def test_a_command_leaves_the_log_as_it_was() -> None:
    log = logging.getLogger("imagekit")
    before = log.level, [*log.handlers]
    log.setLevel(logging.ERROR)
    try:
        assert run(["generate", "a", *MODEL, "--dry-run", "-v"]) == 0
        assert log.level == logging.ERROR
    finally:
        log.setLevel(before[0])
    assert log.handlers == before[1]
