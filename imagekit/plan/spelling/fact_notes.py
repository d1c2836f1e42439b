"""Which of the facts that a call rests on nobody has verified, or are of the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagekit.plan.routes.route import Route

__all__ = ["fact_notes"]


def fact_notes(route: Route, parameters: Iterable[str]) -> Iterator[str]:
    """A note for each, for a call with these parameters."""
    if route.model.retired:
        yield f"{route.model.name} {route.model.retired.describe()}"
    if route.id_unverified:
        yield (
            f"the id {route.remote_id!r} of {route.model.name} at {route.host.name} is "
            "unverified; remote_ids in the host's settings replaces it"
        )
    path = route.offer.path_fact
    if path and path.unverified:
        yield f"unverified at {route.host.name}: {path.note}"
    unverified = [name for name in parameters if name in route.unverified]
    if unverified:
        yield f"unverified at {route.host.name}, passed through: {', '.join(unverified)}"
