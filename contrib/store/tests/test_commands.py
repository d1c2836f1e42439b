"""`imagekit history`, `store init`, `work` and `resume`, with hosts that are played here."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from imagekit import Blob, Charged, Client, FileJournal, Purchase
from imagekit.cli import exits
from imagekit.testing import picture
from imagekit_store import RequestState, Store
from imagekit_store.opening import configured
from imagekit_store.schema.tables import ATTEMPTS

pytestmark = pytest.mark.usefixtures("here")

MODEL = "powertokens:seedream-4.5"


def drawn(told: Callable[..., Any], *words: str) -> str:
    """The id of a request that `generate` has made."""
    told("generate", *words, "-m", MODEL, "-q")
    return str(told("history", "--json", "--limit", "1")["requests"][0]["id"])


# --- set up --------------------------------------------------------------------------------------


def test_init_keeps_what_is_there_and_refuses_twice(tmp_path, told, monkeypatch):
    path = tmp_path / "mine.toml"
    path.write_text('# mine\nprefer = ["ark"]  # theirs\n')
    path.chmod(0o640)
    init = ("--config", str(path), "store", "init", "--url", f"sqlite:///{tmp_path}/s.db")
    assert str(path) in told(*init, "--keep-days", "90")
    text = path.read_text()
    assert text.startswith('# mine\nprefer = ["ark"]  # theirs\n\n[store]\nurl = "sqlite:///')
    assert text.endswith("keep_days = 90\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "s.db").exists()
    assert "has a [store] already" in told(*init, code=exits.USAGE)
    assert path.read_text() == text
    assert "nothing wrong" in told("--config", str(path), "config", "check")


def test_init_without_a_word_is_for_the_user_alone(tmp_path, told):
    told("store", "init")
    path = tmp_path / "xdg_config_home" / "imagekit" / "config.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "xdg_data_home" / "imagekit" / "store.db").exists()
    Path("imagekit.toml").write_text("")
    path.unlink()
    assert "imagekit.toml is read instead" in told("store", "init")


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["--url", "postgresql://me:hush@db/pond"], exits.CONFIGURATION, "a password does not"),
        (["--url", "mysql://db/pond"], exits.CONFIGURATION, "SQLite or PostgreSQL, not in mysql"),
        (["--url", "sqlite:////nowhere/x.db"], exits.CONFIGURATION, "no directory /nowhere"),
        (["--pictures", "a-file"], exits.CONFIGURATION, "a-file: File exists"),
        (["--url-env", "NOT_SET"], exits.CONFIGURATION, "NOT_SET is not set"),
        (["--url", "a", "--url-env", "B"], exits.USAGE, "leave one of them out"),
    ],
)
def test_what_can_not_be_a_store_is_not_written_down(tmp_path, told, words, code, why):
    Path("a-file").touch()
    shown = told("--config", "mine.toml", "store", "init", *words, code=code)
    assert why in shown
    assert "hush" not in shown
    assert not Path("mine.toml").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "so nothing is kept; make one with: imagekit --config mine.toml store init"),
        ('[store]\nulr = "sqlite:///x.db"', "store.ulr: no such key; did you mean url?"),
        ("[store]\nkeep_days = 3", "store.url: is missing"),
    ],
)
def test_without_a_store_there_is_no_history(told, text, why):
    Path("mine.toml").write_text(text)
    assert why in told("--config", "mine.toml", "history", code=exits.CONFIGURATION)


def test_a_store_that_was_only_found_is_nobody_s(told):
    Path("imagekit.toml").write_text('[store]\nurl = "sqlite:///stranger.db"')
    assert "does not count until you say" in told("history", code=exits.CONFIGURATION)
    told("generate", "a secret", "-m", "sandbox:seedream-4.0", "--resolution", "1K")
    assert not Path("stranger.db").exists()


def test_a_database_that_is_broken_is_told_before_anything_is_sent(kept, tmp_path, upstreams, told):
    kept.close()
    configured._open.clear()
    (tmp_path / "store.db").write_bytes(b"no database at all" * 100)
    shown = told("generate", "a", "-m", MODEL, code=exits.CONFIGURATION)
    assert "nothing was sent" in shown
    assert "--no-journal" not in shown  # which is about another journal
    assert not upstreams.ledger.entries
    told("models", "seedream-4.5")  # has no use for it, so it opens nothing


# --- what was asked ------------------------------------------------------------------------------


def test_what_was_generated_is_listed_newest_first(own, told):
    drawn(told, "A Corgi")
    second = drawn(told, "海滩上的柯基")
    page = told("history", "--json")
    assert [one["prompt"] for one in page["requests"]] == ["海滩上的柯基", "A Corgi"]
    assert (page["more"], page["requests"][0]["state"]) == (False, "done")
    found = {
        ("--prompt", "corgi"): ["A Corgi"],
        ("--after", second[:9]): ["A Corgi"],
        ("--host", "klingai"): [],
        ("--model", "seedream-4.5", "--limit", "1"): ["海滩上的柯基"],
        ("--until", "2020-01-01"): [],
        ("--state", "done", "--since", "2020-01-01T00:00"): ["海滩上的柯基", "A Corgi"],
    }
    for words, prompts in found.items():
        page = told("history", *words, "--json")
        assert [one["prompt"] for one in page["requests"]] == prompts, words
    assert re.search(rf"(?m)^{second}\t.*\tdone\t{MODEL}\t1/1\t.*\t海滩上的柯基$", told("history"))
    assert f"there are older ones: --after {second}" in told("history", "--limit", "1")
    assert "nothing is there" in told("history", "--prompt", "heron")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--since", "yesterday"], "'yesterday' is no time"),
        (["--after", "none"], "there is no request 'none'"),
        (["show", "a'; drop table requests"], "there is no request"),
        (["show", "%"], "there is no request"),
        (["--prompt", "x", "show", "abc"], "options of history itself"),
        (["shwo"], "No such command"),
    ],
)
def test_what_makes_no_sense_is_told(own, told, words, why):
    assert why in told("history", *words, code=exits.USAGE)


def test_a_beginning_that_several_have_is_none(kept, told):
    for id in ("abcd1", "abcd2", "abcd22"):
        kept.ask("a corgi", model=MODEL, id=id)
    assert "several requests begin with abcd" in told("history", "show", "abcd", code=exits.USAGE)
    assert "id: abcd2\n" in told("history", "show", "abcd2")
    assert "id: abcd1\n" in told("history", "show", "abcd1")


def test_show_has_the_receipt_the_money_and_the_picture_s_path(own, told):
    id = drawn(told, "a corgi")
    shown = told("history", "show", id[:8])
    for line in (f"id: {id}", "prompt: a corgi", f"call {id}: stored, charged", "  receipt:"):
        assert line in shown
    path = Path(re.search(r"picture 1: (.*): \d+x\d+ \w+, ", shown)[1])
    (saved,) = Path().glob("a-corgi.*")
    assert path.read_bytes() == saved.read_bytes()
    plain = told("history", "show", f"{id}-1", "--json")  # as a call of it may be called
    assert (plain["pictures"][0]["path"], plain["id"]) == (str(path), id)
    assert plain["attempts"][0]["cost"] == "0.038"


def test_show_says_what_was_expected_in_which_currency(own, kept, told):
    id = drawn(told, "a corgi")
    other = {"expected": Decimal(14), "expected_currency": "CNY"}
    kept.write(lambda rows: rows.execute(update(ATTEMPTS).values(**other)))
    shown = told("history", "show", id)
    assert re.search(r"cost: [\d.]+ USD, says the list \(expected: 14 CNY\)", shown)


def test_no_line_of_a_prompt_looks_like_one_of_ours(kept, told):
    id = kept.ask("a corgi\nstate: done\x1b[2J", model=MODEL)
    shown = told("history", "show", id)
    assert "prompt: a corgi\n    state: done\\x1b[2J\n" in shown


def test_open_shows_copies(own, told, monkeypatch):
    shown: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("click.launch", lambda path: shown.append(path) or 0)
    told("history", "open", drawn(told, "a corgi"))
    (saved,) = Path().glob("a-corgi.*")
    assert Path(shown[0]).read_bytes() == saved.read_bytes()
    assert Path(shown[0]).suffix == saved.suffix


def test_open_needs_a_picture(kept, told):
    id = kept.ask("a corgi", model=MODEL)
    assert "has no picture here; it is queued" in told("history", "open", id, code=exits.USAGE)


def test_open_says_which_picture_is_gone_and_shows_the_others(own, kept, told, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    id = drawn(told, "a corgi", "-n", "2")
    first, second = (Path(kept.keeping.where(one.sha256)) for one in kept.request(id).pictures)
    first.unlink()
    shown = told("history", "open", id, code=exits.PARTIAL)
    assert f"picture 1 of {id} can't be shown: there is no " in shown
    assert f"{id}-2." in shown
    second.unlink()
    assert f"{id}-2." not in told("history", "open", id, code=exits.PARTIAL)
    kept.forget(id)
    assert f"{id} was forgotten" in told("history", "open", id, code=exits.USAGE)


# --- the same again ------------------------------------------------------------------------------


def test_again_is_a_new_purchase_that_says_so(own, told, upstreams):
    id = drawn(told, "a corgi", "--size", "2048x2048", "--watermark")
    dry = told("history", "again", id, "--ratio", "16:9", "--resolution", "2K", "--dry-run")
    assert "a new purchase" not in dry
    assert len(upstreams.ledger.entries) == 1
    shown = told("history", "again", id[:8], "--ratio", "16:9", "--resolution", "2K", "-o", "x.png")
    assert "a new purchase of what was asked at 20" in shown
    assert [path.stem for path in Path().glob("x.*")] == ["x"]
    newest, first = told("history", "--json")["requests"]
    assert newest["asked"] | {"ratio": None, "resolution": None, "size": None} == first["asked"] | {
        "ratio": None,
        "resolution": None,
        "size": None,
    }
    assert "size" not in newest["asked"]
    assert len(upstreams.ledger.entries) == 2


def test_again_finds_a_reference_where_it_lies_or_names_it(own, told, upstreams):
    Path("her.png").write_bytes(picture(64, 64))
    id = drawn(told, "her, at night", "--image", "her.png")
    told("history", "again", id)
    Path("her.png").write_bytes(picture(65, 64))
    gone = told("history", "again", id, code=exits.USAGE)
    assert "the reference her.png (sha256 " in gone
    assert "give it, or another, with --image" in gone
    assert len(upstreams.ledger.entries) == 2
    told("history", "again", id, "--image", "her.png")
    assert len(upstreams.ledger.entries) == 3


def test_again_has_the_references_that_the_store_keeps(kept, told, upstreams):
    id = kept.ask("her, at night", model=MODEL, image=[picture(64, 64)])
    told("history", "again", id)
    assert len(upstreams.ledger.entries) == 1


# --- what is removed -----------------------------------------------------------------------------


def test_forget_says_what_it_removes_and_keeps_what_it_cost(own, kept, told):
    id, other = drawn(told, "a corgi"), drawn(told, "a heron")
    before = kept.request(id)
    refused = told("history", "forget", id[:8], other, code=exits.USAGE)
    sizes = sum(one.bytes for entry in kept.requests() for one in entry.pictures)
    assert f"this removes 2 prompts and 2 pictures of {sizes:,} bytes for ever" in refused
    assert "add --yes" in refused
    shown = told("history", "forget", id[:8], "--yes")
    assert f"{id}: forgotten, 1 picture of {before.pictures[0].bytes:,} bytes removed" in shown
    assert "(forgotten)" in told("history")
    assert "a corgi" not in told("history", "show", id)
    assert kept.request(id).attempts[0].cost == before.attempts[0].cost
    plain = told("history", "forget", id, other, "--yes", "--json")["forgotten"]
    assert [(one["id"], one["pictures"], one["remains"]) for one in plain] == [
        (id, 0, []),
        (other, 1, []),
    ]
    assert "was forgotten" in told("history", "again", id, code=exits.USAGE)


def test_forget_asks_on_a_terminal(own, kept, told):
    id = drawn(told, "a corgi")
    for answer, prompt in ((b"n\n", "a corgi"), (b"y\n", "")):
        master, slave = pty.openpty()
        os.write(master, answer)
        words = [sys.executable, "-m", "imagekit.cli", "history", "forget", id]
        subprocess.run(words, stdin=slave, stdout=slave, stderr=slave)
        shown = os.read(master, 65536).decode()
        os.close(slave)
        os.close(master)
        assert "this removes 1 prompt and 1 picture of" in shown
        assert kept.request(id).prompt == prompt


def test_forget_names_what_is_to_be_done_first(kept, told):
    id = kept.ask("a corgi", model=MODEL)
    leave(kept, "unknown")
    why = told("history", "forget", id, "--yes", code=exits.USAGE)
    assert "imagekit history settle" in why


def test_forget_says_when_the_log_still_has_it(kept, told):
    id = kept.ask("a corgi", model=MODEL)
    with kept.ledger.database.reading.connect() as reader:
        reader.exec_driver_sql("begin")
        reader.exec_driver_sql("select * from requests").all()
        assert "note: somebody reads in the database" in told("history", "forget", id, "--yes")
        assert "note: somebody reads in the database" in told("store", "sweep")
        reader.exec_driver_sql("rollback")
    assert "note" not in told("store", "sweep")


def test_sweep_says_what_it_would_remove_and_removes_it(kept, told):
    orphan = kept.keeping.keep(Blob.of(b"nobody's")).sha256
    (kept.keeping.place.path / "parts" / "0123.part").write_bytes(b"half")
    for path in (Path(kept.keeping.where(orphan)), kept.keeping.place.path / "parts/0123.part"):
        os.utime(path, (1, 1))
    told("store", "sweep", "--dry-run")
    would = told("store", "sweep", "--dry-run", "--json")
    assert (would["dry_run"], would["pictures"], would["bytes"]) == (True, 1, 8)
    assert kept.keeping.has(orphan)
    shown = told("store", "sweep")
    assert "0 requests forgotten, 1 picture of 8 bytes removed" in shown
    assert "1 part removed that killed processes had left" in shown
    assert not kept.keeping.has(orphan)


def test_sweep_tells_what_is_in_its_way(kept, told, tmp_path):
    kept.keeping.keep(Blob.of(b"mine"))
    folder = kept.keeping.place.path / "thumbnails"
    folder.write_text("no folder")
    assert f"{folder}: Not a directory" in told("store", "sweep", code=exits.CONFIGURATION)


# --- workers -------------------------------------------------------------------------------------


def test_work_answers_what_waits_and_prints_a_line_for_each(kept, told):
    id = kept.ask("a corgi", model=MODEL, n=2)
    refused = kept.ask("a corgi", model=MODEL, size="10x10")
    shown = told("work", "--until-idle", "--threads", "2")
    assert re.search(rf"(?m)^{id}: done, {MODEL}, 2 of 2 pictures, cost: 0\.", shown)
    assert re.search(rf"(?m)^{refused}: failed, .*size", shown)
    assert kept.request(id).state == RequestState.DONE


def test_two_work_on_one_file_and_a_signal_ends_each_in_order(kept, upstreams):
    ids = [kept.ask("a corgi", model="klingai:kling-v3") for _ in range(12)]
    command = [sys.executable, "-m", "imagekit.cli", "work"]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, env=os.environ, **pipe) for _ in range(2)]
    for id in ids:
        kept.wait(id, timeout=60)
    for worker, number in zip(workers, (signal.SIGTERM, signal.SIGINT), strict=True):
        worker.send_signal(number)
    answers = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], answers
    assert sorted(line.partition(":")[0] for out, _ in answers for line in out.splitlines()) == (
        sorted(ids)
    )
    assert len(upstreams.ledger.entries) == len(ids)


# --- what was left open --------------------------------------------------------------------------


def leave(store: Store, state: str, **values: Any) -> None:
    """As if the process that holds every attempt were gone, having brought it so far."""
    lapsed = {"state": state, "holder": "gone", "due": 1.0, **values}
    store.write(lambda connection: connection.execute(update(ATTEMPTS).values(**lapsed)))


def test_resume_brings_jobs_to_their_end_and_buys_nothing(kept, told, upstreams):
    with Client.from_config() as client:
        pending = client.begin("a corgi", model="klingai:kling-v3")
    waits = kept.ask("a heron", model=MODEL)
    (call,) = told("resume", "--list", "--json")["calls"]
    assert (call["call"], call["state"], call["task"]) == (pending.call, "accepted", pending.task)
    assert f"{pending.call}: 1 picture is kept" in told("resume")
    assert kept.request(pending.call).state == RequestState.DONE
    assert kept.request(waits).state == RequestState.QUEUED
    assert (len(upstreams.ledger.entries), [*Path().iterdir()]) == (1, [])
    assert "nothing is open" in told("resume")


def test_resume_saves_where_it_is_told_to(kept, told):
    with Client.from_config() as client:
        client.generate("a corgi", model=MODEL, fetch=False)
    (outcome,) = told("resume", "-o", "her.jpg", "--json")["calls"]
    assert Path(outcome["images"][0]["path"]).read_bytes() == kept.picture(outcome["call"]).read()


def test_a_call_that_both_journals_know_is_told_once_and_saved_where_it_was_to_go(
    kept, told, tmp_path
):
    state = tmp_path / "imagekit_state"
    with (
        FileJournal(state, {"stem": "mine"}) as journal,
        Client.from_config(journal=journal) as client,
    ):
        pending = client.begin("a corgi", model="klingai:kling-v3")
    (call,) = told("resume", "--list", "--json")["calls"]
    assert call["call"] == pending.call
    told("resume")
    assert [path.stem for path in Path().iterdir()] == ["mine"]
    assert kept.request(pending.call).state == RequestState.DONE


def test_what_nobody_can_find_out_is_listed_as_that(own, kept, told):
    id = kept.ask("a corgi", model=MODEL)
    leave(kept, "sending", host="powertokens", model="seedream-4.5", began=1)
    shown = told("resume", code=exits.UNKNOWN)
    assert f"{id}: sent to {MODEL}" in shown
    assert f"`imagekit history settle {id} --charged no`, or yes" in shown
    shown = told("--config", str(own), "resume", code=exits.UNKNOWN)
    assert f"`imagekit --config {own} history settle {id} --charged no`" in shown
    assert told("history", "--state", "unknown", "--json")["requests"][0]["id"] == id
    assert kept.request(id).attempts[0].charged is Charged.MAYBE


def test_what_a_person_has_settled_is_open_in_no_journal(kept, told, tmp_path):
    with FileJournal(tmp_path / "imagekit_state") as journal:
        journal.sending(Purchase("corgi", "seedream-4.5", "powertokens"))
    kept.ask("a corgi", model=MODEL, id="corgi")
    leave(kept, "unknown", host="powertokens", model="seedream-4.5", began=1, charged="maybe")
    assert "imagekit history settle corgi" in told("resume", code=exits.UNKNOWN)
    told("history", "settle", "corgi", "--charged", "no")
    assert "corgi" in told("resume", "--list")
    assert "nothing more will come of corgi" in told("resume", code=exits.NETWORK)
    assert "nothing is open" in told("resume", "--list")


def test_what_the_store_does_not_know_stays_in_the_journal_of_commands(kept, told, tmp_path):
    with FileJournal(tmp_path / "imagekit_state") as journal:
        journal.sending(Purchase("corgi", "seedream-4.5", "powertokens"))
        journal.sending(Purchase("heron-2", "seedream-4.5", "powertokens"))
    kept.ask("a heron", model=MODEL, id="heron")
    shown = told("resume", code=exits.UNKNOWN)
    assert "imagekit resume --forget corgi" in shown
    assert "imagekit resume --forget heron-2" in shown


# --- quick where nobody needs it -----------------------------------------------------------------


def test_no_database_is_loaded_for_help_or_for_those_who_have_no_store():
    program = (
        "import sys; from imagekit.cli.app import run\n"
        "codes = [run(words.split()) for words in ('--help', 'history --help', 'config check')]\n"
        "assert not {'sqlalchemy', 'alembic', 'obstore'} & {*sys.modules}, codes"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("columns", [60, 110])
def test_a_list_fits_a_terminal_and_no_id_is_broken(kept, monkeypatch, columns):
    for number in range(3):
        kept.ask("a corgi on the beach\nat noon, " * 9, model=MODEL, id=f"abcdefgh{number}x")
    monkeypatch.setenv("COLUMNS", str(columns))
    master, slave = pty.openpty()
    done = subprocess.run([sys.executable, "-m", "imagekit.cli", "history"], stdout=slave)
    os.close(slave)
    shown = re.sub(r"\x1b\[[\d;]*m", "", os.read(master, 65536).decode()).splitlines()
    assert done.returncode == 0
    rows = [line for line in shown if "abcdefgh" in line]
    assert [row.split()[0] for row in rows] == ["abcdefgh2", "abcdefgh1", "abcdefgh0"]
    assert max(map(len, shown)) <= columns
    assert all("..." in row for row in rows) or columns < 80
