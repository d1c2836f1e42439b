"""What a killed process leaves in the journal, the next one finds."""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    Client,
    FileJournal,
    Image,
    OutcomeUnknown,
    Pending,
    Purchase,
    Request,
    Result,
)
from imagekit.basics.blob import Blob
from imagekit.send.journal.recovery import left_behind
from imagekit.testing import picture
from imagekit.values.left import Left

PURCHASE = Purchase("4f3a", "lily-1", "garden", body="ab" * 32)
PENDING = Pending(Request("GET", "https://garden.invalid/jobs/7", step="poll"), 2.0, task="7")
LINK = Result((Image(0, url="https://pictures.invalid/1.png?signature=s"),))


@pytest.fixture
def journal(tmp_path):
    with FileJournal(tmp_path / "journal", {"stem": "a-lily"}) as journal:
        yield journal


def lines(directory: Path) -> list[dict]:
    return [
        json.loads(line)
        for path in sorted(directory.glob("*.journal"))
        for line in path.read_bytes().splitlines()
    ]


def abandoned(journal: FileJournal) -> Path:
    """As if its process had been killed: the file is there, and nobody's."""
    journal.close()
    return journal.directory


def inline(png: bytes) -> Result:
    return Result((Image(0, blob=Blob.of(png)),))


def test_a_call_of_which_only_the_first_line_is_there(journal):
    journal.sending(PURCHASE)
    (left,) = left_behind(abandoned(journal))
    assert (left.state, left.purchase, left.about) == ("sending", PURCHASE, {"stem": "a-lily"})
    assert left.asks is None


def test_a_job_is_there_to_be_asked_for(journal):
    journal.sending(PURCHASE)
    journal.accepted(PURCHASE, PENDING)
    (left,) = left_behind(abandoned(journal))
    assert (left.state, left.asks) == ("accepted", PENDING)


def test_a_link_is_there_to_be_fetched(journal):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, LINK)
    (left,) = left_behind(abandoned(journal))
    assert (left.state, left.pictures[0].url) == ("answered", LINK.image.url)


