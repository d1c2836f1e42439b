"""A call: what was asked for, on a route, its fields already spelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from os import urandom
from typing import Any

from attrs import field

from imagekit.basics.classes import evolve, frozen
from imagekit.declare.sizes import SIZE_PARAMETERS
from imagekit.errors import InvalidRequest
from imagekit.plan.policies import OnUnsupported
from imagekit.plan.routes.route import Route
from imagekit.plan.spelling.draft import Draft
from imagekit.plan.spelling.extra_fields import add_fields, added_headers, spell_native
from imagekit.plan.spelling.fact_notes import fact_notes
from imagekit.plan.spelling.geometry import spell_geometry
from imagekit.plan.spelling.parameter import require, spell_parameter
from imagekit.plan.spelling.pictures import as_references
from imagekit.values import Problem, Receipt
from imagekit.values.reference import PICTURES, Reference

__all__ = ["Call", "invalid", "request_of", "spell_call"]


@frozen(eq=False)
class Call:
    """A request on a route, its fields already spelled.

    Attributes:
        route: where it goes.
        values: the canonical parameters as they count after adapting; what was not
            given is not here.
        fields: the same in the host's words, nested as they are sent, and the native ones.
        references: the reference pictures, in order; a mask stands in ``values``. Neither
            is in ``fields``: where their bytes go is the wire's to say, by `body_of`.
        native: those of the fields that the caller gave verbatim.
        headers: the host's own, without credentials.
        receipt: what became of every parameter.
        operation: of the wire's addresses, the one that a parameter chose; empty where the
            wire chooses.
        problems: what could not be spelled; a call with problems is never sent.
        notes: what the caller should know.
        advice: what would better be otherwise, and is sent all the same; the notes have it, too.
        pixels: the exact size every picture should have, when one was asked for.
        given, on_unsupported: what it was made from, for `change`.
        authors: parameter -> who gave it, where that is not the caller.
        id: names this one paid call: on its events, in journals, and at hosts that take a
            name. Calls of one request have the request's id in common, before a hyphen.
        places: the indices of its pictures among those of the request, where that is
            several calls; else None.
        spare: the indices after those, for all the calls.
        wanted: how many pictures the request wants, where that is several calls; else None.
        choice: what there is to say of how its route was chosen.
        aliases: the names of the configuration that led to it, the caller's first.
        state: while the answer to a look at its job is decoded, what the wire noted with that
            job (`Pending.state`); else empty.
    """

    route: Route
    values: Mapping[str, Any]
    fields: Mapping[str, Any]
    references: tuple[Reference, ...]
    native: Mapping[str, Any]
    headers: Mapping[str, str]
    receipt: Receipt
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    pixels: tuple[int, int] | None
    given: Mapping[str, Any]
    on_unsupported: OnUnsupported
    authors: Mapping[str, str]
    operation: str = ""
    id: str = field(factory=lambda: urandom(12).hex())
    places: range | None = None
    spare: Iterator[int] = field(factory=count)
    wanted: int | None = None
    choice: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    advice: tuple[Problem, ...] = ()
    state: Mapping[str, Any] = field(factory=dict)

    @property
    def url(self) -> str:
        """Where its request goes: by the operation that a parameter chose; else to ``edit``, if
        there are pictures and such a path; else to ``generate``."""
        pictures = self.references or "mask" in self.values
        usual = "edit" if pictures and self.route.has("edit") else "generate"
        return self.route.url(self.operation or usual)

    @property
    def prompt(self) -> str:
        return str(self.values.get("prompt", ""))

    @property
    def alias(self) -> str:
        """What the caller called it by, where that is a name of the configuration."""
        return self.aliases[0] if self.aliases else ""

    def change(self, **parameters: Any) -> Call:
        """The same call with other parameters, spelled anew; None takes one away.

        For ``imagekit_prepare_call``. The engine notes on the receipt who did it. It stays
        the same purchase: its id, and its share of a request that is several calls.
        """
        given = {**self.given, **parameters}
        kept = {name: value for name, value in given.items() if value is not None}
        changed = spell_call(self.route, kept, self.on_unsupported, self.authors)
        same = evolve(
            changed,
            id=self.id,
            places=self.places,
            spare=self.spare,
            wanted=self.wanted,
            aliases=self.aliases,
        )
        return same.routed(*self.choice)

    def routed(self, *choice: str) -> Call:
        """The same call with more notes on how its route was chosen, which its receipt has, too."""
        if not choice:
            return self
        why = "; ".join(choice)
        lines = tuple(
            evolve(line, note=f"{line.note}; {why}" if line.note else why)
            if line.parameter == "model"
            else line
            for line in self.receipt.lines
        )
        receipt = evolve(self.receipt, lines=lines)
        notes, choice = (*choice, *self.notes), (*self.choice, *choice)
        return evolve(self, receipt=receipt, notes=notes, choice=choice)


def request_of(call: Call) -> str:
    """The id of the request that a call is one of."""
    return call.id.partition("-")[0]


def invalid(route: Route, problems: Iterable[Problem]) -> InvalidRequest:
    """One error for all the problems of a call."""
    listed = tuple(problems)
    lines = "".join(f"\n  {problem}" for problem in listed)
    return InvalidRequest(f"{route.name} can't take this call:{lines}", problems=listed)


def spell_call(
    route: Route,
    given: Mapping[str, Any],
    on_unsupported: OnUnsupported = "error",
    authors: Mapping[str, str] = {},
) -> Call:
    """Spell what was given for ``route``. Never raises for the caller's mistakes: they
    are the call's ``problems``.
    """
    if not given.keys().isdisjoint(PICTURES):
        given = {name: as_references(name, value) for name, value in given.items()}
    draft = Draft(route, given, on_unsupported, authors)
    _spell_parameters(draft)
    require(draft)
    native = given.get("native") or {}
    if not isinstance(native, Mapping):
        draft.problems.append(Problem("native", f"{native!r} is not an object", native))
        native, given = {}, {name: value for name, value in given.items() if name != "native"}
    spell_native(draft, native)
    headers = {**route.offer.headers, **(route.offer.native_headers if native else {})}
    added = (*added_headers(route, headers), *add_fields(draft))
    return Call(
        route=route,
        values=draft.values,
        fields=draft.fields,
        references=tuple(draft.values.get("image", ())),
        native=native,
        headers=headers,
        receipt=Receipt(tuple(draft.lines), added),
        problems=tuple(draft.problems),
        notes=(*draft.notes, *fact_notes(route, draft.values)),
        pixels=draft.pixels,
        given=given,
        on_unsupported=on_unsupported,
        authors=authors,
        operation=draft.operation,
    )


def _spell_parameters(draft: Draft) -> None:
    """In the caller's order; size, ratio and resolution where the first of them stands."""
    given = draft.given
    asked = {name: given[name] for name in SIZE_PARAMETERS if name in given}
    first = next((name for name in given if name in asked), None)
    for name, value in given.items():
        if name == first:
            spell_geometry(draft, asked)
        elif name not in asked and name != "native":
            spell_parameter(draft, name, value)
