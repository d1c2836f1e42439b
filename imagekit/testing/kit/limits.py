"""Every boundary that is declared holds, on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagekit.declare.family import Parameter
from imagekit.declare.rules import Enum, Length, Range, Rule
from imagekit.testing.kit.boundaries import Boundary, boundaries
from imagekit.testing.kit.cross_rules import KNOWN
from imagekit.testing.kit.suite import Suite, judged
from imagekit.values.reference import Reference

__all__ = ["LimitChecks"]


class LimitChecks(Suite):
    """Checks on the rules of every route."""

    on_routes = True

    @classmethod
    def within_cases(cls) -> Iterator[Boundary]:
        return (one for route in cls.routes() for one in boundaries(route) if one.accepted)

    @classmethod
    def beyond_cases(cls) -> Iterator[Boundary]:
        return (one for route in cls.routes() for one in boundaries(route) if not one.accepted)

    def test_every_boundary_is_accepted(self, within: Boundary) -> None:
        call, problems = judged(type(self), within.route, within.given)
        assert not problems, f"{within.label} should be taken: {problems[0]}"
        advised = [
            note for note in call.notes if within.field and note.startswith(f"{within.field}:")
        ]
        assert not advised, f"{within.label} should pass without advice: {advised[0]}"

    def test_one_past_a_boundary_is_refused_with_field_value_and_bound(
        self, beyond: Boundary
    ) -> None:
        call, problems = judged(type(self), beyond.route, beyond.given)
        if beyond.advice:
            told = [note for note in call.notes if note.startswith(f"{beyond.field}:")]
        else:
            told = [
                problem.message
                for problem in problems
                if problem.field == beyond.field and _same(beyond.value, problem.value)
            ]
        assert told, f"{beyond.label} is taken, or refused for something else: {problems}"
        for problem in problems:
            if problem.field == "size" and problem.nearest is not None:
                nearest = {**beyond.given, "size": problem.nearest}
                again = judged(type(self), beyond.route, nearest)[1]
                assert not again, f"the nearest, {problem.nearest}, is refused as well: {again[0]}"
        plain = [message.replace(",", "") for message in told]
        bound = beyond.bound.replace(",", "")
        assert any(bound in message for message in plain), f"{told} does not name {beyond.bound}"

    def test_every_rule_has_boundaries_here(self) -> None:
        """A rule of a class of your own can't be taken apart: relax this, and test it yourself."""
        known = (Range, Enum, Length, *KNOWN)
        strange = {
            type(rule).__name__
            for route in self.routes()
            for rule in (*_rules(route.accepted.values()), *route.rules)
            if not isinstance(rule, known)
        }
        assert not strange, f"the kit derives no cases from {', '.join(sorted(strange))}"


def _rules(parameters: Iterable[Parameter]) -> Iterator[Rule]:
    for parameter in parameters:
        yield from parameter.rules
        yield from _rules(parameter.parts)


def _same(wanted: object, told: object) -> bool:
    """A picture is told by what it is, not as it was given."""
    return wanted is None or wanted == told or isinstance(told, Reference)