def test_a_picture_of_the_answer_itself_is_in_a_file(journal, png):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, inline(png))
    (left,) = left_behind(abandoned(journal))
    assert Path(left.pictures[0].file).read_bytes() == png


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="needs files that never had a name")
def test_a_large_picture_is_not_copied_and_moved_on_from_there(journal, png, tmp_path, monkeypatch):
    """One file on one file system: first the journal's, then whoever's it is to be."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(Blob, "copy_to", None)
    data = png + bytes(2 << 20)
    result = inline(data)
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, result)
    (left,) = journal.open
    assert Path(left.pictures[0].file).read_bytes() == data
    moved = result.image.move_to(tmp_path / "moved.png")
    journal.kept(PURCHASE, result)
    assert not Path(left.pictures[0].file).exists()
    assert moved.read_bytes() == result.image.read() == data


def test_a_picture_whose_line_was_not_written_any_more_is_found(journal, png):
    """The file first, then the line: killed between the two, the file is adopted."""
    journal.sending(PURCHASE)
    spool = journal.directory / "pictures"
    spool.mkdir()
    (spool / "4f3a-2.png").write_bytes(png)
    (spool / ".4f3a-22.png.ab12.part").write_bytes(png[:9])
    (spool / "4f3ab-0.png").write_bytes(png)
    (left,) = left_behind(abandoned(journal))
    assert [*left.pictures] == [2]


def test_of_what_has_come_to_its_end_nothing_is_left(journal, png):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, inline(png))
    journal.kept(PURCHASE, inline(png))
    journal.close()
    assert [path for path in journal.directory.rglob("*") if path.is_file()] == []


def test_a_failure_that_the_caller_was_told_of_is_an_end(journal):
    journal.sending(PURCHASE)
    journal.ended(PURCHASE, OutcomeUnknown("lost"))
    assert left_behind(abandoned(journal)) == []


def test_what_a_living_process_does_is_left_alone(journal):
    journal.sending(PURCHASE)
    other = FileJournal(journal.directory)
    assert (other.take_over(), left_behind(journal.directory)) == ([], [])
    journal.kept(PURCHASE, LINK)


def test_taking_over_moves_it_into_the_own_file(journal, png):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, inline(png))
    directory = abandoned(journal)
    with FileJournal(directory) as heir:
        (left,) = heir.take_over()
        assert Path(left.pictures[0].file).read_bytes() == png
        assert len([*directory.glob("*.journal")]) == 1
        assert left.about == {"stem": "a-lily"}
        heir.kept(left.purchase, inline(png))
        assert heir.open == []
    assert left_behind(directory) == []


def test_taking_over_cleans_up_after_a_process_killed_at_its_end(journal, png):
    """The call is kept, but the file of its picture was not removed any more."""
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, inline(png))
    (copy,) = (journal.directory / "pictures").iterdir()
    journal.kept(PURCHASE, inline(png))
    copy.write_bytes(png)
    journal._file.close()  # as the kernel does for who is killed
    journal._file = None
    with FileJournal(journal.directory) as heir:
        assert heir.take_over() == []
    assert [path for path in journal.directory.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("cut", range(2, 120, 7))
def test_a_line_that_broke_off_costs_itself_alone(journal, cut):
    journal.sending(PURCHASE)
    journal.accepted(PURCHASE, PENDING)
    directory = abandoned(journal)
    (path,) = directory.glob("*.journal")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    (left,) = left_behind(directory)
    assert left.state == "sending"


@pytest.mark.parametrize(
    "line",
    [b"\xff\xfe", b"[]", b"{}", b'{"step":"accepted","id":"4f3a","pending":{"request":7}}'],
)
def test_a_line_that_nobody_understands_is_passed_over(journal, line):
    journal.sending(PURCHASE)
    directory = abandoned(journal)
    (path,) = directory.glob("*.journal")
    path.write_bytes(path.read_bytes() + line + b"\n")
    (left,) = left_behind(directory)
    assert left.state == "sending"


def test_each_line_says_what_somebody_who_reads_it_wants_to_know(journal):
    answer = evolve(LINK, request_id="r-1")
    other = Purchase("beef", "rose-1", "garden")
    journal.sending(PURCHASE)
    journal.accepted(PURCHASE, PENDING)
    journal.answered(PURCHASE, answer, more=True)
    journal.answered(PURCHASE, answer)
    journal.sending(other)
    journal.ended(other, OutcomeUnknown("lost"))
    sent, accepted, part, whole, second, ended = lines(journal.directory)
    assert (sent["step"], sent["id"], sent["purchase"]["body"]) == ("sending", "4f3a", "ab" * 32)
    assert (sent["about"], abs(sent["at"] - time.time()) < 60) == ({"stem": "a-lily"}, True)
    assert (accepted["step"], accepted["pending"]["task"]) == ("accepted", "7")
    assert part["pictures"] == [{"index": 0, "url": LINK.image.url}]
    assert (part["whole"], part["request"]) == (False, "r-1")
    assert (whole["pictures"], whole["whole"]) == ([], True)
    assert second["id"] == "beef"
    assert (ended["step"], ended["error"], ended["charged"]) == ("ended", "OutcomeUnknown", "maybe")


def test_a_call_from_elsewhere_is_gone_on_with_and_written_once(journal):
    entry = Left(PURCHASE, 1.5, {"stem": "a-rose"}, pending=PENDING)
    journal.adopt(entry)
    journal.adopt(Left(PURCHASE, 2.5))
    assert journal.open == [entry]
    (left,) = left_behind(abandoned(journal))
    assert (left.at, left.about, left.asks) == (1.5, {"stem": "a-rose"}, PENDING)


def test_a_job_that_another_process_began_is_written_from_its_first_line(journal):
    journal.accepted(PURCHASE, PENDING)
    assert [line["step"] for line in lines(journal.directory)] == ["sending", "accepted"]


def test_the_end_of_a_call_that_is_not_open_is_nobody_s_business(journal):
    journal.kept(PURCHASE, LINK)
    assert lines(journal.directory) == []


def test_what_is_forgotten_is_open_no_more(journal):
    journal.sending(PURCHASE)
    journal.forget("4f3a")
    assert (journal.open, lines(journal.directory)[-1]["step"]) == ([], "forgotten")


def test_what_is_open_has_all_that_is_known_of_it(journal):
    second = Result((Image(1, url="https://pictures.invalid/2.png"),))
    journal.sending(PURCHASE)
    journal.accepted(PURCHASE, PENDING)
    journal.answered(PURCHASE, LINK, more=True)
    journal.answered(PURCHASE, second, more=True)
    (entry,) = journal.open
    assert (entry.pending, [*entry.pictures]) == (PENDING, [0, 1])
    journal.kept(PURCHASE, second)
    assert lines(journal.directory)[-1]["step"] == "kept"


def test_what_was_left_first_comes_first_whatever_the_files_are_called(tmp_path):
    for name, at in (("a", 2.0), ("b", 1.0), ("c", 3.0)):
        journal = FileJournal(tmp_path)
        journal.adopt(Left(Purchase(name, "lily-1", "garden"), at))
        (path,) = (path for path in tmp_path.glob("*.journal") if len(path.stem) > 1)
        abandoned(journal)
        path.rename(tmp_path / f"{name}.journal")
    assert [left.purchase.id for left in left_behind(tmp_path)] == ["b", "a", "c"]


def test_a_file_that_is_there_by_the_name_of_a_picture_makes_way_for_it(journal, png):
    """It is of a process that was killed while it wrote, and its number was given again."""
    journal.sending(PURCHASE)
    (journal.directory / "pictures").mkdir()
    (journal.directory / "pictures" / "4f3a-0.png").write_bytes(b"half of it")
    journal.answered(PURCHASE, inline(png))
    assert Path(journal.open[0].pictures[0].file).read_bytes() == png


def test_a_picture_comes_once_however_often_it_is_told_of(journal, png):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, inline(png), more=True)
    journal.answered(PURCHASE, inline(png), more=True)
    assert [line["step"] for line in lines(journal.directory)] == ["sending", "answered"]


def test_a_picture_that_finds_no_room_beside_the_journal_is_put_elsewhere(
    journal, png, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    journal.sending(PURCHASE)
    (journal.directory / "pictures").write_text("no directory, as good as a full disk")
    journal.answered(PURCHASE, inline(png))
    (left,) = left_behind(abandoned(journal))
    assert left.pictures[0].file == str(tmp_path / "4f3a-0.png")
    assert Path(left.pictures[0].file).read_bytes() == png
    assert Path(left.pictures[0].file).stat().st_mode & 0o777 == 0o600


def test_it_is_found_there_also_when_temporary_files_are_elsewhere_by_then(
    journal, png, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    journal.sending(PURCHASE)
    (journal.directory / "pictures").write_text("no directory, as good as a full disk")
    journal.answered(PURCHASE, inline(png))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    directory = abandoned(journal)
    for _ in range(2):  # also by whoever takes it over from those who have taken it over
        with FileJournal(directory) as other:
            (left,) = other.take_over()
        assert (left.state, left.whole) == ("answered", True)
        assert left.pictures[0].file == str(tmp_path / "4f3a-0.png")


def test_what_another_user_puts_where_a_picture_was_is_not_that_picture(
    journal, png, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    journal.sending(PURCHASE)
    (journal.directory / "pictures").write_text("no directory, as good as a full disk")
    journal.answered(PURCHASE, inline(png))
    there = tmp_path / "4f3a-0.png"
    there.unlink()
    there.symlink_to(__file__)
    (left,) = left_behind(abandoned(journal))
    assert left.pictures == {}


def test_a_picture_that_finds_no_room_at_all_is_told_of(journal, png, tmp_path, monkeypatch):
    journal.sending(PURCHASE)
    for full in (journal.directory / "pictures", tmp_path / "temporary"):
        full.write_text("no directory, as good as a full disk")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with pytest.raises(OSError, match=r"could not be written down: .*pictures"):
        journal.answered(PURCHASE, inline(png))
    (left,) = journal.open
    assert (left.state, left.whole, left.pictures[0].file) == ("answered", True, None)
    assert "pictures" in left.pictures[0].error


def test_files_are_the_user_s_alone(journal, png):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, inline(png))
    files = [path for path in journal.directory.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert journal.directory.stat().st_mode & 0o777 == 0o700


def test_a_long_journal_begins_anew_when_nothing_is_open(journal, monkeypatch):
    monkeypatch.setattr("imagekit.send.journal.directory.LONGEST", 2000)
    for number in range(30):
        purchase = Purchase(f"a{number}", "lily-1", "garden")
        journal.sending(purchase)
        journal.kept(purchase, LINK)
    journal.sending(Purchase("last", "lily-1", "garden"))
    (path,) = journal.directory.glob("*.journal")
    assert path.stat().st_size < 4000
    assert lines(journal.directory)[0]["step"] == "sending"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_is_forked_writes_its_own_file(journal):
    journal.sending(PURCHASE)
    child = os.fork()
    if child == 0:
        try:
            journal.sending(Purchase("beef", "lily-1", "garden"))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert [left.purchase.id for left in journal.open] == ["4f3a"]
    assert len([*journal.directory.glob("*.journal")]) == 2


@pytest.mark.parametrize("planted", ["file", "link", "pipe"])
def test_what_another_user_puts_into_the_temporary_directory_is_no_picture(
    journal, tmp_path, monkeypatch, planted
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    journal.sending(PURCHASE)
    there = tmp_path / f"{PURCHASE.id}-0.png"
    if planted == "file":
        there.write_bytes(picture())
        theirs = SimpleNamespace(st_mode=stat.S_IFREG, st_uid=-7)
        monkeypatch.setattr(Path, "lstat", lambda path: theirs)
    else:
        there.symlink_to(__file__) if planted == "link" else os.mkfifo(there)
    (left,) = left_behind(abandoned(journal))
    assert (left.state, left.pictures) == ("sending", {})


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_is_forked_and_ends_leaves_its_parent_s_file_alone(journal):
    journal.sending(PURCHASE)
    journal.kept(PURCHASE, LINK)
    child = os.fork()
    if child == 0:
        try:
            journal.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    journal.sending(Purchase("beef", "lily-1", "garden"))
    assert [left.purchase.id for left in left_behind(abandoned(journal))] == ["beef"]


def test_it_holds_no_key_and_no_pixel_of_a_reference(tmp_path):
    """And what it holds is enough to go on with the call."""
    journal = FileJournal(tmp_path / "journal")
    reference = tmp_path / "pond.png"
    reference.write_bytes(picture(600, 400))
    rules = [Rule("lost", operation="generate"), Rule("404", operation="poll", times=1)]
    with Upstreams(rules) as upstreams:
        options = {"config": upstreams.configuration(), "sleep": lambda seconds: None}
        keys = {"klingai": "sk-not-to-be-told"}
        with (
            Client(environment={}, credentials=keys, journal=journal, **options) as client,
            pytest.raises(OutcomeUnknown),
        ):
            client.generate("a heron", model="klingai:kling-v3", image=reference)
        text = b"".join(path.read_bytes() for path in journal.directory.glob("*.journal"))
        assert b"a heron" in text
        assert b"pond.png" in text
        assert b"sk-not" not in text
        assert base64.b64encode(reference.read_bytes())[:60] not in text
        abandoned(journal)
        with FileJournal(journal.directory) as heir:
            (left,) = heir.take_over()
            assert (left.state, left.purchase.name) == ("sending", f"imagekit-{left.purchase.id}")
            with Client(environment={}, credentials=keys, journal=heir, **options) as client:
                result = client.resume(left.asks)
            assert heir.open == []
        assert result.provenance.arguments()["prompt"] == "a heron"
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


def test_killed_while_the_answer_is_awaited_the_call_is_there(tmp_path):
    """A real process, a real kill."""
    program = """
        import os, signal, sys
        from imagekit import FileJournal, Purchase
        journal = FileJournal(sys.argv[1])
        journal.sending(Purchase("4f3a", "lily-1", "garden"))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(tmp_path)])
    assert done.returncode == -signal.SIGKILL
    with FileJournal(tmp_path) as heir:
        (left,) = heir.take_over()
        assert left.state == "sending"
        heir.forget(left.purchase.id)
    assert lines(tmp_path) == []


