"""What is asked for: every dialect, and every way in which pictures travel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["ASKS", "Ask"]


@frozen
class Ask:
    """One call.

    Attributes:
        name: the host, and how pictures travel.
        model: ``host:model``.
        given: the parameters.
        pictures: how many it asks for.
        streamed: as `Client.stream`, and ``--stream`` of the command line, ask for it.
        named: the host can be asked for the job by the name that we give it.
    """

    name: str
    model: str
    given: Mapping[str, Any] = field(factory=dict)
    pictures: int = 1
    streamed: bool = False
    named: bool = False

    @property
    def host(self) -> str:
        return self.model.partition(":")[0]


_SMALL = {"size": "1024x1024"}
_INLINE = {**_SMALL, "response_format": "b64_json"}
_GROUP = {
    **_SMALL,
    "sequential_image_generation": "auto",
    "sequential_image_generation_options": {"max_images": 3},
}

ASKS = {
    ask.name: ask
    for ask in (
        Ask("powertokens url", "powertokens:seedream-4.0", _SMALL),
        Ask("powertokens b64", "powertokens:seedream-4.0", _INLINE),
        Ask("powertokens job", "powertokens:kling-v3"),
        Ask("token360 url", "token360:seedream-4.0", _SMALL),
        Ask("token360 b64", "token360:seedream-4.0", _INLINE),
        Ask("ark url", "ark:seedream-4.0", _SMALL),
        Ask("ark group", "ark:seedream-4.0", _GROUP, 3),
        Ask("ark stream url", "ark:seedream-4.0", _GROUP, 3, streamed=True),
        Ask("ark stream b64", "ark:seedream-4.0", {**_GROUP, **_INLINE}, 3, streamed=True),
        Ask("klingai job", "klingai:kling-v3", named=True),
        Ask("klingai jobs", "klingai:kling-v3-omni", {"n": 2}, 2, named=True),
        Ask("zai url", "zai:cogview-4", _SMALL),
        Ask("zai job", "zai:glm-image", _SMALL),
        Ask("gemini b64", "gemini:nano-banana-2.1", {"resolution": "1K"}),
        Ask("gemini fan-out", "gemini:nano-banana-2.1", {"resolution": "1K", "n": 2}, 2),
        Ask("openai b64", "openai:gpt-image-2", _SMALL),
        Ask("openai two", "openai:gpt-image-2", {**_SMALL, "n": 2}, 2),
        Ask("sglang b64", "sglang:glm-image", {"size": "256x256"}),
    )
}
