"""Pages that tell what stands elsewhere tell all of it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import click
from attrs import AttrsInstance, fields

from imagekit import (
    Client,
    CrossRule,
    ErrorRow,
    Host,
    Offer,
    ReferenceLimits,
    Rule,
    Sizes,
    Spell,
    errors,
    wires,
)
from imagekit.cli import exits
from imagekit.cli.app import app
from imagekit.declare.family import CANONICAL
from imagekit.plugins.finding import ALLOW, BLOCK
from imagekit.send.download import MOST_BYTES, REDIRECTS
from imagekit.send.reading.body import LIMIT
from imagekit.send.scrubbing import SHORTEST
from imagekit.testing import Answers

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_every_page_is_on_the_site_and_in_the_index() -> None:
    pages = {page.name for page in DOCS.glob("*.md")}
    site = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r'"([\w-]+\.md)"', site)) == pages
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) | {"index.md"} == pages


def test_no_page_links_to_what_the_site_has_not() -> None:
    """``make docs`` is strict; a file of the checkout is named instead."""
    texts = {page.name: page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")}
    assert not [name for name, text in texts.items() if "](../" in text]


def test_the_tables_are_what_the_plugins_declare() -> None:
    """make tables writes them anew."""
    script = [sys.executable, str(ROOT / ".ci" / "tables.py")]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.stdout == (DOCS / "tables.md").read_text(encoding="utf-8"), done.stderr


def test_the_readme_names_every_host_and_whether_its_ids_are_verified() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## What is here")[2]
    rows = [line.split(" | ")[1:] for line in table.splitlines() if line.startswith("| ")]
    told = set(re.findall(r"`([\w-]+)`(\??)", "".join(chain(*rows))))
    with Client(environment={}) as client:
        routes = [route for route in client.registry.routes if route.host.real]
        known = {(one.host.name, "?" * one.id_unverified) for one in routes}
    assert {one for one in told if one[0] in {name for name, _ in known}} == known


def test_every_plugin_has_its_page_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = {page.relative_to(ROOT).as_posix() for page in ROOT.glob("plugins/*/*/README.md")}
    assert pages == set(re.findall(r"\]\((plugins/[^)]+)\)", readme))


def first_cells(page: str) -> list[str]:
    """What the first cells of a page's tables name, in backticks or not."""
    text = (DOCS / page).read_text(encoding="utf-8")
    cells = re.findall(r"^\| (.+?) \|", text, re.M)
    return [name.strip(" `") for cell in cells for name in cell.split(", ")]


def test_the_page_of_errors_has_every_error() -> None:
    named = {name for name in first_cells("errors.md") if name in errors.__all__}
    grouped = {"ImagekitError", "TransportError"}  # in the text below the table
    assert named | grouped == set(errors.__all__)


def test_the_page_of_the_command_line_has_every_exit_code() -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    for number, meaning in exits.MEANINGS.items():
        assert f"| {int(number)} | {meaning} |" in page


def test_the_page_of_the_command_line_has_every_command() -> None:
    named = {" ".join(cell.split()[:2]) for cell in first_cells("command-line.md")}
    every = app.list_commands(click.Context(app))
    assert {f"imagekit {name}" for name in every} <= named


def test_the_page_of_rules_has_every_rule_and_every_attribute() -> None:
    text = " ".join(first_cells("rules.md"))
    every = {*Rule.__subclasses__(), *CrossRule.__subclasses__()}
    kinds = [kind for kind in every if kind.__module__.startswith("imagekit.")]  # tests have toys
    missing = [kind.__name__ for kind in kinds if f"{kind.__name__}(" not in text]
    missing += [name for name in attribute_names(Sizes, ReferenceLimits) if name not in text]
    assert not missing


def test_the_page_of_spellings_has_every_attribute_of_hosts_and_offers() -> None:
    text = " ".join(first_cells("spellings.md"))
    names = attribute_names(Host, Offer, Spell, ErrorRow)
    in_sentences = {"charged", "error", "hint", "retryable", "spells", "parameter"}
    made_by_a_configuration = {"kind"}
    missing = {name for name in names if not re.search(rf"\b{name}\b", text)}
    assert missing <= in_sentences | made_by_a_configuration


def test_the_page_of_a_wire_has_the_whole_kit_and_nothing_else() -> None:
    assert sorted(set(first_cells("new-wire.md")) - {"name"}) == sorted(wires.__all__)


def test_the_page_of_conformance_has_every_method_of_answers() -> None:
    page = (DOCS / "conformance.md").read_text(encoding="utf-8")
    methods = {name for name in vars(Answers) if not name.startswith("_")}
    assert set(re.findall(r"^\| `(\w+)\(", page, re.M)) == methods


def test_the_page_of_parameters_has_every_parameter_there_is() -> None:
    assert set(CANONICAL) <= set(first_cells("parameters.md"))


def test_the_page_of_security_has_the_limits_of_the_code() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for limit in (
        f"a body ends at {LIMIT >> 30} GiB, a link at {MOST_BYTES >> 20} MiB",
        f"from {SHORTEST} characters on",
        f"each of {REDIRECTS} redirects",
        f"`{ALLOW}=",
        f"`{BLOCK}=",
    ):
        assert limit in text


def test_every_command_of_make_that_a_page_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    named = re.findall(r"(?:^|`)make ((?:[a-z-]+ ?)+)", text, re.M)
    assert {target for line in named for target in line.split()} <= targets


def test_contributing_shows_every_room_and_every_type_of_a_fragment() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    towncrier = tomllib.loads((DOCS / "changes" / "towncrier.toml").read_text(encoding="utf-8"))
    *types, last = [kind["directory"] for kind in towncrier["tool"]["towncrier"]["type"]]
    assert f"{', '.join(types)} or {last}" in page
    rooms = {path.parent.name for path in (ROOT / "imagekit").glob("*/__init__.py")}
    assert set(re.findall(r"^  (\w+)/ ", page, re.M)) == rooms


def attribute_names(*kinds: type[AttrsInstance]) -> set[str]:
    return {field.name for kind in kinds for field in fields(kind)} - {"fact"}
