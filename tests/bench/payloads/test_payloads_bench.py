"""The bench itself runs: what it measures is what it says."""

from __future__ import annotations

import pytest

from tests.bench.payloads import __main__ as bench
from tests.bench.payloads.server import FLAT, FORMS, MIB


@pytest.fixture(scope="module")
def url():
    with bench.server() as url:
        yield url


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_is_saved_whole_in_whatever_form_it_came(url, form):
    found = bench.measured("imagekit", f"{url}/{form}/1/1", rounds=1)
    assert found.saved == MIB // 3 * 3
    assert found.cpu > 0


def test_references_are_sent(url):
    found = bench.measured("imagekit", f"{url}/{FLAT}/1/1", 2, MIB, rounds=1)
    assert found.saved > 2 * MIB, "the pictures that were sent"
