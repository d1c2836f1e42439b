"""Live tests see the keys and the configuration of the machine they run on: see test_live.py."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from imagekit import Client


@pytest.fixture(autouse=True)
def _clean_environment() -> None:
    """In place of that of all other tests, which hides them."""


@pytest.fixture(scope="session")
def mine() -> Iterator[Client]:
    """The client of whoever runs this, set up by their configuration."""
    with Client.from_config() as client:
        yield client


@pytest.fixture(autouse=True)
def _wanted(request: pytest.FixtureRequest) -> None:
    """Nothing here runs unless its host is named."""
    named = os.environ.get("IMAGEKIT_LIVE", "").split(",")
    host = request.node.callspec.params["host"]
    if "all" not in named and host not in named:
        pytest.skip(f"it calls {host}, which costs money: make live HOSTS={host}")
