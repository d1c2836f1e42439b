"""The programs: those that buy pictures and are killed, and those that go on after them.

``buyer`` and ``heir`` are an embedding; ``generate`` and ``resume`` are the command line.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from imagekit import Client, FileJournal, Image, ImagekitError, Result
from imagekit.send.journal.recovery import left_behind
from imagekit.values.left import Left
from tests.chaos.asks import ASKS, Ask

__all__ = ["COMMAND_LINE", "EMBEDDING", "PROGRAMS", "kept", "listed", "prompt_of", "warm"]


def buyer(where: Path, config: Path, id: str, ask: str, calls: int) -> None:
    """An embedding: asks for pictures one after the other, and keeps them with a sink."""
    with _client(where, config) as (client, _):
        for number in range(calls):
            prompt = f"{id}x{number}: three herons"
            try:
                _buy(client, ASKS[ask], prompt)
            except ImagekitError as error:
                _list(where, prompt, f"{type(error).__name__}, charged: {error.charged}")


def heir(where: Path, config: Path) -> None:
    """Finishes what the one before it left, as far as that costs nothing; lists the rest."""
    with _client(where, config) as (client, journal):
        for left in journal.take_over():
            try:
                _finish(where, client, journal, left)
            except ImagekitError as error:
                _list(where, prompt_of(left), f"{type(error).__name__}: {error}")


def generate(where: Path, config: Path, id: str, ask: str, calls: int) -> int:
    """The command line buys once, however often it may."""
    wanted = ASKS[ask]
    words = [f"{id}x0: three herons", "-m", wanted.model, "-o", "kept/"]
    for name, value in wanted.given.items():
        words += [f"--{name.replace('_', '-')}"]
        words += [value if isinstance(value, str) else json.dumps(value)]
    return _command(where, config, "generate", *words)


def resume(where: Path, config: Path) -> int:
    """The command line's heir."""
    return _command(where, config, "resume")


EMBEDDING, COMMAND_LINE = ("buyer", "heir"), ("generate", "resume")
PROGRAMS: Mapping[str, Any] = {one.__name__: one for one in (buyer, heir, generate, resume)}


#: What is imported only where it is used: a third of what a victim has to do, otherwise.
NEEDED = (
    "imagekit.cli.app",
    "imagekit.cli.commands.generate",
    "imagekit.cli.commands.resume",
    "imagekit.cli.running.resuming",
    "imagekit.client.config_checks",
    "imagekit.client.event_stream",
    "imagekit.send.download",
    "imagekit.settings.config_file",
    "imagekit.values.plain.convert",
    "imagekit_sandbox.serving.configuration",
)


def warm() -> None:
    """Import what they need, so that what is forked from here need not."""
    for name in NEEDED:
        import_module(name)
    with Client() as client:
        for ask in ASKS.values():
            client.plan("three herons", model=ask.model, streamed=ask.streamed, **ask.given)


class _client:  # noqa: N801 - used as a function
    """A client and its journal, closed in the order in which they were made."""

    def __init__(self, where: Path, config: Path) -> None:
        self.journal = FileJournal(where / "journal")
        self.client = Client(
            config=config,
            journal=self.journal,
            sinks=[partial(_keep, where)],
            sleep=lambda seconds: time.sleep(min(seconds, 0.1)),
        )

    def __enter__(self) -> tuple[Client, FileJournal]:
        return self.client, self.journal

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.journal.close()


def _command(where: Path, config: Path, *words: str) -> int:
    from imagekit.cli.app import run

    os.chdir(where)
    os.environ |= {"HOME": str(where), "IMAGEKIT_STATE": str(where / "journal")}
    return run(["--config", str(config), *words])


def _buy(client: Client, ask: Ask, prompt: str) -> None:
    if ask.streamed:
        for _ in client.stream(prompt, model=ask.model, **ask.given):
            pass
    else:
        client.generate(prompt, model=ask.model, **ask.given)


# --- what the heir does ---------------------------------------------------------------------


def _finish(where: Path, client: Client, journal: FileJournal, left: Left) -> None:
    if left.whole or (left.pictures and left.asks is None):
        _save_what_came(where, client, journal, left)
    elif left.asks is not None:
        client.resume(left.asks, deadline=20)  # sink and journal hear of it
    else:
        _list(where, prompt_of(left), "may have been charged")
        journal.forget(left.purchase.id)


def _save_what_came(where: Path, client: Client, journal: FileJournal, left: Left) -> None:
    """The pictures of an answer, or of as much of it as had come."""
    host, prompt = left.purchase.host, prompt_of(left)
    for one in left.pictures.values():
        if one.url:
            image = client.fetch(Image(one.index, url=one.url, host=host), deadline=20)
            _save(where, prompt, image)
        elif one.file:
            target = _place(where, prompt, one.index, Path(one.file).suffix)
            shutil.copy(one.file, target.with_suffix(".part"))
            target.with_suffix(".part").replace(target)
    if not left.whole:
        _list(where, prompt, f"the answer broke off after {len(left.pictures)} pictures")
    journal.kept(left.purchase, Result(()))


def prompt_of(left: Left) -> str:
    assert left.purchase.provenance is not None
    return str(left.purchase.provenance.parameters["prompt"])


# --- what they leave ------------------------------------------------------------------------


def _keep(where: Path, result: Result) -> None:
    """The sink of both."""
    assert result.provenance is not None
    prompt = str(result.provenance.parameters["prompt"])
    for failure in result.failures:
        _list(where, prompt, failure.message)
    for image in result.images:
        if image.is_here:
            _save(where, prompt, image)
        else:
            _list(where, prompt, f"picture {image.index} could not be fetched: {image.error}")


def _save(where: Path, prompt: str, image: Image) -> None:
    image.save(_place(where, prompt, image.index, image.extension), overwrite=True)


def _place(where: Path, prompt: str, index: int, extension: str) -> Path:
    directory = where / "kept"
    directory.mkdir(exist_ok=True)
    return directory / f"{_name(prompt)}-{index}{extension}"


def _list(where: Path, prompt: str, why: str) -> None:
    line = json.dumps({"prompt": prompt, "why": why}) + "\n"
    descriptor = os.open(where / "listed", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def kept(where: Path) -> Mapping[str, list[Path]]:
    """The pictures that are there, by the name of their call; parts are none."""
    found: dict[str, list[Path]] = {}
    for path in sorted((where / "kept").glob("*")):
        if not path.name.startswith(".") and path.suffix != ".part":
            found.setdefault(path.name.partition("-")[0], []).append(path)
    return found


def listed(where: Path) -> Mapping[str, list[str]]:
    """What a person was told of calls that are open, by the name of the call."""
    found: dict[str, list[str]] = {}
    for line in _lines(where / "listed"):
        found.setdefault(_name(line["prompt"]), []).append(line["why"])
    for why in _TOLD.findall((where / "log").read_text()):  # by a command, which buys once
        found.setdefault(f"{where.name}x0", []).append(why)
    for left in left_behind(where / "journal"):  # what `imagekit resume` lists
        if left.asks is None and not left.pictures:
            found.setdefault(_name(prompt_of(left)), []).append("may have been charged")
    return found


_TOLD = re.compile(r"may have been (?:made, and |carried out and )?charged|was not made: .*")


def _name(prompt: str) -> str:
    """Of a call: its prompt begins with it, and so do its files."""
    return prompt.partition(":")[0]


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
