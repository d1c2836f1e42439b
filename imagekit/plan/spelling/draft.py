"""A call as far as it is spelled: its fields, its receipt, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field

from imagekit.basics.classes import define
from imagekit.plan.policies import OnUnsupported
from imagekit.plan.routes.route import Route
from imagekit.values import Action, Line, Problem

__all__ = ["Draft"]


@define
class Draft:
    """The work in progress of one `spell_call`.

    Attributes:
        route, given, on_unsupported, authors: as given to it.
        values, fields, problems, notes, pixels, operation: as `Call` will have them.
        lines: of the receipt.
    """

    route: Route
    given: Mapping[str, Any]
    on_unsupported: OnUnsupported
    authors: Mapping[str, str]
    values: dict[str, Any] = field(factory=dict)
    fields: dict[str, Any] = field(factory=dict)
    lines: list[Line] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    notes: list[str] = field(factory=list)
    pixels: tuple[int, int] | None = None
    operation: str = ""

    @property
    def pictures(self) -> int:
        """How many references were given."""
        images = self.given.get("image")
        return len(images) if isinstance(images, list) else 0

    def tell(
        self,
        name: str,
        given: Any,
        action: Action,
        fields: tuple[tuple[str, Any], ...] = (),
        note: str = "",
    ) -> None:
        """Say on the receipt what became of a parameter."""
        by = self.authors.get(name, "caller")
        self.lines.append(Line(name, given, action, fields, by, note))

    def write(self, name: str, path: str, word: Any) -> None:
        """Set the field at a path; two parameters may mean the same one only if they agree."""
        *parents, last = path.split(".")
        place: Any = self.fields
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                break
        if not isinstance(place, dict) or place.get(last, word) != word:
            self.problems.append(Problem(name, f"contradicts what is sent as {path} already", word))
        else:
            place[last] = dict(word) if isinstance(word, dict) else word
