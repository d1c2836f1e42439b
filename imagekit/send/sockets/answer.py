"""The answer on a connection: its head, read here, and its body as it arrives."""

from __future__ import annotations

import http.client
import re
from http.client import HTTPException, LineTooLong

from urllib3 import HTTPResponse

from imagekit.values.http import Headers

__all__ = ["Answer"]

_LONGEST_LINE, _MOST_FIELDS = 65_536, 100  # as Python has them
_STATUS = re.compile(r"(HTTP/[0-9.]+)\s+([1-9][0-9]{2})(?:\s.*)?", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,40}")  # Python reads no number of some thousand digits


class Answer(http.client.HTTPResponse):
    """An answer whose head is read here, and whose body is read by Python.

    Interim answers (RFC 9110, 15.2), of which Python knows 100 alone, are passed over. Fields are
    split at their colons: Python has its parser of e-mail do that, which takes as long as the
    rest of the exchange. No error has words of the head: whoever answers with what was asked
    would get the key of a query, or a proxy's password, into it.

    Attributes:
        fields: of the head, by their names in any case; those of one name are joined by commas.
    """

    fields: Headers

    def begin(self) -> None:
        """Read the head.

        Raises:
            HTTPException, ValueError: it is none of HTTP/1, or says two lengths.
        """
        while True:
            version, self.status, self.reason = self._read_status()
            self.code = self.status
            self.fields = self._read_fields()
            if self.status >= 200 or self.status == http.client.SWITCHING_PROTOCOLS:
                break
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.chunked = self._said("transfer-encoding") == "chunked"
        self.chunk_left = None
        self.length = self._said_length()
        self.will_close = self._ends_with_connection()

    @property
    def is_encoded(self) -> bool:
        return "content-encoding" in self.fields

    def decoded(self) -> HTTPResponse:
        """What reads the body of an answer that is compressed."""
        return HTTPResponse(
            body=self,
            headers=self.fields,
            status=self.status,
            preload_content=False,
            original_response=self,
        )

    def _read_status(self) -> tuple[str, int, str]:
        """Version, status and what the standard calls it. Python asks a proxy for these too, and
        has the last of them in the error about one that refuses."""
        line = self._read_line("status line")
        if not line:
            raise http.client.RemoteDisconnected("the connection was closed without an answer")
        match = _STATUS.fullmatch(line.strip())
        if match is None:
            raise HTTPException("the answer does not begin with a status of HTTP")
        version, status = match.groups()
        if not version.startswith(("HTTP/1.", "HTTP/0.9")):
            raise http.client.UnknownProtocol(version)
        return version, int(status), http.client.responses.get(int(status), "")

    def _read_fields(self) -> Headers:
        """A line that begins with a space goes on with the one before (RFC 9112, 5.2); one that
        is no field is passed over."""
        lines: list[str] = []
        left = _MOST_FIELDS
        while line := self._read_line("header line").rstrip("\r\n"):
            if left == 0:
                raise HTTPException(f"got more than {_MOST_FIELDS} headers")
            left -= 1
            if line[0] in " \t" and lines:
                lines[-1] += f" {line.strip()}"
            else:
                lines.append(line)
        fields = [line.split(":", 1) for line in lines if ":" in line]
        return Headers(
            (name.strip(), " ".join(value.strip(" \t").splitlines())) for name, value in fields
        )

    def _read_and_discard_trailer(self) -> None:
        """What may follow the last chunk, where Python reads on for as long as something comes."""
        self._read_fields()

    def _read_line(self, what: str) -> str:
        line = self.fp.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise LineTooLong(what)
        return line.decode("iso-8859-1")

    def _said(self, name: str) -> str:
        return str(self.fields.get(name, "")).lower()

    def _said_length(self) -> int | None:
        """Of the body, in bytes; None where its end shows otherwise."""
        if self.status in (http.client.NO_CONTENT, http.client.NOT_MODIFIED) or self.status < 200:
            return 0
        lengths = {length.strip() for length in self._said("content-length").split(",")}
        if self.chunked or not all(map(_LENGTH.fullmatch, lengths)):
            return None
        if len(lengths) > 1:  # whose end nobody knows, and the next answer would begin there
            raise HTTPException(f"the head has {len(lengths)} lengths")
        return int(lengths.pop())

    def _ends_with_connection(self) -> bool:
        """Whether nothing follows on the connection (RFC 9112, 9.3)."""
        if not self.chunked and self.length is None:
            return True
        said = self._said("connection")
        return "close" in said or (self.version == 10 and "keep-alive" not in said)
