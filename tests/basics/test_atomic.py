"""Files that are whole or not there."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from imagekit.basics.atomic import write_whole

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


def test_a_name_appears_with_the_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "a.png"

    def write(file: object) -> None:
        assert not target.exists()
        file.write(b"whole")  # type: ignore[attr-defined]
        assert not target.exists()

    write_whole(target, write)
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


KILLED = """
import os, signal, sys
from pathlib import Path
from imagekit.basics.atomic import write_whole

def write(file):
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)

write_whole(Path(sys.argv[1]), write)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_who_is_killed_in_the_middle_leaves_nothing_that_looks_like_a_picture(
    tmp_path: Path,
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a.png")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


@pytest.mark.parametrize("winerror", [None, 0, 1], ids=["with links", "without", "on Windows"])
def test_a_file_that_is_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, winerror: int | None
) -> None:
    """Also on file systems that have no hard links, and when it came in the meantime."""
    if winerror is not None:
        monkeypatch.setattr(os, "link", partial(_no_links, winerror))
    target = tmp_path / "a.png"
    write_whole(target, lambda file: file.write(b"first") and None)
    with pytest.raises(FileExistsError, match="there already"):
        write_whole(target, lambda file: file.write(b"second") and None)
    assert target.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [target]


def _no_links(winerror: int, *names: object) -> None:
    """As POSIX says it, or as Windows does: by a number of its own."""
    error = OSError(errno.EINVAL if winerror else errno.EPERM, "Operation not permitted")
    error.winerror = winerror  # type: ignore[attr-defined]
    raise error


def test_a_private_file_is_nobody_elses(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        write_whole(tmp_path / "a.job", lambda file: file.write(b"x") and None, private=True)
    finally:
        os.umask(old)
    assert (tmp_path / "a.job").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="needs permissions")
def test_a_private_file_is_nobody_elses_whatever_it_takes_the_place_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor before it has its name, which others may refuse it."""
    target, modes = tmp_path / "a.job", []
    target.touch()
    target.chmod(0o666)
    replace = Path.replace

    def watched(beside: Path, target: Path) -> Path:
        modes.append(beside.stat().st_mode & 0o777)
        return replace(beside, target)

    monkeypatch.setattr(Path, "replace", watched)
    write_whole(target, lambda file: file.write(b"x") and None, overwrite=True, private=True)
    assert [*modes, target.stat().st_mode & 0o777] == [0o600, 0o600]


@pytest.mark.skipif(os.name == "nt", reason="needs permissions")
def test_a_new_file_may_be_read_as_the_old_one_but_is_not_run_as_its_owner(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.touch()
    target.chmod(0o4741)
    write_whole(target, lambda file: file.write(b"x") and None, overwrite=True)
    assert target.stat().st_mode & 0o7777 == 0o741


@needs_pipes
def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe, came = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: came.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, lambda file: file.write(b"picture") and None)
    reader.join()
    assert came == [b"picture"]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


@needs_pipes
def test_what_is_open_already_is_not_replaced(tmp_path: Path) -> None:
    """``/dev/stdout`` is a link to whatever file the shell has opened."""
    code = (
        "from pathlib import Path; from imagekit.basics.atomic import write_whole;"
        "write_whole(Path('/dev/stdout'), lambda file: file.write(b'picture') and None)"
    )
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out").read_bytes() == b"picture"
    assert Path("/dev/stdout").exists()


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(tmp_path / "nowhere" / "a.png", lambda file: file.write(b"x"))
    assert caught.value.filename == str(tmp_path / "nowhere")
