"""From canonical parameters to a host's own fields, and the receipt that says how.

The one obvious place for translation: nothing else in imagekit renames, converts or
leaves out a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from imagekit.basics.closest import closest
from imagekit.declare.family import CANONICAL, Parameter
from imagekit.declare.host import Spell
from imagekit.declare.sizes import parse_size
from imagekit.plan.parameters import OnUnsupported
from imagekit.plan.references.spelled import fields_of, problems_of, steps_of
from imagekit.plan.sendable import json_problem, type_problem
from imagekit.plan.sizes import geometry_of, translate
from imagekit.plan.words import host_word
from imagekit.values import Action, Added, Line, Problem
from imagekit.values.reference import PICTURES, summarized

if TYPE_CHECKING:
    from imagekit.plan.routes.route import Route

__all__ = []


@define
class _Spelling:
    """The work in progress of one `spell_call`."""

    route: Route
    on_unsupported: OnUnsupported
    authors: Mapping[str, str]
    pictures: int = 0  # how many references were given
    values: dict[str, Any] = field(factory=dict)
    fields: dict[str, Any] = field(factory=dict)
    lines: list[Line] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    notes: list[str] = field(factory=list)
    pixels: tuple[int, int] | None = None
    operation: str = ""

    # --- one parameter -----------------------------------------------------------

    def parameter(self, name: str, value: Any) -> None:
        spelled = self.route.spells.get(name)
        if spelled is None and name == "model":
            self._line(name, value, Action.MAPPED, (), "stands in the address")
            return
        if name == "image" and value == []:  # for programs that have a list, full or not
            self._line(name, value, Action.MAPPED, (), "no reference pictures")
            return
        if spelled is None:
            self._unsupported(name, summarized(value))
            return
        if name in PICTURES:
            self.references(name, value, spelled)
            return
        parameter = self.route.parameters[name]
        problem = type_problem(parameter, value, name)
        if problem:
            self._problem(problem)
            return
        action, sent = Action.SENT, value
        if self.on_unsupported == "adapt":
            sent = _adapted(parameter, value)
            action = Action.SENT if sent == value else Action.ADAPTED
        self.values[name] = sent
        self._put(name, value, sent, spelled, action)

    def _put(self, name: str, given: Any, value: Any, spelled: Spell, action: Action) -> None:
        if name == "model":
            value, action = self.route.remote_id, Action.MAPPED
            if value == given:
                action = Action.SENT
        word = self._word(name, value, spelled)
        if word is None:
            return
        if spelled.address:
            self.operation = word
            self._line(name, given, Action.MAPPED, (), f"chooses the address: {word}")
            return
        if action is Action.SENT and (spelled.field != name or word != value):
            action = Action.MAPPED
        self._set(name, spelled.field, word)
        self._line(name, given, action, ((spelled.field, word),))

    def _word(self, name: str, value: Any, spelled: Spell) -> Any:
        """The host's word for a value; None, and a problem, when it has none."""
        word, problems = host_word(self.route.parameters[name], value, spelled, self.pictures)
        self.problems += problems
        return word

    def references(self, name: str, value: Any, spelled: Spell) -> None:
        """Tell of pictures; the receipt has what was given, and what became of it."""
        found = value if name == "image" else [value]
        problems = problems_of(name, found, spelled, self.route.host.name)
        if problems:
            self.problems += problems
            return
        self.values[name] = value
        steps, fields = steps_of(name, found), fields_of(name, found, spelled)
        plain = Action.SENT if [field for field, _ in fields] == [name] else Action.MAPPED
        action = Action.ADAPTED if steps else plain
        if any(one.url is None for one in found):
            steps.append(f"bytes travel as {spelled.carriage}")
            if spelled.carriage_fact and spelled.carriage_fact.unverified:
                self.notes.append(
                    f"unverified at {self.route.host.name}, passed through: {name} as "
                    f"{spelled.carriage}; a link is sure"
                )
        self._line(name, summarized(value), action, fields, "; ".join(steps))

    def _unsupported(self, name: str, value: Any) -> None:
        if name == "n" and value == 1 and type(value) is int:
            self._line(name, value, Action.MAPPED, (), "one picture is what a call makes here")
            return
        if self.on_unsupported == "drop":
            self._line(name, value, Action.DROPPED, (), f"not supported at {self.route.host.name}")
            return
        self._problem(Problem(name, self._why_unsupported(name), value))

    def _why_unsupported(self, name: str) -> str:
        route = self.route
        instead = route.offer.instead.get(name) or route.model.instead.get(name)
        declared = {parameter.name for parameter in route.model.parameters}
        if not instead and name not in CANONICAL.keys() | declared:
            near = closest(name, route.accepted)
            hint = f"; did you mean {near[0]}?" if near else ""
            return f"{route.model.name} has no such parameter{hint}"
        why = f"{route.model.name} does not take it at {route.host.name}"
        return f"{why}: {instead}" if instead else f"{why}; on_unsupported='drop' leaves it out"

    def require(self, given: Mapping[str, Any]) -> None:
        for parameter in self.route.required:
            if given.get(parameter.name, []) == []:
                what = " and ".join(rule.describe() for rule in parameter.rules)
                where = f"{self.route.model.name} at {self.route.host.name}"
                said = f"is needed by {where}{': ' if what else ''}{what}"
                self._problem(Problem(parameter.name, said))

    # --- size, ratio and resolution together -----------------------------------------

    def shape(self, asked: Mapping[str, Any]) -> None:
        mistakes = [
            problem
            for name, value in asked.items()
            if (problem := type_problem(Parameter(name, str), value, name))
        ]
        geometry, more = geometry_of({} if mistakes else asked, self.route.sizes)
        if mistakes or more:
            self.problems.extend(mistakes or more)
            return
        route = self.route
        spelled = route.shape_spells
        if route.sizes is None or not spelled:
            for name, value in asked.items():
                self._unsupported(name, value)
            return
        translation = translate(geometry, route.sizes, spelled)
        if translation.problem and not self._may_adapt(asked, translation.values):
            if self.on_unsupported != "drop":
                self._problem(_about_what_was_given(translation.problem, asked))
            return
        self.pixels = translation.pixels
        self._put_shape(asked, translation.values, translation.note, bool(translation.problem))

    def _may_adapt(self, asked: Mapping[str, Any], values: Mapping[str, str]) -> bool:
        if self.on_unsupported == "drop":
            for name, value in asked.items():
                note = f"can't be said exactly at {self.route.host.name}"
                self._line(name, value, Action.DROPPED, (), note)
        return self.on_unsupported == "adapt" and bool(values)

    def _put_shape(
        self, asked: Mapping[str, Any], values: Mapping[str, str], note: str, adapted: bool
    ) -> None:
        fields: dict[str, tuple[str, Any]] = {}
        for name, value in values.items():
            spelled = self.route.spells[name]
            own_pixels = isinstance(parse_size(value), tuple) and value not in (
                spelled.values or ()
            )
            word = value if own_pixels else self._word(name, value, spelled)
            if word is None:
                return
            self.values[name] = value
            self._set(name, spelled.field, word)
            fields[name] = (spelled.field, word)
        for name, value in asked.items():
            own = (fields[name],) if name in fields else tuple(fields.values())
            kept = values.get(name) == value
            action = Action.ADAPTED if adapted and not kept else Action.MAPPED
            if own == ((name, value),):
                action = Action.SENT
            self._line(name, value, action, own, note)

    # --- native -------------------------------------------------------------------------

    def native(self, native: Mapping[str, Any]) -> None:
        taken = set(self.fields)
        pictures = [self.route.spells[name] for name in PICTURES if name in self.values]
        taken.update(spelled.field.partition(".")[0] for spelled in pictures)
        for name, value in native.items():
            problem = json_problem({name: value}, "native")
            if problem:
                self._problem(problem)
            elif name in taken:
                message = f"native.{name} would overwrite a value given as a parameter"
                self._problem(Problem(f"native.{name}", message, value))
            else:
                self._line(f"native.{name}", value, Action.NATIVE, ((name, value),))

    def add(self, fields: Mapping[str, Any], native: Mapping[str, Any]) -> list[Added]:
        """Set what the offer sends by itself, where nothing else is sent under that name."""
        unset = {
            name: value
            for name, value in fields.items()
            if name not in self.fields and name not in native
        }
        self.fields.update(unset)
        return [Added(name, value, "the host needs it") for name, value in unset.items()]

    # --- shared ---------------------------------------------------------------------------

    def note_unverified(self) -> None:
        """Say which of the facts this call rests on nobody has verified, or are of the past."""
        route = self.route
        if route.model.retired:
            self.notes.append(f"{route.model.name} {route.model.retired.describe()}")
        if route.id_unverified:
            self.notes.append(
                f"the id {route.remote_id!r} of {route.model.name} at {route.host.name} is "
                "unverified; remote_ids in the host's settings replaces it"
            )
        path = route.offer.path_fact
        if path and path.unverified:
            self.notes.append(f"unverified at {route.host.name}: {path.note}")
        unverified = [name for name in self.values if name in route.unverified]
        if unverified:
            names = ", ".join(unverified)
            self.notes.append(f"unverified at {route.host.name}, passed through: {names}")

    def _problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def _line(
        self,
        name: str,
        value: Any,
        action: Action,
        fields: tuple[tuple[str, Any], ...],
        note: str = "",
    ) -> None:
        by = self.authors.get(name, "caller")
        self.lines.append(Line(name, value, action, fields, by, note))

    def _set(self, name: str, path: str, value: Any) -> None:
        """Write a field; two parameters may mean the same one only if they agree."""
        *parents, last = path.split(".")
        place: Any = self.fields
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                last = parent
                break
        if not isinstance(place, dict) or place.get(last, value) != value:
            self._problem(Problem(name, f"contradicts what is sent as {path} already", value))
        else:
            place[last] = dict(value) if isinstance(value, dict) else value


def _about_what_was_given(problem: Problem, asked: Mapping[str, Any]) -> Problem:
    """A tier may have been given as size: name the parameter the caller used."""
    return problem if problem.field in asked else evolve(problem, field=next(iter(asked)))


def _adapted(parameter: Parameter, value: Any) -> Any:
    """``value`` moved to the nearest that passes every rule which names one."""
    for rule in parameter.rules:
        problem = rule.check(parameter.name, value)
        if problem is None or problem.advice or problem.nearest is None:
            continue
        # A word is moved only to itself in another case: words that look alike may mean
        # opposite things.
        if not isinstance(value, str) or value.lower() == str(problem.nearest).lower():
            value = problem.nearest
    return value
