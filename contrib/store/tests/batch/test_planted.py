"""What stands in an output folder already may have come with a repository."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from imagekit import UsageError
from imagekit_store.batch.holding import NAME, add_to, hold, own_file


@pytest.mark.parametrize("name", [NAME, "results.jsonl"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_leads_to_no_file_of_the_users(tmp_path: Path, name: str, is_there: bool) -> None:
    mine = tmp_path / "mine"
    if is_there:
        mine.write_text("my own")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(mine)
    with pytest.raises(UsageError, match="is no plain file"):
        own_file(tmp_path / "out" / name)
    assert mine.exists() == is_there
    assert not is_there or mine.read_text() == "my own"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(UsageError, match="is no plain file"):
        own_file(tmp_path / NAME)


def test_a_file_of_that_name_that_says_of_no_batch_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("something else")
    with pytest.raises(UsageError, match="says of no batch"):
        hold(tmp_path, "batch:mine")
    assert (tmp_path / NAME).read_text() == "something else"


def test_a_batch_holds_its_folder_again(tmp_path: Path) -> None:
    for _ in range(2):
        held = hold(tmp_path, "batch:mine")
        assert held is not None
        held.close()


def test_a_full_disk_takes_no_half_of_a_line_and_is_told_with_the_path(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with own_file(path) as file:
        add_to(file, "one\n")
        resource.setrlimit(resource.RLIMIT_FSIZE, (6, hard))
        try:
            with pytest.raises(OSError, match="too large") as caught:
                add_to(file, "another\n")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert caught.value.filename == str(path)
        assert path.read_text() == "one\n"
        add_to(file, "two\n")
    assert path.read_text() == "one\ntwo\n"
