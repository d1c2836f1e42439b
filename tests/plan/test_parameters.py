"""What an editor offers for a keyword is what models really take."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from imagekit import Alias, Client, Config, Enum
from imagekit.declare.sizes import TIERS, parse_ratio, parse_size
from imagekit.plan import parameters


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
