"""``imagekit models --at HOST``: what the host says it has, and what that settles."""

from __future__ import annotations

from imagekit import Catalogue, Declared
from imagekit.cli import output

__all__ = ["show"]


def show(catalogue: Catalogue, as_json: bool) -> None:
    if as_json:
        output.json_answer(_record(catalogue))
        return
    rows = [(one.model, one.id + "?" * one.unverified, _verdict(one)) for one in catalogue.declared]
    if rows:
        output.table(("MODEL", "ID THERE", "ITS LIST SAYS"), rows)
    if catalogue.new:
        output.answer(f"\nNEW: {len(catalogue.new)} ids that no plugin declares here")
        for id in catalogue.new:
            output.answer(f"  {id}")
    if catalogue.remote_ids:
        output.answer("\nWhat the list settles, for your configuration:\n")
        output.answer(f"[hosts.{catalogue.host}.remote_ids]")
        for model, id in catalogue.remote_ids.items():
            output.answer(f'"{model}" = "{id}"')


def _verdict(one: Declared) -> str:
    if one.there:
        return "there, so the id is confirmed" if one.unverified else "there"
    if one.other:
        return f"missing; it is there as {one.other}"
    if one.near:
        return f"missing; much like it are {', '.join(one.near)}"
    return "missing"


def _record(catalogue: Catalogue) -> dict[str, object]:
    return {
        "host": catalogue.host,
        "declared": [
            {
                "model": one.model,
                "id": one.id,
                "unverified": one.unverified,
                "there": one.there,
                "other": one.other or None,
                "near": list(one.near),
            }
            for one in catalogue.declared
        ],
        "new": list(catalogue.new),
        "remote_ids": dict(catalogue.remote_ids),
    }
