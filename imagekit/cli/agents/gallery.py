"""The folder where pictures of a language model are saved: whoever makes them chooses no name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from imagekit import ConfigurationError, Image, Result
from imagekit.basics.classes import frozen
from imagekit.cli.saving.files import slug

__all__ = ["Gallery"]


@frozen
class Gallery:
    """
    Attributes:
        folder: its real path.
    """

    folder: Path

    @classmethod
    def at(cls, folder: str | os.PathLike[str]) -> Self:
        """Made where it is not there.

        Raises:
            ConfigurationError: it can't be; or it is a symbolic link. A repository may have brought
                it, and what it leads to would be a model's to read.
        """
        path = Path(folder)
        if path.is_symlink():
            raise ConfigurationError(f"{path} is a symbolic link; name the folder that it leads to")
        try:
            path.mkdir(parents=True, exist_ok=True)
            return cls(path.resolve(strict=True))
        except OSError as error:
            why = f"pictures can't be saved in {path}: {error.strerror}"
            raise ConfigurationError(why) from None

    def keep(self, result: Result) -> None:
        """Save every picture: a sink, so that a call counts as kept only when all of them are.

        Raises:
            OSError: one is not, and what its journal has of it brings it later.
        """
        for image in result.images:
            if image.is_here:
                image.save(self.path(result, image), overwrite=True)
        away = [image.name for image in result.images if not image.is_here]
        if away:
            raise OSError(f"not fetched: {', '.join(away)}")

    def path(self, result: Result, image: Image) -> Path:
        """Where a picture is, once it is kept: named by its prompt for people, and by its bytes, so
        that nothing is overwritten, and that to save it again changes nothing."""
        prompt = result.provenance.parameters.get("prompt", "") if result.provenance else ""
        name = f"{slug(str(prompt))}-{image.blob.sha256[:16]}{image.extension}"
        return self.folder / name

    def saved(self, result: Result) -> dict[Path, Image]:
        """Those pictures that are there, by where they are."""
        here = {self.path(result, image): image for image in result.images if image.is_here}
        return {path: image for path, image in here.items() if path.is_file()}
