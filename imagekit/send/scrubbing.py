"""What a host echoes of a secret is taken out of its answer once, before anybody reads it.

Hosts quote the key that they refuse, gateways the headers that they were sent. From an answer
such a word would get into errors, results, records and pictures; so what is decoded, shown and
kept is made from the answer without it. Pictures themselves (`Blob`) are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.basics.echoes import echo_of
from imagekit.values import Reply, Request, Response, ServerEvent
from imagekit.values.http import Headers

__all__ = ["Scrubber"]

#: Shorter secrets stay: they are words of every answer, and would tear holes into it.
SHORTEST = 6
INSTEAD = "***"


class Scrubber:
    """Takes the secrets of one request out of its answer; never shows them itself."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._words = echo_of(frozenset(secret for secret in secrets if len(secret) >= SHORTEST))

    def __repr__(self) -> str:
        return "<Scrubber>"

    def sending(self, send: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
        """The same way out; the headers that come back are without secrets."""
        return lambda request: self.reply(send(request))

    def reply(self, reply: Reply) -> Reply:
        """The reply, its headers without secrets, in their names as in their values."""
        headers = reply.headers
        if not self._echoed([*headers, *headers.values()]):
            return reply
        told = Headers((self.text(name), self.text(value)) for name, value in headers.items())
        return evolve(reply, headers=told)

    def response(self, response: Response) -> Response:
        """The response, its document and the beginning of its body without secrets."""
        head = response.head.decode("latin-1")
        if not self._echoed([head, *_texts(response.document, response.salvaged)]):
            return response
        return evolve(
            response,
            document=self.document(response.document),
            salvaged=self.document(response.salvaged),
            head=self.text(head).encode("latin-1"),
        )

    def event(self, event: ServerEvent) -> ServerEvent:
        return evolve(event, name=self.text(event.name), document=self.document(event.document))

    def document(self, value: Any) -> Any:
        """JSON without secrets, in its names as in its texts; changed in place, since it was
        read for this call alone. Not by recursion: an answer may be nested deeply."""
        whole = [value]
        waiting: list[Any] = [whole] if self._words else []
        while waiting:
            part = waiting.pop()
            if isinstance(part, dict):
                inside = {self.text(name): self._told(inner) for name, inner in part.items()}
                part.clear()
                part.update(inside)
                waiting += filter(_has_parts, inside.values())
            else:
                part[:] = map(self._told, part)
                waiting += filter(_has_parts, part)
        return whole[0]

    def _echoed(self, texts: Iterable[str]) -> bool:
        """Whether any has a secret in it: hardly an answer does, and most are left as they are."""
        return self._words is not None and self._words.search("\0".join(texts)) is not None

    def text(self, text: str) -> str:
        return self._words.sub(INSTEAD, text) if self._words else text

    def _told(self, value: Any) -> Any:
        return self.text(value) if isinstance(value, str) else value


_PARTS = (dict, list)


def _has_parts(value: Any) -> bool:
    return isinstance(value, _PARTS)


def _texts(*documents: Any) -> list[str]:
    """Every text of JSON, names as well, in no order."""
    texts: list[str] = []
    waiting: list[Any] = [documents]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            texts += part
            part = part.values()
        for inner in part:
            if isinstance(inner, str):
                texts.append(inner)
            elif isinstance(inner, _PARTS):
                waiting.append(inner)
    return texts