@pytest.mark.parametrize("names", [("1", "2"), ("2", "1")], ids=["in-order", "same-second"])
def test_who_is_killed_while_taking_over_leaves_what_is_known_elsewhere(journal, names):
    """The heir's file has the first line, and the old one is still there with all of them."""
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, LINK)
    (old,) = abandoned(journal).glob("*.journal")
    half = old.read_bytes().splitlines(keepends=True)[0] + b'{"step":"answ'
    old = old.rename(journal.directory / f"{names[0]}.journal")
    (journal.directory / f"{names[1]}.journal").write_bytes(half)
    (left,) = left_behind(journal.directory)
    assert left.pictures[0].url == LINK.image.url
    with FileJournal(journal.directory) as heir:
        assert heir.take_over() == [left]
    assert left_behind(journal.directory) == [left]


def test_what_has_ended_in_one_file_is_open_in_none(journal):
    journal.sending(PURCHASE)
    (old,) = abandoned(journal).glob("*.journal")
    lines = old.read_bytes() + b'{"step":"kept","id":"4f3a"}\n'
    (journal.directory / "1.journal").write_bytes(lines)
    (journal.directory / "1.journal").chmod(0o600)
    assert left_behind(journal.directory) == []


def test_of_a_stream_that_broke_off_it_is_known_that_there_may_be_more(journal):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, LINK, more=True)
    (left,) = left_behind(abandoned(journal))
    assert (left.state, left.whole) == ("answered", False)


