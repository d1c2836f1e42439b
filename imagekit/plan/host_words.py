"""A host's own word for a value: another one, a part of it, or a prompt that names pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imagekit.declare.family import Parameter
from imagekit.declare.host import Spell
from imagekit.values import Problem

__all__ = ["host_word", "mentions_in", "with_mentions"]


def host_word(
    parameter: Parameter, value: Any, spelled: Spell, pictures: int
) -> tuple[Any, Iterable[Problem]]:
    """What is sent for a value, and what is wrong with that; None is sent never.

    Args:
        parameter: what the value is of; it has passed its type and its rules.
        pictures: how many reference pictures are given, for a prompt to speak of.
    """
    name = parameter.name
    if spelled.mentions and pictures:
        return _mentioning(parameter, value, spelled.mentions, pictures)
    if spelled.part:
        return value.get(spelled.part), _besides(name, value, spelled.part)
    if spelled.each:
        return [{spelled.each: one} for one in value], ()
    if spelled.values is None:
        return value, ()
    word = spelled.values.get(value)
    known = ", ".join(map(str, spelled.values))
    unknown = Problem(name, f"{value!r} is not one of {known} here", value)
    return word, () if word is not None else (unknown,)


def _besides(name: str, value: Mapping[str, Any], part: str) -> Iterator[Problem]:
    """An object of which one part is taken: that has to be there, and nothing else."""
    for key in value:
        if key != part:
            yield Problem(f"{name}.{key}", f"is not taken here; {part} is", value[key])
    if part not in value:
        yield Problem(f"{name}.{part}", "is missing; it is all that is sent here")


def _mentioning(
    parameter: Parameter, prompt: str, pattern: str, pictures: int
) -> tuple[str | None, Iterable[Problem]]:
    """The prompt in which ``@1`` is what the host calls the first reference."""
    for number in mentions_in(prompt):
        if not 1 <= number <= pictures:
            known = "the only one is @1" if pictures == 1 else f"they are @1 to @{pictures}"
            message = f"@{number} means no reference picture; {known}"
            return None, (Problem(parameter.name, message, f"@{number}"),)
    word = with_mentions(prompt, pattern)
    if _broken(parameter, prompt):
        return word, ()  # told of anyway, as it was given
    return word, _broken(parameter, word)


def _broken(parameter: Parameter, prompt: str) -> list[Problem]:
    found = (rule.check(parameter.name, prompt) for rule in parameter.rules)
    return [problem for problem in found if problem]


# Only ASCII counts as part of a word: Chinese has no spaces between words.
_MENTION = re.compile(r"(?<![A-Za-z0-9_@])@([0-9]{1,2})(?![A-Za-z0-9_]|\.[A-Za-z0-9])")


def mentions_in(prompt: str) -> list[int]:
    """The numbers, in the order of the prompt."""
    return [int(number) for number in _MENTION.findall(prompt)]


def with_mentions(prompt: str, pattern: str) -> str:
    """The prompt with every mention in a host's own words, ``{}`` being the number."""
    return _MENTION.sub(lambda found: pattern.format(int(found[1])), prompt)
