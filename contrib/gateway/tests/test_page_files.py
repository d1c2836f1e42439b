"""The page: a few files, that run nothing from elsewhere."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from imagekit_gateway import refusals
from imagekit_gateway.endpoints import page_files

FOLDER = Path(page_files.__file__).parent.parent / "page"
SETUP = FOLDER.parents[1] / "setup.cfg"


def test_every_file_of_the_page_is_served_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*page_files.FILES}


def test_every_file_of_the_page_is_in_the_wheel() -> None:
    config = ConfigParser()
    config.read(SETUP, encoding="utf-8")
    patterns = config["options.package_data"]["imagekit_gateway"].split()
    found = {path.name for one in patterns for path in FOLDER.parent.glob(one)}
    assert {*page_files.FILES} <= found


@pytest.mark.parametrize("name", page_files.FILES)
def test_a_file_is_asked_for_each_time_and_sent_once(served: Any, name: str) -> None:
    path = "/" if name == "index.html" else f"/page/{name}"
    sent = served.ask("GET", path, headers={"Authorization": ""})
    assert sent.status == 200
    assert sent.body == (FOLDER / name).read_bytes()
    assert sent.headers["Cache-Control"] == "no-cache"
    assert sent.headers["Content-Type"].startswith(page_files.FILES[name])
    again = served.ask("GET", path, headers={"If-None-Match": sent.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("name", ["start.py", "../app.py", "..%2fapp.py", "%2e%2e/app.py", ""])
def test_nothing_else_of_this_machine_is(served: Any, name: str) -> None:
    assert served.get(f"/page/{name}").status == 404


def needed(name: str) -> set[str]:
    """A module, and all that it imports before it runs."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = {name}
    for other in re.findall(r'^import [^;]* from "\./(\S+)";$', text, re.M):
        found |= needed(other)
    return found


def test_what_is_needed_to_make_a_picture_has_at_most_100_kb() -> None:
    files = {"index.html", "style.css", "icon.svg"} | needed("start.js") | needed("make.js")
    assert len(files) > 12
    assert sum((FOLDER / name).stat().st_size for name in files) <= 100_000


def test_the_modules_of_the_page_go_round_in_no_circle() -> None:
    for name in page_files.FILES:
        if name.endswith(".js"):
            assert needed(name)  # or else it recurses without end


def test_the_page_says_of_the_same_codes_as_the_gateway_that_they_may_be_tried_again() -> None:
    text = (FOLDER / "trouble.js").read_text(encoding="utf-8")
    told = {
        code: sentence
        for sentence, codes in re.findall(r'^  \["(.+)", \[(.+)\]\],$', text, re.M)
        for code in re.findall(r'"(\w+)"', codes)
    }
    rows = [*(row for _, row in refusals._FREE), *refusals._LIMITS.values()]
    assert {row.code for row in rows} <= told.keys()
    for row in rows:
        assert ("again" in told[row.code]) is row.again, row.code


@pytest.mark.parametrize("path", [*FOLDER.iterdir()], ids=lambda path: path.name)
def test_it_makes_nothing_of_text_but_text_and_names_no_other_origin(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|\.write\(|\beval\(", text) == []
    assert re.findall(r"\bon\w+=\"|style=\"", text) == []
    assert re.findall(r"(?:src|href|url\(|import .*)[=(\s]*[\"']?(?:https?:)?//", text) == []
