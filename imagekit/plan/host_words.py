"""A host's own word for a value: another one, a part of it, or a prompt that names pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagekit.basics.classes import frozen
from imagekit.declare.family import Parameter
from imagekit.declare.spell import Each, Mentions, Part, Spell
from imagekit.values import Problem

__all__ = ["NoWord", "Word", "host_word", "mentions_in", "with_mentions"]


@frozen
class Word:
    """What is sent for a value, and what is wrong with it there."""

    value: Any
    problems: tuple[Problem, ...] = ()


@frozen
class NoWord:
    """A host has no word for a value; the problems say why."""

    problems: tuple[Problem, ...]


def host_word(parameter: Parameter, value: Any, spelled: Spell, pictures: int) -> Word | NoWord:
    """What a host calls a value.

    Args:
        parameter: what the value is of; it has passed its type and its rules.
        pictures: how many reference pictures are given, for a prompt to speak of.
    """
    match spelled.how:
        case None:
            pass
        case Mentions(pattern) if pictures:
            return _mentioning(parameter, value, pattern, pictures)
        case Part(name):
            return _part(parameter.name, value, name)
        case Each() as each:
            return Word([each.object(item) for item in value])
    if spelled.values is None:
        return Word(value)
    word = spelled.values.get(value)
    if word is None:
        known = ", ".join(map(str, spelled.values))
        return NoWord((Problem(parameter.name, f"{value!r} is not one of {known} here", value),))
    return Word(word)


def _part(name: str, value: Mapping[str, Any], part: str) -> Word | NoWord:
    """An object of which one part is taken: that has to be there, and nothing else."""
    besides = tuple(
        Problem(f"{name}.{key}", f"is not taken here; {part} is", value[key])
        for key in value
        if key != part
    )
    if value.get(part) is None:
        missing = Problem(f"{name}.{part}", "is missing; it is all that is sent here")
        return NoWord((*besides, missing))
    return Word(value[part], besides)


def _mentioning(parameter: Parameter, prompt: str, pattern: str, pictures: int) -> Word | NoWord:
    """The prompt in which ``@1`` is what the host calls the first reference."""
    for number in mentions_in(prompt):
        if not 1 <= number <= pictures:
            known = "the only one is @1" if pictures == 1 else f"they are @1 to @{pictures}"
            message = f"@{number} means no reference picture; {known}"
            return NoWord((Problem(parameter.name, message, f"@{number}"),))
    word = with_mentions(prompt, pattern)
    if _broken(parameter, prompt):
        return Word(word)  # told of anyway, as it was given
    return Word(word, _broken(parameter, word))


def _broken(parameter: Parameter, prompt: str) -> tuple[Problem, ...]:
    problems = (rule.check(parameter.name, prompt) for rule in parameter.rules)
    return tuple(problem for problem in problems if problem)


# Only ASCII counts as part of a word: Chinese has no spaces between words.
_MENTION = r"(?<![A-Za-z0-9_@])@([0-9]{1,2})(?![A-Za-z0-9_]|\.[A-Za-z0-9])"


def mentions_in(prompt: str) -> list[int]:
    """The numbers, in the order of the prompt."""
    return [int(number) for number in re.findall(_MENTION, prompt)]


def with_mentions(prompt: str, pattern: str) -> str:
    """The prompt with every mention in a host's own words, ``{}`` being the number."""
    return re.sub(_MENTION, lambda mention: pattern.format(int(mention[1])), prompt)
