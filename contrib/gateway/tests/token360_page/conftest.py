"""Token360's pages, as the gateway answers them: images made, listed, downloaded, deleted.

https://www.token360.ai/en-US/docs/api-reference/image-generation, and from there /list-images,
/download-image and /delete-image, read 2026-11-21. Every field, note and example of theirs is
asked for here in its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

#: The body of the page's example.
EXAMPLE = {
    "model": "dola-seedream-5.0-lite",
    "prompt": "A minimalist sunrise over calm water, digital illustration",
    "size": "2048x2048",
}


@pytest.fixture
def served(serving: Callable[..., Any]) -> Any:
    return serving(prefer=("token360",))


@pytest.fixture
def ask(served: Any) -> Callable[..., Any]:
    """Asks as one who reads these pages."""
    key = served.new_key("reader", dialect="token360")

    def asking(method: str, path: str, body: Any = None) -> Any:
        return served.ask(method, path, body, key)

    return asking


@pytest.fixture
def draw(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Asks for the page's example, with other fields in place of its own; ``...`` leaves one
    out."""

    def asking(**fields: Any) -> Any:
        body = {name: value for name, value in {**EXAMPLE, **fields}.items() if value is not ...}
        return ask("POST", "/v1/images/generations", body)

    return asking
