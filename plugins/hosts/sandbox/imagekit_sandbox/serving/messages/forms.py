"""Bodies that are forms (RFC 7578), as their parts."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser

from attrs import frozen

__all__ = ["Part", "read_form"]


@frozen
class Part:
    """One part; ``filename`` is None for a field, which is text."""

    name: str
    content: bytes
    media_type: str
    filename: str | None

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


def read_form(kind: str, body: bytes) -> tuple[Part, ...] | None:
    """The parts of a body with the content type ``kind``; None when it is no form."""
    if not kind.lower().startswith("multipart/form-data"):
        return None
    form = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = form.get_payload()
    if not isinstance(parts, list):
        return None
    return tuple(_part(one) for one in parts if isinstance(one, Message))


def _part(message: Message) -> Part:
    content = message.get_payload(decode=True)
    return Part(
        name=str(message.get_param("name", header="content-disposition") or ""),
        content=content if isinstance(content, bytes) else b"",
        media_type=message.get_content_type(),
        filename=message.get_filename(),
    )
