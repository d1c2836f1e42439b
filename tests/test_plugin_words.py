"""docs/plugin-words.md lists what each kind of plugin needs: all of it, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest

from imagekit import errors
from tests.test_docs import ROOT, blocks

DOCS = ROOT / "docs"
PLAIN, ODD = "A host that is data", "A host that is not plain"
FAMILY, WIRE, QUEUE, POLICY = "A family", "A wire", "A queue", "A policy"
#: The guides, and the lists that each is said to need.
GUIDES = {
    "five-minute-host.md": (PLAIN,),
    "one-hour-family.md": (FAMILY,),
    "queue-host.md": (PLAIN, ODD, WIRE, QUEUE),
    "new-wire.md": (PLAIN, WIRE, QUEUE),
    "policy-plugins.md": (POLICY,),
}
#: What may be raised or matched, which the list has as one word.
AN_ERROR = "a class of errors"


def lists() -> dict[str, list[list[tuple[str, str]]]]:
    """Each section's rows: the words of one row, and the modules that they are said to be in."""
    page = (DOCS / "plugin-words.md").read_text(encoding="utf-8")
    return {
        section.partition("\n")[0]: [*_rows(section)]
        for section in re.split(r"^## ", page, flags=re.M)[1:]
    }


def _rows(section: str) -> Iterator[list[tuple[str, str]]]:
    for cell, further in re.findall(r"^\| (`.+?) \| (.+) \|$", section, re.M):
        home = re.match(r"`(imagekit[.\w]*)` \|", further)
        yield [(word, home[1] if home else "imagekit") for word in re.findall(r"`(\w+)`", cell)]
    for module_last in re.findall(r"one more: `(\w+)` of `(imagekit\.\w+)`", section):
        yield [module_last]


LISTS = lists()


def words(*sections: str) -> set[str]:
    return {_word(name) for one in sections for row in LISTS[one] for name, _ in row}


def imported(guide: str) -> set[str]:
    """What the code of a guide's plugin takes from imagekit; of a guide without files, all code."""
    found = [block for block in blocks(DOCS / guide) if block.language == "python"]
    plugin = [block for block in found if block.note.startswith("file: imagekit-")] or found
    return {
        _word(alias.name)
        for block in plugin
        for node in ast.walk(ast.parse(block.code))
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module)
        for alias in node.names
    }


def _is_ours(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == "imagekit"


def _word(name: str) -> str:
    return AN_ERROR if name in errors.__all__ else name


def test_the_page_has_the_lists_that_guides_are_held_to() -> None:
    assert set(LISTS) == {PLAIN, ODD, FAMILY, WIRE, QUEUE, POLICY}
    assert all(LISTS.values())


@pytest.mark.parametrize("section", LISTS)
def test_each_word_is_public_where_it_is_said_to_be(section: str) -> None:
    missing = [
        f"{module}.{name}"
        for row in LISTS[section]
        for name, module in row
        if name not in import_module(module).__all__
    ]
    assert missing == []


@pytest.mark.parametrize(("guide", "sections"), GUIDES.items(), ids=GUIDES)
def test_a_guide_needs_no_word_that_its_list_has_not(guide: str, sections: Sequence[str]) -> None:
    assert imported(guide) - words(*sections) - {AN_ERROR} == set()


def test_a_host_that_is_data_needs_twelve_words_and_the_guide_shows_all_of_them() -> None:
    needed = words(PLAIN) - {"HostSuite"}
    assert len(needed) == 12
    assert imported("five-minute-host.md") == needed


def test_a_queue_shows_each_word_that_its_list_adds() -> None:
    seldom = {"is_poll", "Refusal", "Loopback"}  # what other queues need, and the reader's own run
    assert words(QUEUE) - imported("queue-host.md") <= seldom
