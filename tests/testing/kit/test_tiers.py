"""How a tier is asked for at hosts that take it, a width and a height, or a word for some."""

from __future__ import annotations

from collections.abc import Mapping

import imagekit_seedream
import pytest

from imagekit import Bearer, Client, Host, Offer, Plugins, Spell, hookimpl, spell
from imagekit.testing.kit.boundaries import boundaries

APART = Spell("size", to=("image_size.width", "image_size.height"))
WORD = Spell("size", to=("width", "height"), values={"2K": "auto_2K"})


class Reed:
    """A host that serves one model of an installed family."""

    def __init__(self, *spells: Spell) -> None:
        offer = Offer("seedream-4.5", "s", "openai-images", spells)
        auth = Bearer(("REED_API_KEY",))
        self.host = Host("reed", "Reed", "https://reed.example", auth, (offer,))

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [self.host]


@pytest.mark.parametrize(
    ("spells", "asked"),
    [
        (spell("size"), {"resolution": "2K"}),
        ((APART,), {"ratio": "1:1", "resolution": "2K"}),
        ((WORD,), {"resolution": "2K"}),
        ((APART, *spell("resolution")), {"resolution": "2K"}),
    ],
    ids=["a size", "apart", "a word for it", "a field for it"],
)
def test_a_tier_is_asked_for_as_its_host_can_take_it(
    spells: tuple[Spell, ...], asked: Mapping[str, str]
) -> None:
    with Client(plugins=Plugins.of(Reed(*spells), imagekit_seedream), environment={}) as client:
        found = boundaries(client.route("reed:seedream-4.5"))
    (tier,) = (one for one in found if one.label == "resolution=2K")
    assert (tier.given, tier.accepted) == (asked, True)
