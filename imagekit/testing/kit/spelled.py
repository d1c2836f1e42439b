"""Every spelled parameter reaches exactly its target, shown by changing one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.classes import frozen
from imagekit.client.plan import Plan
from imagekit.declare.family import CANONICAL
from imagekit.declare.sizes import SIZE_PARAMETERS
from imagekit.declare.spell import Address, Implied
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.samples import as_taken, companions, samples
from imagekit.testing.kit.suite import PROMPT, Suite, judged, planner
from imagekit.values import Receipt, Request

__all__ = ["SpellingChecks"]


@frozen(eq=False)
class Mutation:
    """One parameter of a route, without it and with each of two values."""

    route: Route
    name: str

    def __str__(self) -> str:
        return f"{self.route.name}-{self.name}"


class SpellingChecks(Suite):
    """Checks on the requests of every route."""

    on_routes = True

    @classmethod
    def spelled_cases(cls) -> Iterator[Mutation]:
        for route in cls.routes():
            for name in route.spells:
                if name not in ("model", "prompt"):
                    yield Mutation(route, name)

    @classmethod
    def route_cases(cls) -> list[str]:
        return [route.name for route in cls.routes()]

    def body_of(self, request: Request) -> Any:
        """The fields of a request's body; to be overridden where it is not JSON."""
        return json.loads(request.body.read() if request.body else b"{}")

    def test_every_spelled_parameter_reaches_exactly_its_target(self, spelled: Mutation) -> None:
        """Given, changed, and not given: each time its own field differs, and no other does."""
        match spelled.route.spells[spelled.name].how:
            case Address():
                check = self._check_address
            case Implied():
                check = self._check_implied
            case _:
                check = self._check_mutation
        for more in (companions(spelled.route, spelled.name), self._crowd(spelled)):
            check(spelled.route, spelled.name, more)

    def _check_address(self, route: Route, name: str, more: Mapping[str, Any]) -> None:
        """A word that chooses where the request goes is in the address, and nowhere else."""
        for value in samples(route, name):
            plan = self._planned(route, {**more, name: value})
            assert plan.request is not None, f"{name}={value!r} is refused: {plan.problems[0]}"
            body, _ = self._sent(route, more)
            assert plan.receipt[name].fields == (), f"{name} is no field, but for the receipt"
            strays = _changed(body, self.body_of(plan.request))
            assert not strays, f"{name} chooses an address, and changes {', '.join(strays)}"
            word = (route.spells[name].values or {}).get(value, value)
            wanted = route.url(word)
            assert plan.request.url == wanted, f"{name}={value!r} goes to {plan.request.url}"

    def _check_implied(self, route: Route, name: str, more: Mapping[str, Any]) -> None:
        """What the host takes from another parameter changes nothing by itself."""
        implied = route.spells[name].how
        assert isinstance(implied, Implied)
        value = implied.given if implied.by in more else implied.otherwise
        without, given = (self._sent(route, one)[0] for one in (more, {**more, name: value}))
        strays = _changed(without, given)
        assert not strays, f"{name} is said by {implied.by}, and changes {', '.join(strays)}"

    def _check_mutation(self, route: Route, name: str, more: Mapping[str, Any]) -> None:
        values, spelled = samples(route, name), route.spells[name]
        targets = spelled.fields
        target = " and ".join(targets)
        without, first, second = (
            self._sent(route, {**more, **given})
            for given in ({}, {name: values[0]}, {name: values[-1]})
        )
        for before, after in ((without, first), (first, second)):
            changed = _changed(before[0], after[0])
            own = {*targets, spelled.field or targets[0]}
            strays = [path for path in changed if not any(_under(path, one) for one in own)]
            assert not strays, f"{name} changes {', '.join(strays)}, and should {target}"
        always = {*more, *(one.name for one in route.required)}
        given = _changed(without[0], first[0]) or name in always
        assert given, f"{name} changes nothing; it should change {target}"
        self._check_line(name, targets, *first)
        if values[0] != values[-1]:
            assert _changed(first[0], second[0]), f"{target} is the same for every {name}"

    def _crowd(self, spelled: Mutation) -> Mapping[str, Any]:
        """As many other parameters at once as the rules allow beside this one."""
        route, name = spelled.route, spelled.name
        crowd: dict[str, Any] = companions(route, name)
        for other in route.spells:
            shapes = name in SIZE_PARAMETERS and other in SIZE_PARAMETERS
            if other in ("model", "prompt", name) or other in crowd or shapes:
                continue
            wider = {**companions(route, other), other: samples(route, other)[0], **crowd}
            given = [{**wider, name: value} for value in samples(route, name)]
            if name not in wider and not any(
                judged(type(self), route, one)[1] for one in [wider, *given]
            ):
                crowd = wider
        return crowd

    def _check_line(self, name: str, targets: tuple[str, ...], body: Any, receipt: Receipt) -> None:
        told = dict(receipt[name].fields)
        of = " and ".join(targets)
        assert (*told,) == targets, f"the receipt of {name} speaks of {[*told]}, not of {of}"
        for target in targets:
            sent = _leaf(body, target)
            if name not in ("image", "mask"):  # told without their bytes
                said = f"{target} is {sent!r}; the receipt says {told[target]!r}"
                assert told[target] == sent, said

    def test_what_is_not_given_is_not_sent(self, route: str) -> None:
        """Nor is anything else that the receipt does not tell: unset is unsent."""
        body, receipt = self._sent(planner(type(self)).registry.route(*route.split(":", 1)), {})
        told = {path for line in receipt.lines for path, _ in line.fields}
        told |= {added.field for added in receipt.added}
        strays = [path for path in _leaves(body) if not any(_under(path, one) for one in told)]
        assert not strays, f"nobody gave {', '.join(strays)}, and the receipt does not tell why"

    def test_planning_twice_gives_the_same_request(self, route: str) -> None:
        """Shaping is pure: no clock, no counter, no random id."""
        there = planner(type(self)).registry.route(*route.split(":", 1))
        first, second = (self._planned(there, {}).request for _ in range(2))
        assert first == second, f"the request is another the second time: {first} and {second}"

    def _sent(self, route: Route, given: Mapping[str, Any]) -> tuple[Any, Receipt]:
        plan = self._planned(route, given)
        assert plan.request is not None, f"{dict(given)} is refused: {plan.problems[0]}"
        return self.body_of(plan.request), plan.receipt

    def _planned(self, route: Route, given: Mapping[str, Any]) -> Plan:
        given = as_taken(route, given)
        own = {name: value for name, value in given.items() if name in CANONICAL}
        options = {name: value for name, value in given.items() if name not in CANONICAL}
        return planner(type(self)).plan(PROMPT, model=route.name, options=options, **own)


def _leaves(body: Any, path: str = "") -> dict[str, Any]:
    """path -> value of everything in a body that is no object itself."""
    if not isinstance(body, Mapping):
        return {path: body}
    found: dict[str, Any] = {}
    for name, inner in body.items():
        found |= _leaves(inner, f"{path}.{name}" if path else name)
    return found


def _changed(before: Any, after: Any) -> list[str]:
    one, other = _leaves(before), _leaves(after)
    missing = object()
    return [path for path in one | other if one.get(path, missing) != other.get(path, missing)]


def _under(path: str, target: str) -> bool:
    return path == target or path.startswith(f"{target}.")


def _leaf(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, Mapping) else None
    return body
