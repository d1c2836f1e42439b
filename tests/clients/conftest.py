"""One gateway for all clients: the sandbox's bill tells by the prompt who has bought what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.gateway import Served, served


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gateway")) as running:
        yield running
