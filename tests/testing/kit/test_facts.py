"""``python -m imagekit.testing facts`` writes what the suites read."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from imagekit import Fact, Host, NoAuth, Offer, Price
from imagekit.testing.kit.declared import DeclarationChecks
from imagekit.testing.kit.facts import on_file

TOKEN360 = Path(__file__).parents[3] / "plugins" / "hosts" / "token360"


def test_what_a_plugin_declares_is_written_as_it_is_on_file() -> None:
    command = [sys.executable, "-m", "imagekit.testing", "facts", "imagekit_token360"]
    written = subprocess.run(command, capture_output=True, text=True, check=True)
    assert written.stdout == (TOKEN360 / "tests" / "facts.json").read_text(encoding="utf-8")
    assert written.stderr == ""


def test_nothing_is_nothing() -> None:
    assert on_file([]) == "{}\n"


def test_a_price_that_has_run_out_is_told_and_breaks_nothing() -> None:
    yesterday = (date.today() - timedelta(days=1)).isoformat()
    fact = Fact("https://docs.invalid/prices", "2026-11-29")
    offers = tuple(
        Offer(model, model, "openai-images", price=Price("1", "USD", fact, until=until))
        for model, until in (("rose-1", yesterday), ("rose-2", ""))
    )

    class Checks(DeclarationChecks):
        def subjects(self) -> list[Host]:
            return [Host("bush", "Bush", "https://bush.invalid", NoAuth(), offers=offers)]

    with pytest.warns(UserWarning, match=f"bush:rose-1: .* until {yesterday}") as told:
        Checks().test_prices_are_those_of_today()
    assert len(told) == 1
