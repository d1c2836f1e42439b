"""What a host keeps of what was made with a key: listed, fetched once more, deleted.

The dialect is that of Token360, the one host whose pages document such records:
https://www.token360.ai/en-US/docs/api-reference/list-images, .../download-image and
.../delete-image, read 2026-11-21. They are the key's own, one for each request, and hold the
first of its pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.errors import UsageError
from imagekit.send.links import download
from imagekit.values import Image
from imagekit.wires.answers import as_int, as_text

if TYPE_CHECKING:
    from imagekit.client.free_questions import Inquiry
    from imagekit.declare.host import RecordsAt
    from imagekit.values import Response

__all__ = ["Page", "Record", "Records"]

MOST = 100  # of one page
YEAR_10_000 = 253_402_300_800  # in Unix seconds; Python's calendar ends before it


@frozen
class Record:
    """One request that the host has on record.

    Attributes:
        id: what `Records.content` and `Records.delete` want.
        status: ``completed`` or ``failed``, or another word of the host's.
        model: the host's id of it.
        created_at: Unix seconds, by the host's clock; None where it says no time until 9999.
        url: where its picture is, when the host says; such links expire.
        error: why there is no picture, in the host's words.
        raw: the whole record, verbatim.
    """

    id: str
    status: str = ""
    model: str = ""
    prompt: str = ""
    created_at: int | None = None
    url: str | None = field(default=None, repr=False)
    error: str | None = None
    raw: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)


@frozen
class Page:
    """Some of the records, in the order that was asked for.

    Attributes:
        more: there are others after ``last``, the id to go on after.
    """

    records: tuple[Record, ...]
    more: bool = False
    last: str | None = None

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


@frozen(eq=False)
class Records:
    """The records of one host, of the key that is used there. Nothing here costs anything.

    Iterate over it for all of them, newest first.
    """

    inquiry: Inquiry

    def list(
        self,
        *,
        limit: int = 20,
        after: str | None = None,
        before: str | None = None,
        order: Literal["asc", "desc"] = "desc",
    ) -> Page:
        """A page of them.

        Args:
            limit: at most so many, 1 to 100.
            after, before: only those that stand after, or before, the record of this id.
            order: newest first (``desc``), or oldest first.

        Raises:
            UsageError: the limit is none of those.
            ImagekitError: as of `Inquiry.ask`.
        """
        if not 1 <= limit <= MOST:
            raise UsageError(f"limit: {limit} is not from 1 to {MOST}")
        query = {"limit": limit, "after": after, "before": before, "order": order}
        response = self.inquiry.ask(self._at.path, query)
        document = self.inquiry.document(response)
        data = document.get("data")
        if not isinstance(data, list):
            raise self.inquiry.strange(response, "no list of records")
        found = tuple(_record(one) for one in data if isinstance(one, dict) and one.get("id"))
        last = as_text(document.get("last_id")) or (found[-1].id if found else None)
        return Page(found, document.get("has_more") is True, last)

    def __iter__(self) -> Iterator[Record]:
        # A host that repeats itself, or has always more of nothing, is not asked for ever.
        seen, after = set[str | None](), None
        while after not in seen:
            seen.add(after)
            page = self.list(limit=MOST, after=after)
            yield from page
            if not page.more or not page.records or page.last is None:
                return
            after = page.last

    def content(self, id: str) -> Image:
        """The picture of a record, by a link to it that is new. It is fetched at first use.

        Raises:
            NoPictures: there is none: it failed, or is not ready.
            ModelUnavailable: there is no such record.
            UnreadableAnswer: the answer has no link.
            ImagekitError: as of `Inquiry.ask`.
        """
        response = self.inquiry.ask(f"{self._of(id)}/content", {"format": "url"})
        url = self._link(response)
        if url is None:
            raise self.inquiry.strange(response, "no link to the picture")
        host = self.inquiry.route.host
        fetch = partial(download, self.inquiry.exchange, host)
        return Image(0, url, host=host.name, fetch=fetch)

    def delete(self, id: str) -> None:
        """Delete a record, and its picture where it is in the host's own storage.

        Raises:
            ModelUnavailable: there is no such record.
            UnreadableAnswer: the host does not say that it is deleted.
            ImagekitError: as of `Inquiry.ask`.
        """
        response = self.inquiry.ask(self._of(id), method="DELETE")
        if self.inquiry.document(response).get("deleted") is not True:
            raise self.inquiry.strange(response, "no word that it is deleted")

    @property
    def _at(self) -> RecordsAt:
        found = self.inquiry.route.host.records_at
        assert found is not None, "made for hosts that keep records"
        return found

    def _of(self, id: str) -> str:
        return f"{self._at.path}/{quote(id, safe='')}"

    def _link(self, response: Response) -> str | None:
        if 300 <= response.status < 400:  # how it answers when not asked for the link
            return response.headers.get("location") or None
        return as_text(self.inquiry.document(response).get("url"))


def _record(found: Mapping[str, Any]) -> Record:
    error = found.get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("code")
    return Record(
        id=str(found["id"]),
        status=as_text(found.get("status")) or "",
        model=as_text(found.get("model")) or "",
        prompt=as_text(found.get("prompt")) or "",
        created_at=_seconds(found.get("created_at")),
        url=as_text(found.get("url")),
        error=as_text(error),
        raw=found,
    )


def _seconds(created: Any) -> int | None:
    """A time that a calendar has; none has today's in milliseconds."""
    found = as_int(created)
    return found if found is not None and 0 <= found < YEAR_10_000 else None
