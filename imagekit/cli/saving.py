"""Pictures go to disk when they come, and not only when the last one is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import define, field, frozen

from imagekit import Image, ImagekitError
from imagekit.cli.files import Destination
from imagekit.cli.progress import Progress
from imagekit.events import Event, Picture, PictureFailed

__all__ = ["Saver"]


@frozen
class _Arrived:
    image: Image
    origin: str


@define
class Saver:
    """Saves pictures as their events arrive.

    Attributes:
        place: where; None waits for `save_rest`, since stdout takes one picture alone.
        progress: what tells people.
        several: there will be more than one, so that they get numbers. Until that is known, a
            picture waits for the next one, or for the end.
        waits: nothing is saved before the end, as each file is to carry the whole record.
        saved: index -> the file.
        lost: index -> why there is none.
        stopped: what interrupted the saving.
    """

    place: Destination | None
    progress: Progress
    several: bool = False
    waits: bool = False
    saved: dict[int, Path] = field(factory=dict)
    lost: dict[int, str] = field(factory=dict)
    stopped: KeyboardInterrupt | None = None
    _waiting: list[_Arrived] = field(factory=list)
    _counted: int = 0

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Picture | PictureFailed):
            return
        self._counted += 1
        self.several = self.several or self._counted > 1
        if isinstance(event, Picture):
            self._waiting.append(_Arrived(event.image, _origin(event.route)))
        if self.several and not self.waits:
            self.save_waiting()

    def save_waiting(self) -> None:
        """Save what has come, whether or not it is known to be all."""
        while self.place and self._waiting:
            arrived = self._waiting.pop(0)
            self.save(self.place, arrived.image, arrived.origin)

    def save(
        self,
        place: Destination,
        image: Image,
        origin: str,
        keep: Callable[[Image], Image] | None = None,
    ) -> Image:
        """Save a picture and say so; gives it as it was saved. ``keep`` may put more into it."""
        index = image.index
        try:
            image = keep(image) if keep else image
            path = place.save(image, index + 1 if self.several else None)
        except Exception as error:  # whatever it is, the other pictures are to be saved
            self.lost[index] = _why_lost(image, error)
        except KeyboardInterrupt as stop:
            self.lost[index] = _why_lost(image, "interrupted")
            self.stopped = stop
            raise
        else:
            self.saved[index] = path
            self._tell(path, image, origin, place.wanted)
        return image

    def _tell(self, path: Path, image: Image, origin: str, wanted: str) -> None:
        size = "{}x{} ".format(*image.pixels) if image.pixels else ""
        kind = (image.media_type or "no known kind of picture").removeprefix("image/")
        kind = kind.upper() if image.media_type else kind
        self.progress.note(f"{path}: {size}{kind}, {image.blob.size:,} bytes, {origin}")
        if wanted and path.suffix != wanted:
            self.progress.note(f"note: it is {kind}, so it is named {path.suffix}, not {wanted}")


def _origin(route: str) -> str:
    host, _, model = route.partition(":")
    return f"{model} at {host}"


def _why_lost(image: Image, error: object) -> str:
    if isinstance(error, OSError) and error.strerror:
        error = error.strerror  # without its number, and a name that was not to be
    elif isinstance(error, Exception) and not isinstance(error, ImagekitError):
        error = f"{type(error).__name__}: {error}"
    return f"{error}; its link: {image.url}" if image.url else str(error)
