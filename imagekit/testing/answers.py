"""How a dialect of HTTP says yes, not yet and no: what the checks of answers are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Answers", "OpenAIAnswers"]


class Answers:
    """A wire of your own comes with its own of these. Each gives a JSON document."""

    def pictures(self, *base64: str) -> dict[str, Any]:
        """An answer with these pictures in it; of a dialect of jobs, that of a job done."""
        raise NotImplementedError

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        """A refusal."""
        raise NotImplementedError

    def link(self, url: str) -> dict[str, Any] | None:
        """An answer with a picture behind this URL. None: this dialect has no links."""
        return None

    def job(self) -> dict[str, Any] | None:
        """An answer that is a job still being done. None: this dialect has no jobs."""
        return None

    def failed_job(self) -> dict[str, Any] | None:
        """An answer that says of a job that it has come to nothing, for good. None: this dialect
        has no jobs."""
        return None

    def events(self, *base64: str) -> Sequence[dict[str, Any]]:
        """The events of a stream, one for each picture and more around them, if need be.
        None of them: this dialect has no streams."""
        return ()


class OpenAIAnswers(Answers):
    """Those of the wire ``openai-images``."""

    def pictures(self, *base64: str) -> dict[str, Any]:
        return {"created": 1, "data": [{"b64_json": one} for one in base64]}

    def link(self, url: str) -> dict[str, Any]:
        return {"created": 1, "data": [{"url": url}]}

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        return {"error": {"message": message, **({"code": code} if code else {})}}

    def events(self, *base64: str) -> Sequence[dict[str, Any]]:
        kind = "image_generation.partial_succeeded"
        pictures = [
            {"type": kind, "image_index": at, "b64_json": one} for at, one in enumerate(base64)
        ]
        return [*pictures, {"type": "image_generation.completed"}]
