"""What comes back: pictures, and those that were not made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from attrs import field

from imagekit.basics.atomic import write_whole
from imagekit.basics.blob import Blob
from imagekit.basics.classes import define, frozen
from imagekit.basics.media import EXTENSIONS, Measured, measure
from imagekit.basics.urls import bare_url
from imagekit.values.charged import Charged
from imagekit.values.cost import UNSAID, Cost
from imagekit.values.provenance import Provenance
from imagekit.values.receipt import Receipt
from imagekit.values.trouble import Trouble

if TYPE_CHECKING:
    from PIL import Image as Pillow

__all__ = ["UNNUMBERED", "Failure", "Image", "Result", "Usage"]


#: The index of a streamed picture whose place the host does not say.
UNNUMBERED = -1


@define(eq=False)
class Image:
    """One generated picture.

    Attributes:
        index: its place in the host's answer, counting failures too.
        url: where the host keeps it, when it said; such links expire. The repr leaves out
            their query, which may be signed.
        declared_size: the size the host claims, verbatim; see ``pixels`` for the truth.
        metadata: whatever else the host said about this picture, verbatim.
        expected: the pixels that were asked for, when exact ones were.
        expected_type: the media type that was asked for, when one was.
        host: whose answer it is part of; `Client.fetch` needs it.
        error: why its link could not be fetched, where that was tried; `Client.fetch` tries
            again.
    """

    index: int
    url: str | None = field(default=None, repr=lambda url: repr(url and bare_url(url)))
    declared_size: str | None = None
    metadata: Mapping[str, Any] = field(factory=dict)
    expected: tuple[int, int] | None = None
    expected_type: str | None = field(default=None, kw_only=True)
    host: str = field(default="", kw_only=True)
    error: Trouble | None = field(default=None, kw_only=True)
    # Named though attrs would name them so anyway: type checkers don't know that it does.
    _blob: Blob | None = field(default=None, alias="blob", repr=False)
    _fetch: Callable[[str], Blob] | None = field(default=None, alias="fetch", repr=False)
    _measured: Measured | None = field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        url: object = self.url  # whatever a wire has found in the field of the link
        if url is not None and not isinstance(url, str):
            kind = type(url).__name__
            raise TypeError(
                f"the url of an Image is a link, and this is {kind}; bytes are its blob"
            )

    @property
    def blob(self) -> Blob:
        """The bytes. Of a link that was left alone (``fetch=False``) they are fetched now.

        Raises:
            DownloadError: the link is unsafe, expired, or no picture; or the picture has come
                from another process, and is yet to be fetched by `Client.fetch`.
            LookupError: no client has made this picture, so nobody knows how to get it.
        """
        if self._blob is None:
            if self._fetch is None:
                where = f"the picture at {bare_url(self.url)}" if self.url else "this picture"
                raise LookupError(f"{where} is not here; Client.fetch(image) fetches it")
            self.fetch(self._fetch)
        return self._blob  # type: ignore[return-value]

    def fetch(self, fetch: Callable[[str], Blob]) -> None:
        """Get the bytes with ``fetch``, which is given the link, unless they are here.

        Raises:
            LookupError: there is no link; and whatever ``fetch`` raises.
        """
        if self._blob is None:
            if self.url is None:
                raise LookupError("this picture has neither bytes nor a link")
            self._blob, self.error = fetch(self.url), None

    def comes_by(self, fetch: Callable[[str], Blob], error: Trouble | None = None) -> None:
        """How the bytes are got when they are asked for, and why that has failed before. It is
        pickled with the picture.
        """
        self._fetch, self.error = fetch, error

    @property
    def is_here(self) -> bool:
        """Whether its bytes are, so that nothing is left to fetch."""
        return self._blob is not None

    @property
    def media_type(self) -> str | None:
        """From the bytes themselves, e.g. ``image/png``; None when they are no picture."""
        measured = self._measure()
        return measured.media_type if measured else None

    @property
    def pixels(self) -> tuple[int, int] | None:
        """(width, height) from the bytes themselves; None when they don't say."""
        measured = self._measure()
        return measured.pixels if measured else None

    @property
    def extension(self) -> str:
        """The file extension of the true media type; ``.bin`` when unknown."""
        return EXTENSIONS.get(self.media_type or "", ".bin")

    @property
    def note(self) -> str | None:
        """A sentence when it is no picture, or not of the size or kind that was asked for."""
        if self.media_type is None:
            return f"{self.name}: its bytes are no known kind of picture"
        asked, got = [], []
        if self.expected and self.pixels and self.pixels != self.expected:
            asked.append("{}x{}".format(*self.expected))
            got.append("{}x{}".format(*self.pixels))
        if self.expected_type and self.media_type != self.expected_type:
            asked.append(self.expected_type)
            got.append(self.media_type)
        said = f"asked for {', '.join(asked)}, got {', '.join(got)}"
        return f"{self.name}: {said}" if asked else None

    def open(self) -> BinaryIO:
        """A seekable binary file over the bytes."""
        return self.blob.open()

    def read(self) -> bytes:
        """All the bytes, in memory."""
        return self.blob.read()

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the bytes to ``path``; returns it.

        The file is there when it is whole and on the disk, and not before; nothing is left
        behind when writing fails. A pipe or a device is written to as it is. The name is the
        caller's: see ``extension``.

        Args:
            overwrite: take the place of a file that is there; of a symbolic link, not of what
                it points to.

        Raises:
            FileExistsError: ``path`` exists and ``overwrite`` is False.
            OSError: the disk said no.
        """
        target = Path(path)
        write_whole(target, self.blob.copy_to, overwrite=overwrite)
        return target

    def move_to(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """`save` for whoever lets go of the picture: its temporary file becomes the file, where
        both are on one file system of Linux; else it is copied.

        The picture can still be read, but the file is all that there is of it: whoever changes
        the file changes the picture. Arguments, result and errors are those of `save`.
        """
        target = Path(path)
        write_whole(target, self.blob.copy_to, self.blob.link_to, overwrite=overwrite)
        return target

    def pil(self) -> Pillow.Image:
        """The picture as one of Pillow's, decoded: ``pip install 'imagekit[pillow]'``.

        Raises:
            ModuleNotFoundError: Pillow is not installed.
            OSError: Pillow can't decode it.
            DownloadError: it can't be fetched.
        """
        from imagekit.values.jupyter import decoded

        return decoded(self.blob, self.media_type, self.name)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """For notebooks: the picture, scaled down to less than a megabyte."""
        from imagekit.values.jupyter import bundle

        return bundle(self.words, self._blob)

    @property
    def name(self) -> str:
        """``picture 1`` is the first."""
        return f"picture {self.index + 1}"

    @property
    def words(self) -> str:
        """It in one line. Nothing is fetched for that."""
        if self._blob is None:
            link = f", at {bare_url(self.url)}" if self.url else ""
            return f"{self.name}: not fetched{link}{f': {self.error}' if self.error else ''}"
        pixels = "{}x{} ".format(*self.pixels) if self.pixels else ""
        kind = (self.media_type or "of no known kind").removeprefix("image/")
        return f"{self.name}: {pixels}{kind}, {self._blob.size:,} bytes"

    def _measure(self) -> Measured | None:
        if self._measured is None:
            self._measured = measure(self.blob.open())
        return self._measured


@frozen
class Failure:
    """One picture of several that was not made: its place, and the vendor's reason.

    ``error`` is what befell the call that was to make it, where that was a call of its own;
    it says whether that one was charged, and may carry a job to resume.
    """

    index: int
    code: str | None
    message: str
    moderated: bool = False
    error: Trouble | None = field(default=None, repr=False, eq=False)


@frozen
class Usage:
    """What the host counted. None is unknown, never zero.

    Attributes:
        generated_images: pictures that it made.
        input_tokens, output_tokens, total_tokens: tokens of what was sent, of what came, and
            of both.
        input_images: reference pictures that it took.
        input_text_tokens, input_image_tokens: the shares of the words and of the pictures in
            ``input_tokens``.
        output_text_tokens, output_image_tokens: those in ``output_tokens``.
    """

    generated_images: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_images: int | None = None
    input_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_text_tokens: int | None = None
    output_image_tokens: int | None = None


@frozen(eq=False)
class Result:
    """A finished call.

    Attributes:
        images: the pictures, in the host's order.
        failures: those of the same call that were not made.
        model, host: what was asked, by canonical name.
        served_model: the model id the host says it used.
        created: Unix seconds, by the host's clock.
        usage: what the host counted, or None.
        cost: what it cost: by the host's own word, or else by its price list for what was
            made; its ``amount`` is None when neither says.
        request_id: the host's own id for this call, for its support.
        receipt: what became of every parameter.
        provenance: what was asked, of whom and when, to ask it again; set by the engine.
        notes: what the caller should know: unverified facts, advice, surprises.
        metadata: further fields of the answer, verbatim.
        raw: the whole answer; pictures stand in it as `Blob`.
    """

    images: tuple[Image, ...]
    failures: tuple[Failure, ...] = ()
    model: str = ""
    host: str = ""
    served_model: str | None = None
    created: int | None = None
    usage: Usage | None = None
    cost: Cost = UNSAID
    request_id: str | None = None
    receipt: Receipt = field(factory=Receipt)
    provenance: Provenance | None = None
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(factory=dict)
    raw: Any = field(default=None, repr=False)

    @property
    def image(self) -> Image:
        """The first picture."""
        return self.images[0]

    @property
    def charged(self) -> Charged:
        """Whether it was paid for: where it cost nothing, as at a sandbox, it was not."""
        return Charged.NO if self.cost.amount == 0 else Charged.YES

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """For notebooks: its pictures, scaled down, and what there is to know of them."""
        from imagekit.values.jupyter import page

        lines = [f"{self.model} at {self.host}", *(image.words for image in self.images)]
        lines += [f"picture {lost.index + 1}: not made: {lost.message}" for lost in self.failures]
        lines += [f"note: {note}" for note in self.notes]
        return page(lines, [(image.name, image._blob) for image in self.images])
