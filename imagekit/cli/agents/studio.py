"""Where a language model has its pictures made."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack

from imagekit import (
    Client,
    ConfigurationError,
    FileJournal,
    Image,
    ImagekitError,
    Result,
    UsageError,
)
from imagekit.cli.agents.roots import Roots
from imagekit.cli.agents.telling import Made
from imagekit.cli.saving.files import Destination, slug
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
        roots: folders below which reference pictures may be read. Those in ``output`` always may.
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
        roots: Sequence[str | os.PathLike[str]] = (),
        models: Sequence[str] = (),
        config: str | os.PathLike[str] | None = None,
    ) -> None:
        self.models = tuple(models)
        self.output, self._roots = _folders(output, roots)
        place = about(Destination(self.output, "picture"), several=False, embed=False)
        named = {} if config is None else {"config": str(Path(config).absolute())}
        self._journal = FileJournal(state_directory(), {**place, **named})
        choice = Choice(None if config is None else os.fspath(config))
        self._client: Client = open_client(
            choice, budget=budget or NOTHING, sinks=[self._keep], journal=self._journal
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
        asked: dict[str, Any] = {"model": self._allowed(model), **wanted}
        if images:
            named = [images] if isinstance(images, str) else images
            asked["image"] = [self._roots.reference(one) for one in named]
        try:
            return self._made(self._client.generate(prompt, stop=stop, **asked))
        except ImagekitError as error:
            result = getattr(error, "result", None)
            if isinstance(result, Result) and self._saved(result):
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

    def _keep(self, result: Result) -> None:
        """Save every picture: a sink, so that a call counts as kept only when all of them are.

        Raises:
            OSError: one is not, and `imagekit resume` will try again.
        """
        for image in result.images:
            if image.is_here:
                image.save(self._path(result, image), overwrite=True)
        away = [image.name for image in result.images if not image.is_here]
        if away:
            raise OSError(f"not fetched: {', '.join(away)}")

    def _path(self, result: Result, image: Image) -> Path:
        """Named by its prompt for people, and by its bytes, so that nothing is overwritten."""
        prompt = result.provenance.parameters.get("prompt", "") if result.provenance else ""
        return self.output / f"{slug(str(prompt))}-{image.blob.sha256[:16]}{image.extension}"

    def _saved(self, result: Result) -> tuple[Path, ...]:
        paths = [self._path(result, image) for image in result.images if image.is_here]
        return tuple(dict.fromkeys(path for path in paths if path.is_file()))

    def _made(self, result: Result, trouble: ImagekitError | None = None) -> Made:
        drawn = not self._client.registry.hosts[result.host].real
        return Made(result, self._saved(result), trouble, drawn)


def _folders(
    output: str | os.PathLike[str], roots: Sequence[str | os.PathLike[str]]
) -> tuple[Path, Roots]:
    """
    Raises:
        ConfigurationError: one is not there, or can't be made.
    """
    try:
        folder = Path(output).absolute()
        if (
            folder.is_symlink()
        ):  # a repository may have brought it, for a model to read what it likes
            message = f"{folder} is a symbolic link; name the folder that it leads to"
            raise ConfigurationError(message)
        folder.mkdir(parents=True, exist_ok=True)
        return folder, Roots.of([*map(Path, roots), folder])
    except OSError as error:
        raise ConfigurationError(f"{error.filename} can't be used: {error.strerror}") from None
