"""What core does itself, as the last plugin: its own wire, and the declared rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imagekit.declare.family import Parameter
from imagekit.declare.wire import Wire
from imagekit.hookspecs import hookimpl
from imagekit.plan.call import Call
from imagekit.values import Problem
from imagekit.values.reference import PICTURES, Reference, label
from imagekit.wires.openai_images import OpenAIImages

__all__ = ["Defaults"]


class Defaults:
    """Core's own hook implementations; every other plugin is asked before them."""

    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [OpenAIImages()]

    @hookimpl(trylast=True)
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        """Check every declared rule against every value."""
        problems: list[Problem] = []
        route = call.route
        if "prompt" in call.values and not call.prompt.strip():
            problems.append(Problem("prompt", "is empty; say what to draw", call.prompt))
        for name, value in call.values.items():
            parameter = route.parameters.get(name)
            if parameter is not None:
                _check(parameter, name, value, problems)
        problems.extend(_check_pictures(call))
        for rule in route.rules:
            problems.extend(rule.check(call.values))
        return problems


def _check_pictures(call: Call) -> Iterator[Problem]:
    """The limits on each reference and on the mask. A link is the host's to measure."""
    limits = call.route.references
    for name in PICTURES:
        value: Reference | list[Reference] = call.values.get(name, [])
        for number, picture in enumerate(value if isinstance(value, list) else [value], 1):
            which = label(name, number, picture)
            if picture.blob is None and picture.url is None:
                yield Problem(name, f"{which} is only described here; give the picture itself")
            elif picture.blob is not None and limits is not None:
                yield from limits.check(name, which, picture, adaptable="mask" not in call.values)


def _check(parameter: Parameter, name: str, value: object, problems: list[Problem]) -> None:
    for rule in parameter.rules:
        problem = rule.check(name, value)
        if problem is not None:
            problems.append(problem)
    if parameter.parts and isinstance(value, Mapping):
        for part in parameter.parts:
            if part.name in value:
                _check(part, f"{name}.{part.name}", value[part.name], problems)
