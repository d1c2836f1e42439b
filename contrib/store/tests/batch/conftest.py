"""Files of requests, and the command that runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODEL = "powertokens:seedream-4.5"  # 0.038 USD a picture


@pytest.fixture
def prompts(here: Path) -> Callable[..., Path]:
    """Writes a file of lines, each a table or a text as it is."""

    def write(*lines: Any, name: str = "prompts.jsonl") -> Path:
        texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
        path = here / name
        path.write_text("".join(f"{text}\n" for text in texts))
        return path

    return write


@pytest.fixture
def batch(told: Callable[..., Any], here: Path) -> Callable[..., Any]:
    """Runs one into ``out``: what is printed, as JSON unless it failed before anything."""

    def run(path: Path, *words: str, code: int = 0) -> Any:
        command = ("batch", "run", str(path), "-o", str(here / "out"), "-m", MODEL, "-q")
        return told(*command, *words, code=code)

    return run


@pytest.fixture
def results(here: Path) -> Callable[[], dict[str, Any]]:
    """What ``out`` has, by custom_id; each has one line."""

    def read() -> dict[str, Any]:
        texts = (here / "out" / "results.jsonl").read_text().splitlines()
        lines = {one["custom_id"]: one for one in map(json.loads, texts)}
        assert len(lines) == len(texts)
        return lines

    return read
