"""What a model has to be able to do to be chosen: `AnyOf.where`, asked of its route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit.basics.blob import Blob
from imagekit.plan.routes.choosing import Lead
from imagekit.plan.splitting import calls_for
from imagekit.send.engine import Engine
from imagekit.values.reference import Reference

__all__ = ["REFERENCES", "lacks"]

#: The word for how many pictures a model takes.
REFERENCES = "references"
#: One that no limit on files has anything against.
_PICTURE = Reference(
    "a picture", blob=Blob.of(b""), size=100_000, media_type="image/jpeg", pixels=(1024, 1024)
)


def lacks(engine: Engine, lead: Lead) -> str:
    """What the model of this way can't do, of what its alias wants; empty where it can do all."""
    where = lead.target.where
    if not where:
        return ""
    taken = {*lead.route.accepted, "n"}  # where a call makes one picture, several make more
    missing = [f"{name}: it takes none" for name in where if _parameter(name) not in taken]
    if missing:
        return "; ".join(missing)
    first, *_ = calls_for(lead.route, {"prompt": "a test", **_given(where)}, "error", {})
    _, problems = engine.prepare(first)
    return "; ".join(map(str, problems))


def _parameter(name: str) -> str:
    return "image" if name == REFERENCES else name


def _given(where: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call that wants all of it; of what may have any value, none."""
    given = {name: value for name, value in where.items() if value is not True}
    if REFERENCES in given:
        given["image"] = [_PICTURE] * given.pop(REFERENCES)
    return given
