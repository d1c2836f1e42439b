"""What a request has to have in it, whatever the dialect: references, native fields, each
parameter in a field of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from imagekit.declare.cross_rules import Excludes
from imagekit.declare.rules import Length
from imagekit.declare.sizes import SIZE_PARAMETERS
from imagekit.declare.spell import Address, Carriage, Implied, Part
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.samples import as_taken, companions, links
from imagekit.testing.kit.speaking import Spoken
from imagekit.testing.kit.spelled import SpellingChecks
from imagekit.testing.kit.suite import PROMPT, judged, planner

__all__ = ["BodyChecks"]

#: A name and a value that no host knows.
NATIVE = {"kit_native": "kit-heron"}
_NO_FIELD = (Address, Implied, Part)


class BodyChecks(SpellingChecks):
    """Checks on what a request carries besides single parameters."""

    on_routes = True

    @classmethod
    def referring_cases(cls) -> list[str]:
        """Routes on which links can be given as references."""
        return [
            route.name
            for route in cls.routes()
            if "image" in route.spells
            and route.spells["image"].carried.carriage is not Carriage.FORM
        ]

    def test_each_reference_arrives_in_its_order(self, referring: str) -> None:
        """As many as are declared: none is left out, and none comes before another."""
        route = planner(type(self)).route(referring)
        more = companions(route, "image")
        most = next((n for n in _counts(route) if not self._refused(route, more, n)), 0)
        given = links(most)
        body, _ = self._sent(route, {**more, "image": given})
        found = [text for text in _texts(body) if text in given]
        lost = [link for link in given if link not in found]
        assert not lost, f"of {most} references {len(lost)} are not in the body: {lost[0]}"
        assert found == given, f"references are given in one order, and sent in another: {found}"

    def _refused(self, route: Route, more: Mapping[str, Any], count: int) -> bool:
        return bool(judged(type(self), route, {**more, "image": links(count)})[1])

    def test_native_fields_arrive(self, spoken: Spoken) -> None:
        """Whatever the wire makes of its own fields: a user knows what to add to them."""
        route = spoken.route
        given = as_taken(route, {})
        plan = planner(type(self)).plan(PROMPT, model=route.name, native=NATIVE, options=given)
        assert plan.request is not None, f"native={NATIVE} is refused: {plan.problems[0]}"
        body = self.body_of(plan.request)
        assert _has(body, NATIVE), "native fields are lost: put `call.native` into the body"
        headers = plan.request.headers
        lost = [name for name in route.offer.native_headers if name not in headers]
        assert not lost, f"with native fields {', '.join(lost)} should be sent as well"

    def test_prompt_and_model_arrive(self, spoken: Spoken) -> None:
        """The host's own id of the model, in the body or in the address."""
        route = spoken.route
        plan = self._planned(route, {})
        assert plan.request is not None, f"a prompt alone is refused: {plan.problems[0]}"
        texts = [*_texts(self.body_of(plan.request)), unquote(plan.request.url)]
        assert any(PROMPT in text for text in texts), "the prompt is not in the request"
        id, told = route.remote_id, any(route.remote_id in text for text in texts)
        assert told or "model" not in route.spells, f"the model's id {id!r} is not in the request"

    def test_a_body_is_of_the_type_it_says(self, spoken: Spoken) -> None:
        request = self._planned(spoken.route, {}).request
        body = request.body.read() if request and request.body else b""
        headers = {
            name.lower(): value for name, value in (request.headers if request else {}).items()
        }
        kind = headers.get("content-type", "nothing")
        is_json = body[:1] in (b"{", b"[")
        assert not is_json or "application/json" in kind, f"a body of JSON says it is {kind}"

    def test_no_two_parameters_go_to_one_field(self, route: str) -> None:
        """Whoever gives both would be refused, by a rule that nobody has declared."""
        there, taken = planner(type(self)).route(route), dict[str, str]()
        for name, spelled in there.spells.items():
            by_wire = name in ("image", "mask") or isinstance(spelled.how, _NO_FIELD)
            for field in () if by_wire else spelled.fields:
                other = taken.setdefault(field, name)
                shapes = {name, other} <= {*SIZE_PARAMETERS}
                assert other == name or shapes or _exclude(there, name, other), (
                    f"{other} and {name} both go to the field {field}; "
                    f'declare Excludes("{other}", "{name}") if the host takes one of them'
                )


def _counts(route: Route) -> Iterator[int]:
    """How many references may be given: what is declared, or fewer where other rules say so."""
    parameter = route.accepted.get("image")
    rules = parameter.rules if parameter else ()
    most = min((rule.maximum for rule in rules if isinstance(rule, Length)), default=3)
    return iter(range(most, 0, -1))


def _exclude(route: Route, name: str, other: str) -> bool:
    """Whether a rule keeps two parameters apart."""
    rules = (rule for rule in route.rules if isinstance(rule, Excludes))
    return any({rule.name, rule.other} == {name, other} for rule in rules)


def _texts(value: Any) -> Iterator[str]:
    """All texts in a body, in their order."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else ():
        yield from _texts(inner)
    for inner in value if isinstance(value, list) else ():
        yield from _texts(inner)


def _has(body: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether these fields stand anywhere in a body."""
    if isinstance(body, Mapping):
        here = all(body.get(name) == value for name, value in wanted.items())
        return here or any(_has(inner, wanted) for inner in body.values())
    return isinstance(body, list) and any(_has(inner, wanted) for inner in body)
