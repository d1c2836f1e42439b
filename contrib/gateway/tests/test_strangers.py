"""Pictures that strangers name."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "image",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "~/.ssh/id_ed25519",
        "http://localhost:8700/",
        "http://127.1/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/a.png",
        "http://images.internal/a.png",
        7,
        {"file_id": "file-1"},
    ],
)
def test_neither_files_of_this_machine_nor_its_network_are_read(
    served: Any, upstreams: Any, image: Any
) -> None:
    refused = served.generate(image=[image])
    assert refused.status == 400
    assert refused.error["param"].startswith("image")
    assert upstreams.ledger.document()["requests"] == 0


def test_whoever_serves_a_network_of_their_own_may_let_links_lead_there(serving: Any) -> None:
    served = serving(private_links=True)
    assert served.generate(image="http://10.0.0.1/a.png").status == 200
