"""What a server that was killed has left: fetched by the next one, and never bought again."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from attrs import evolve, frozen

from imagekit import Blob, Client, FileJournal, Image, ImagekitError, Left, Result, Unkept
from imagekit_mcp.gallery import Gallery
from imagekit_mcp.words import clean

__all__ = ["Recovering"]

log = logging.getLogger("imagekit.mcp")


@frozen
class Recovering:
    """
    Attributes:
        client: its journal is ``journal``, and ``gallery`` keeps what it brings.
    """

    client: Client
    journal: FileJournal
    gallery: Gallery

    def run(self, every: Sequence[Left]) -> None:
        """Bring each of these calls to its end, as far as that is free. What is not brought
        stays in the journal, for `history` to tell and for the next start."""
        for left in every:
            try:
                brought = self._brought(left)
            except (ImagekitError, OSError) as error:
                log.warning(
                    "%s of an earlier server is not here: %s", left.purchase.id, _why(error)
                )
            else:
                what = "is saved" if brought else "may have been charged, and its answer is lost"
                log.warning("%s of an earlier server %s", left.purchase.id, what)

    def _brought(self, left: Left) -> bool:
        """
        Raises:
            ImagekitError, OSError: why it can't be brought, or not yet.
        """
        if left.pictures and (left.whole or left.asks is None):
            self._keep(left)
            return True
        if left.asks is None:
            return False
        self.client.resume(evolve(left.asks, wait=0.0))  # its journal and its sink are told
        return True

    def _keep(self, left: Left) -> None:
        bought = left.purchase
        images = tuple(self._image(bought.host, one) for one in left.pictures.values())
        result = Result(images, model=bought.model, host=bought.host, provenance=bought.provenance)
        self.gallery.keep(result)
        self.journal.kept(bought, result)

    def _image(self, host: str, picture: Unkept) -> Image:
        if picture.file is None:
            return self.client.fetch(Image(picture.index, picture.url, host=host))
        return Image(picture.index, blob=Blob.of_file(picture.file), host=host)


def _why(error: Exception) -> str:
    return str(clean(str(error)))
