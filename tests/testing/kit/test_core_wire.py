"""Core's own wire passes what the wires of plugins have to pass."""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import Wire
from imagekit.testing import WireSuite
from imagekit.wires import openai_images


class TestOpenAIImages(WireSuite):
    plugin = openai_images
    relaxed = {
        "test_the_entry_point_names_the_module": "core declares it itself",
        "test_the_distribution_requires_imagekit": "core declares it itself",
        "test_types_are_shipped": "core ships them for all of its modules",
    }

    @classmethod
    def subjects(cls) -> Iterable[Wire]:
        return [openai_images.OpenAIImages()]
