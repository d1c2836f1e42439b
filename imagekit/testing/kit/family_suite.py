"""`FamilySuite`: what must hold of a plugin that declares model families."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from imagekit.basics.classes import frozen
from imagekit.declare.auth import NoAuth
from imagekit.declare.family import Family, Model
from imagekit.declare.host import ANY_MODEL, Host, Offer
from imagekit.declare.sizes import Sizes, as_size, parse_ratio
from imagekit.hookspecs import hookimpl
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.declared import DeclarationChecks
from imagekit.testing.kit.golden import RequestChecks
from imagekit.testing.kit.limits import LimitChecks
from imagekit.testing.kit.suite import judged, planner

__all__ = ["FamilySuite"]

MAKER = "maker"


class Maker:
    """A host that serves every model exactly as it is declared, with all its parameters."""

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        offers = (Offer(ANY_MODEL, ANY_MODEL, "openai-images"),)
        return [Host(MAKER, "Maker", "http://127.0.0.1", NoAuth(), offers)]


@frozen(eq=False)
class Cell:
    """One cell of a model's table."""

    route: Route
    tier: str
    ratio: str
    pixels: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.route.model.name}-{self.tier}-{self.ratio}"


class FamilySuite(RequestChecks, LimitChecks, DeclarationChecks):
    """``class TestLily(FamilySuite): plugin = imagekit_lily``.

    Calls are planned, never sent, at a host that serves each model exactly as declared.
    """

    @classmethod
    def subjects(cls) -> Iterable[Family]:
        return list(cls.plugin.imagekit_families())

    @classmethod
    def helpers(cls) -> tuple[object, ...]:
        return (Maker(),)

    @classmethod
    def routes(cls) -> list[Route]:
        registry = planner(cls).registry
        return [registry.route(MAKER, model.name) for model in cls.models()]

    @classmethod
    def models(cls) -> list[Model]:
        return [model for family in cls.subjects() for model in family.models]

    # --- names -----------------------------------------------------------------------------------

    @classmethod
    def name_cases(cls) -> Iterator[str]:
        for route in cls.routes():
            yield from (route.model.name, *route.model.aliases)

    def test_every_name_leads_to_its_model(self, name: str) -> None:
        client = planner(type(self))
        (model,) = (one for one in self.models() if name in (one.name, *one.aliases))
        for address in (name, f"{MAKER}:{name}"):
            host, rest = client.registry.split(address)
            assert client.registry.knows(rest), f"{address} leads to {host}:{rest}"
            assert client.registry.model(rest).name == model.name

    # --- the table of sizes ----------------------------------------------------------------------

    @classmethod
    def cell_cases(cls) -> Iterator[Cell]:
        for route in cls.routes():
            sizes = route.sizes
            for tier in sizes.tiers if sizes else ():
                for ratio, pixels in (sizes.table if sizes else {}).get(tier, {}).items():
                    yield Cell(route, tier, ratio, pixels)

    def test_every_cell_of_the_table_leads_to_its_pixels(self, cell: Cell) -> None:
        """Asked for as pixels and as a ratio at a tier; nothing is adapted."""
        for asked in (
            {"size": as_size(cell.pixels)},
            {"ratio": cell.ratio, "resolution": cell.tier},
        ):
            call, problems = judged(type(self), cell.route, asked)
            assert not problems, f"{asked} is refused: {problems[0]}"
            assert call.pixels == cell.pixels, f"{asked} leads to {call.pixels}"

    def test_a_cell_has_about_the_ratio_it_is_named_for(self, cell: Cell) -> None:
        """Two sides swapped, or a digit lost, is far outside of this."""
        across, down = parse_ratio(cell.ratio) or (0, 1)
        width, height = cell.pixels
        assert width / height == pytest.approx(across / down, rel=0.05)

    @classmethod
    def model_cases(cls) -> list[Any]:
        return [pytest.param(model, id=model.name) for model in cls.models()]

    def test_a_higher_tier_has_more_pixels(self, model: Model) -> None:
        sizes = model.sizes or Sizes()
        for ratio in sizes.ratios:
            cells = [sizes.cell(tier, ratio) for tier in sizes.tiers]
            areas = [cell[0] * cell[1] for cell in cells if cell]
            assert areas == sorted(set(areas)), f"{ratio}: {areas}"
