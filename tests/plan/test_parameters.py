"""What an editor offers for a keyword is what models really take; and every place that lists
the canonical parameters lists the same.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from imagekit import Alias, Client, Config, Enum
from imagekit.cli.commands import generate
from imagekit.cli.parsed import JsonObject
from imagekit.declare.family import CANONICAL
from imagekit.declare.sizes import TIERS, parse_ratio, parse_size
from imagekit.plan import parameters
from imagekit.values.reference import PICTURES


def offered(kind: Any) -> tuple[str, ...]:
    """The literals of a type that takes any other text as well."""
    literals, anything = get_args(kind)
    assert anything is str
    return get_args(literals)


@pytest.fixture(scope="module")
def taken() -> dict[str, set[str]]:
    """Parameter -> every word that some installed route lists for it."""
    words: dict[str, set[str]] = {}
    with Client(environment={}) as client:
        for route in client.registry.routes:
            for name, parameter in route.parameters.items():
                listed = [rule.values for rule in parameter.rules if isinstance(rule, Enum)]
                words.setdefault(name, set()).update(*listed)
    return words


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("response_format", parameters.Travels),
        ("output_format", parameters.FileKind),
        ("sequential_image_generation", parameters.Group),
    ],
)
def test_every_word_that_is_offered_is_taken_somewhere(
    taken: dict[str, set[str]], name: str, kind: Any
) -> None:
    assert set(offered(kind)) <= taken[name]


def test_every_size_that_is_offered_is_one() -> None:
    assert offered(parameters.Tier) == TIERS
    assert all(map(parse_size, offered(parameters.Size)))
    assert all(map(parse_ratio, offered(parameters.Ratio)))


def test_hosts_may_be_given_as_any_sequence() -> None:
    assert Alias("rose", hosts=["meadow", "field"]) == Alias("rose", hosts=("meadow", "field"))
    assert Config(prefer=["meadow"]).prefer == Config(prefer="meadow").prefer == ("meadow",)


# --- canonical parameters, wherever they are written down --------------------------------------

#: What a call says beside its parameters.
BESIDES = {"options", "native", "on_unsupported"}
DOCS = Path(__file__).parents[2] / "docs" / "parameters.md"


def test_a_call_may_say_every_canonical_parameter_and_its_docstring_explains_each() -> None:
    said = {"prompt", "model", *parameters.Parameters.__annotations__}
    assert said == CANONICAL.keys() | BESIDES
    explained = re.findall(r"^ {8}(\w+): ", parameters.Parameters.__doc__ or "", re.MULTILINE)
    assert explained == [*parameters.Parameters.__annotations__]


def test_the_command_line_has_an_option_for_each() -> None:
    takes = {param.name: param for param in generate.command.params}
    assert takes.keys() >= CANONICAL.keys() - {"prompt"} | BESIDES
    assert isinstance(takes["words"], click.Argument)  # the prompt
    for name in CANONICAL.keys() - {"prompt"}:
        assert f"--{name.replace('_', '-')}" in takes[name].opts


def test_the_types_of_the_command_line_are_those_of_the_parameters() -> None:
    types = {param.name: type(param.type) for param in generate.command.params}
    wanted = {int: click.types.IntParamType, bool: click.types.BoolParamType, dict: JsonObject}
    for name, kind in CANONICAL.items():
        assert name == "prompt" or types[name] is wanted.get(kind, click.types.StringParamType)


def test_the_docs_have_a_row_for_each_with_its_type() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([^|]+) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(CANONICAL)
    words = {str: "text", int: "whole number", bool: "true or false", dict: "table"}
    for name, written in rows:
        if name not in PICTURES:
            assert written == words[CANONICAL[name]]