def test_a_stream_that_has_ended_is_whole_also_for_whoever_takes_it_over(journal):
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, LINK, more=True)
    journal.answered(PURCHASE, LINK)
    heir = FileJournal(abandoned(journal))
    assert [left.whole for left in heir.take_over()] == [True]
    assert [left.whole for left in left_behind(abandoned(heir))] == [True]


def test_what_is_no_file_is_no_journal(tmp_path):
    """To read a FIFO would never end."""
    os.mkfifo(tmp_path / "x.journal")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content", "mode"),
    [
        pytest.param("id_rsa", picture(), 0o600, id="another-name"),
        pytest.param("4f3a-1.png", picture(), 0o600, id="another-index"),
        pytest.param("4f3a-0.pem", b"a secret", 0o600, id="no-picture"),
        pytest.param("4f3a-0.png", picture(), 0o644, id="open-to-all"),
    ],
)
def test_a_file_that_a_journal_did_not_write_is_neither_read_nor_removed(
    tmp_path, name, content, mode
):
    """Its lines may be somebody else's: they came with an archive."""
    other = tmp_path / name
    other.write_bytes(content)
    other.chmod(mode)
    with FileJournal(tmp_path / "journal") as writing:
        writing.sending(PURCHASE)
        told = {"pictures": [{"index": 0, "file": str(other)}], "whole": True, "request": None}
        writing._write("answered", PURCHASE.id, **told)
    with FileJournal(tmp_path / "journal") as journal:
        (left,) = journal.take_over()
        assert left.pictures == {}
        journal.forget(PURCHASE.id)
    assert other.read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="needs modes of files")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_journal_that_others_may_open_is_not_believed(journal, mode):
    """No journal writes one: it came with a repository, or an archive."""
    journal.sending(PURCHASE)
    journal.answered(PURCHASE, LINK)
    (shipped,) = abandoned(journal).glob("*.journal")
    shipped.chmod(mode)
    assert left_behind(journal.directory) == []
    assert shipped.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs owners of files")
def test_a_journal_of_another_user_is_not_believed(journal, monkeypatch):
    journal.sending(PURCHASE)
    directory = abandoned(journal)
    monkeypatch.setattr(os, "geteuid", lambda: -7)
    assert left_behind(directory) == []


def test_a_folder_of_pictures_that_leads_elsewhere_has_none_of_the_journal_s(journal, tmp_path):
    """What is there is the user's: it is neither read nor removed, whatever its name."""
    theirs = tmp_path / "holidays" / "4f3a-0.png"
    theirs.parent.mkdir()
    theirs.write_bytes(picture())
    journal.sending(PURCHASE)
    linked = journal.directory / "pictures"
    linked.symlink_to(theirs.parent)
    told = {"pictures": [{"index": 0, "file": str(linked / theirs.name)}], "whole": True}
    journal._write("answered", PURCHASE.id, **told)
    with FileJournal(abandoned(journal)) as heir:
        (left,) = heir.take_over()
        assert left.pictures == {}
        heir.forget(PURCHASE.id)
    assert theirs.exists()
