"""Pictures go to disk when they come, and not only when the last one is there.

They are saved by the threads that carry the calls out, so that nothing of it waits for the
main thread, which alone hears of Ctrl-C.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from attrs import field

from imagekit import Image, ImagekitError, RecordError, Result
from imagekit.basics.classes import define
from imagekit.cli import output
from imagekit.cli.progress import Progress
from imagekit.cli.saving.files import Destination, destination
from imagekit.events import Event, Picture, PictureFailed

__all__ = ["Saver", "Unsaved", "made_in_spite_of"]


class Unsaved(Exception):
    """Pictures of a call are not saved, so it is not done with."""


@define(eq=False)
class Saver:
    """Saves pictures: an observer, for each as it arrives, and with `sink` the sink that sees
    to it that a call has all of them saved before it counts as kept.

    Attributes:
        place: where; None is stdout, which takes one picture alone.
        progress: what tells people.
        several: there will be more than one, so that they get numbers. Until that is known, a
            picture waits for the next one, or for the end of its call.
        noted: there is a journal, which keeps what can't be saved.
        embed: each file is to carry the record of its call, and waits for that.
        saved: index -> the file.
        images: index -> the picture as it was saved.
        printed: those that went to stdout.
        lost: index -> why there is none.
        lock: held while something is being saved.
    """

    place: Destination | None
    progress: Progress
    several: bool = False
    embed: bool = False
    noted: bool = True
    saved: dict[int, Path] = field(factory=dict)
    images: dict[int, Image] = field(factory=dict)
    printed: set[int] = field(factory=set)
    lost: dict[int, str] = field(factory=dict)
    lock: threading.RLock = field(factory=threading.RLock)
    _waiting: list[tuple[Image, str]] = field(factory=list)
    _counted: int = 0

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Picture | PictureFailed):
            return
        with self.lock:
            self._counted += 1
            self.several = self.several or self._counted > 1
            if isinstance(event, Picture):
                host, _, model = event.route.partition(":")
                self._waiting.append((event.image, f"{model} at {host}"))
            while self.place and self.several and not self.embed and self._waiting:
                self._save(self.place, *self._waiting.pop(0))

    def sink(self, result: Result) -> None:
        """
        Raises:
            Unsaved: not everything that the call has made could be saved.
        """
        with self.lock:
            self.several = self.several or len(result.images) + len(result.failures) > 1
            if self.place is None and not self.several:
                self._print(result)
            else:
                self._save_all(result, self.place or self._instead(result))
        unsaved = [image.index + 1 for image in result.images if not self.has(image)]
        if unsaved:
            raise Unsaved(f"not saved: {', '.join(map(str, unsaved))}")

    def has(self, image: Image) -> bool:
        """Whether a picture is where it was to go."""
        return image.index in self.saved or image.index in self.printed

    def _instead(self, result: Result) -> Destination:
        output.note(f"stdout takes one picture, and there are {len(result.images)}: saving them")
        return destination(None, "stdout", force=False)

    def _save_all(self, result: Result, place: Destination) -> None:
        for image in result.images:
            if image.index not in self.saved and image.index not in self.lost:
                self._save(place, image, f"{result.model} at {result.host}", self._recorder(result))

    def _recorder(self, result: Result) -> Callable[[Image], Image]:
        """Puts the record of this result into a picture, where that is wanted and possible."""
        if not self.embed:
            return lambda image: image
        from imagekit.client.metadata.record import embed, record_of

        def recorded(image: Image) -> Image:
            try:
                return embed(image, record_of(result))
            except RecordError as error:
                output.note(f"picture {image.index + 1} is saved without its record: {error}")
                return image

        return recorded

    def _save(
        self,
        place: Destination,
        image: Image,
        origin: str,
        recorded: Callable[[Image], Image] = lambda image: image,
    ) -> None:
        """Save a picture and say so."""
        index = image.index
        try:
            image = recorded(image)
            path = self._put(place, image, index + 1 if self.several else None)
        except Exception as error:  # whatever it is, the other pictures are to be saved
            self.lost[index] = _why_lost(image, error)
        else:
            self.saved[index], self.images[index] = path, image
            self._tell(path, image, origin, place.wanted)

    def _put(self, place: Destination, image: Image, number: int | None) -> Path:
        """Where it was to go; where no journal has it, better elsewhere than nowhere."""
        try:
            return place.save(image, number)
        except OSError as error:
            if self.noted or not image.is_here:
                raise
            elsewhere = Destination(Path(tempfile.gettempdir()), place.stem, free=True)
            path = elsewhere.save(image, number)
            output.note(f"picture {image.index + 1} is in {path} instead: {error.strerror}")
            return path

    def _print(self, result: Result) -> None:
        """The picture to stdout."""
        for image in result.images:
            for chunk in self._recorder(result)(image).blob.chunks():
                sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
            self.printed.add(image.index)

    def _tell(self, path: Path, image: Image, origin: str, wanted: str) -> None:
        size = "{}x{} ".format(*image.pixels) if image.pixels else ""
        kind = (image.media_type or "no known kind of picture").removeprefix("image/")
        kind = kind.upper() if image.media_type else kind
        self.progress.note(f"{path}: {size}{kind}, {image.blob.size:,} bytes, {origin}")
        if wanted and path.suffix != wanted:
            self.progress.note(f"note: it is {kind}, so it is named {path.suffix}, not {wanted}")


def _why_lost(image: Image, error: Exception) -> str:
    why = str(error)
    if image.error is not None:  # it never came, and why that is says more
        why = str(image.error)
    elif isinstance(error, OSError) and error.strerror:
        why = error.strerror  # without its number, and a name that was not to be
    elif not isinstance(error, ImagekitError):
        why = f"{type(error).__name__}: {error}"
    return f"{why}; its link: {image.url}" if image.url else why


def made_in_spite_of(error: ImagekitError) -> Result | None:
    """What was made before something else went wrong, such as another sink; None where nothing
    was. What a saver could not do is told with its pictures, all else here."""
    result: Result | None = getattr(error, "result", None)
    if isinstance(error.__cause__, BrokenPipeError):  # nobody reads the picture on stdout
        raise error.__cause__
    if result is not None and not isinstance(error.__cause__, Unsaved):
        output.note(f"error: {error}")
    return result
