"""What was billed, against what came back."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from PIL import Image

from tests.chaos import victims
from tests.chaos.asks import Ask

__all__ = ["ALLOWANCE", "Bill", "Sandbox", "Sum", "bills_of"]

#: Seconds in which a program that can run has to have what the upstream has written out.
ALLOWANCE = 0.2


@frozen
class Bill:
    """What became of the pictures of one call.

    Attributes:
        ask: what was asked for.
        billed: how many pictures are in the ledger.
        due: how many of those had been written out so long before the kill that they have to
            be here.
        kept: how many are here, whole.
        told: what a person was told of the call, as that it may have been charged.
    """

    ask: Ask
    name: str
    billed: int
    due: int
    kept: int
    told: tuple[str, ...]

    @property
    def twice(self) -> int:
        return max(0, self.billed - self.ask.pictures)

    @property
    def lost(self) -> int:
        """Those that nobody will ever hear of, and those that had come and are gone."""
        missing = max(0, self.billed - self.kept)
        if not self.told or self.ask.named:
            return missing
        return max(0, self.due - self.kept)

    @property
    def listed(self) -> int:
        return max(0, self.billed - self.kept - self.lost)

    def __str__(self) -> str:
        return (
            f"{self.name} ({self.ask.name}): billed {self.billed}, due {self.due}, back "
            f"{self.kept}, twice {self.twice}, told {'; '.join(self.told) or 'nothing'}"
        )


@define
class Sum:
    """Of several bills."""

    calls: int = 0
    billed: int = 0
    back: int = 0
    listed: int = 0
    lost: int = 0
    twice: int = 0

    def add(self, bill: Bill) -> None:
        self.calls += 1
        self.billed += bill.billed
        self.back += min(bill.kept, bill.billed)
        self.listed += bill.listed
        self.lost += bill.lost
        self.twice += bill.twice


def bills_of(
    where: Path, ask: Ask, entries: Iterable[Mapping[str, Any]], in_time: Callable[[float], bool]
) -> list[Bill]:
    """One for each call that is in the ledger.

    Args:
        entries: of the ledger, those of this program.
        in_time: whether what was written out then has to be here.
    """
    kept, told = victims.kept(where), victims.listed(where)
    calls: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        calls.setdefault(entry["prompt"].partition(":")[0], []).append(entry)
    return [
        Bill(
            ask,
            name,
            billed=sum(entry["pictures"] for entry in paid),
            due=sum(_due(entry, in_time) for entry in paid),
            kept=len({_digest(path) for path in kept.get(name, ())}),
            told=tuple(told.get(name, ())),
        )
        for name, paid in calls.items()
    ]


def _due(entry: Mapping[str, Any], in_time: Callable[[float], bool]) -> int:
    """How many of its pictures, or the job that makes them, were written out in time."""
    if entry["pictures_at"]:
        return sum(in_time(at) for at in entry["pictures_at"])
    at = entry["answered_at"]
    return int(entry["pictures"]) if at is not None and in_time(at) else 0


def _digest(path: Path) -> str:
    """
    Raises:
        OSError: the file has a picture's name, and is none.
    """
    with Image.open(path) as picture:
        picture.load()
    return hashlib.sha256(path.read_bytes()).hexdigest()


@define
class Sandbox:
    """``imagekit sandbox serve`` in a process of its own; a context manager."""

    latency: str = "uniform:0,0.4"
    rules: Path | None = None
    url: str = field(default="", init=False)
    _process: Any = field(default=None, init=False)

    def __enter__(self) -> Sandbox:
        command = ["sandbox", "serve", "--port", "0", "--json", "--latency", self.latency]
        command += ["--rules", str(self.rules)] if self.rules else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "imagekit.cli", *command], stdout=subprocess.PIPE, text=True
        )
        self.url = json.loads(self._process.stdout.readline())["url"]
        return self

    def __exit__(self, *_: object) -> None:
        with self._process as process:
            process.terminate()
            process.communicate()

    def configuration(self, where: Path) -> Path:
        """The file that points the installed hosts here."""
        from imagekit_sandbox.serving.configuration import settings, toml

        bases = self._get("/_sandbox")["base_urls"]
        path = where / "sandbox.toml"
        path.write_text(toml(settings(bases), "the hosts, at the sandbox"), encoding="utf-8")
        return path

    def ledger(self) -> list[dict[str, Any]]:
        """All that was billed."""
        return list(self._get("/_sandbox/ledger")["entries"])

    def entries(self, host: str, id: str) -> list[dict[str, Any]]:
        """The lines of the ledger that the program with this id has caused."""
        return [
            one
            for one in self.ledger()
            if one["host"] == host and one["prompt"].startswith(f"{id}x")
        ]

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)
