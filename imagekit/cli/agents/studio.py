"""Where a language model has its pictures made."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack

from imagekit import (
    Client,
    ConfigurationError,
    FileJournal,
    ImagekitError,
    Result,
    UsageError,
)
from imagekit.basics.closest import did_you_mean
from imagekit.cli.agents.gallery import Gallery
from imagekit.cli.agents.roots import Roots
from imagekit.cli.agents.telling import Made
from imagekit.cli.saving.files import Destination
from imagekit.cli.session import Choice, open_client
from imagekit.cli.unfinished.journaling import about, state_directory

__all__ = ["Studio", "Wanted"]

#: The budget of those who give none: what is free fits into it.
NOTHING = "0 USD"


class Wanted(TypedDict, total=False):
    """What a model may say of a picture: nothing that reaches a host unchecked."""

    n: int | None
    size: str | None
    ratio: str | None
    resolution: str | None
    quality: str | None
    seed: int | None
    negative_prompt: str | None


class Studio:
    """Makes pictures for a language model. Thread-safe; to be closed, or used as a context manager.

    Every paid call is noted where the command line notes its own, so that whatever ends the
    process, ``imagekit resume`` brings what it paid for.

    Args:
        output: the folder where pictures are saved, made where it is not there.
        budget: what may be spent while this is open, such as ``5 USD``, or in all by those who
            share a store that counts it; those of the configuration hold as well. Without one,
            only what is free is made.
        roots: the folder, or folders, below which reference pictures may be read. Those in
            ``output`` always may.
        models: what may be asked for, the first of them where none is named; without any,
            whatever the configuration and its keys reach.
        config: a configuration; the user's own, when not given.

    Raises:
        ConfigurationError, UsageError: it can't be set up so.
    """

    def __init__(
        self,
        output: str | os.PathLike[str],
        *,
        budget: str | None = None,
        roots: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        models: str | Sequence[str] = (),
        config: str | os.PathLike[str] | None = None,
    ) -> None:
        self.models = (models,) if isinstance(models, str) else tuple(models)
        self._gallery = Gallery.at(output)
        self.output = self._gallery.folder
        folders = [roots] if isinstance(roots, str | os.PathLike) else roots
        self._roots = _roots([*folders, self.output])
        place = about(Destination(self.output, "picture"), several=False, embed=False)
        named = {} if config is None else {"config": str(Path(config).absolute())}
        self._journal = FileJournal(state_directory(), {**place, **named})
        choice = Choice(None if config is None else os.fspath(config))
        self._client: Client = open_client(
            choice, budget=budget or NOTHING, sinks=[self._gallery.keep], journal=self._journal
        )

    def generate(
        self,
        prompt: str,
        *,
        model: str | None = None,
        images: Sequence[str] = (),
        stop: threading.Event | None = None,
        **wanted: Unpack[Wanted],
    ) -> Made:
        """Make pictures and save them.

        Args:
            images: paths of references below the roots.
            stop: set it from another thread, and nothing that may cost is sent any more.

        Raises:
            ImagekitError: there are none; `refusal` has the words for a model.
        """
        _refuse_others(wanted)
        asked: dict[str, Any] = {"model": self._allowed(model), **wanted}
        if images:
            named = [images] if isinstance(images, str) else images
            asked["image"] = [self._roots.reference(one) for one in named]
        try:
            return self._made(self._client.generate(prompt, stop=stop, **asked))
        except ImagekitError as error:
            result = getattr(error, "result", None)
            if isinstance(result, Result) and self._gallery.saved(result):
                return self._made(result, error)
            raise

    def close(self) -> None:
        self._client.close()
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _allowed(self, model: str | None) -> str | None:
        if not self.models or model in self.models:
            return model
        if model is None:
            return self.models[0]
        raise UsageError(f"{model!r:.100} may not be asked for here; {', '.join(self.models)} may")

    def _made(self, result: Result, trouble: ImagekitError | None = None) -> Made:
        drawn = not self._client.registry.hosts[result.host].real
        return Made(result, self._gallery.saved(result), trouble, drawn)


def _refuse_others(wanted: Mapping[str, Any]) -> None:
    """What a model says comes from JSON, which no type checker has seen.

    Raises:
        UsageError: it says what no model may, such as a reference by its URL, or a native field.
    """
    named = Wanted.__annotations__
    if others := [name for name in wanted if name not in named]:
        known = ", ".join(named)
        hint = did_you_mean(others[0], named)
        raise UsageError(f"{others[0]!r:.60} is nothing to be said here{hint}; {known} are")


def _roots(folders: Sequence[str | os.PathLike[str]]) -> Roots:
    """
    Raises:
        ConfigurationError: one is not there.
    """
    try:
        return Roots.of([*map(Path, folders)])
    except OSError as error:
        raise ConfigurationError(f"{error.filename} can't be used: {error.strerror}") from None
