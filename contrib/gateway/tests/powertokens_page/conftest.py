"""PowerTokens' page of ``POST /v1/images/generations``, as the gateway answers it.

https://docs.powertokens.ai/en/byteplus/image, read 2026-11-21. Every field, default, range,
enum, note and example of it is asked for here in its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

#: The body of the page's example.
EXAMPLE = {
    "model": "seedream-4-5-251128",
    "prompt": "A cute corgi running on grass, sunny day, realistic style",
    "size": "2048x2048",
    "response_format": "url",
}


@pytest.fixture
def draw(served: Any) -> Callable[..., Any]:
    """Asks for the page's example, with other fields in place of its own; ``...`` leaves one
    out."""
    key = served.new_key("reader", dialect="powertokens")

    def ask(headers: dict[str, str] | None = None, **fields: Any) -> Any:
        body = {name: value for name, value in {**EXAMPLE, **fields}.items() if value is not ...}
        return served.ask("POST", "/v1/images/generations", body, key, headers)

    return ask
