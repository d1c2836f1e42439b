"""``docs/gateway.md`` tells all of what it tells of, and nothing that is not so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest
from attrs import fields_dict

from imagekit import Config
from imagekit_gateway import commands
from imagekit_gateway.openapi import operations
from imagekit_gateway.commands.gateway import gateway
from imagekit_gateway.commands.key import add
from imagekit_gateway.openapi.openapi import described
from imagekit_gateway.rights.rights import DIALECTS
from imagekit_gateway.serving.routes import ROUTES
from imagekit_gateway.gateway.settings import Settings, settings_of

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")
SOURCE = Path(commands.__file__).parents[1]


def rows(section: str) -> list[list[str]]:
    """The cells of the tables below a heading."""
    _, _, text = PAGE.partition(f"\n## {section}\n")
    text = text.partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_it_has_every_setting_with_its_default() -> None:
    table = {named(cells[0])[0]: named(cells[1]) for cells in rows("Configuration")[2:]}
    assert table.keys() == fields_dict(Settings).keys()
    text = "\n".join(f"{name} = {default[0]}" for name, default in table.items() if default)
    said = tomllib.loads(text)
    said |= {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    assert settings_of(Config(gateway=said)) == Settings()


def test_it_has_every_status_and_every_code() -> None:
    table = rows("What a status means for your money")[2:]
    statuses = {status.strip() for cells in table for status in cells[0].split(",")}
    assert statuses >= {*operations.REFUSALS, "200", "202"}
    codes = {code for cells in table for code in named(cells[1])}
    for source in SOURCE.glob("*.py"):
        text = source.read_text(encoding="utf-8")
        used = re.findall(r'(?:Refused|_Row)\(\s*\d{3},\s*"(\w+)"', text)
        assert set(used) <= codes, source.name


def test_it_has_every_route_and_every_header() -> None:
    for path in described(ROUTES, "")["paths"]:
        assert path in PAGE or path in ("/", "/v1/images/variations")
    for header in operations.HEADERS:
        assert f"`{header}`" in PAGE


def test_it_has_every_option_of_a_key_and_every_dialect() -> None:
    table = {word.split()[0] for cells in rows("Keys") for word in named(cells[0])}
    options = {option for one in add.params for option in (*one.opts, *one.secondary_opts)}
    assert {word for word in table if word.startswith("--")} == options - {"--json", "name"}
    assert table >= set(DIALECTS)


def test_the_page_of_the_command_line_has_its_commands() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    context = click.Context(gateway)
    commands = [name for name in gateway.list_commands(context) if name != "key"]
    keys = gateway.get_command(context, "key")
    assert isinstance(keys, click.Group)
    commands += [f"key {name}" for name in keys.commands]
    assert [name for name in commands if f"`imagekit gateway {name}`" not in page] == []


@pytest.mark.parametrize("cells", rows("Against whom")[2:], ids=lambda cells: cells[0][:40])
def test_every_threat_is_met_by_tests_that_there_are(cells: list[str]) -> None:
    names = named(cells[2])
    assert names
    sources = [*ROOT.glob("contrib/*/tests/**/test_*.py"), *ROOT.glob("tests/**/test_*.py")]
    there = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    assert [name for name in names if f"def {name}(" not in there] == []
