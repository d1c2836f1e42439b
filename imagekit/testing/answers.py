"""How a dialect of HTTP says yes, not yet and no: what the checks of answers are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imagekit.basics.classes import frozen
from imagekit.testing.loopback import Answer

__all__ = ["Answers", "Job", "OpenAIAnswers", "Said"]

#: A JSON document, said with HTTP 200; or an `Answer`, where there is more to it.
Said = Mapping[str, Any] | Answer


@frozen(eq=False)
class Job:
    """How a host tells of one job, from the request that made it to its end.

    Attributes:
        submitted: the answer to that request.
        running: the answer to a look while it is being done.
        done: the answers to looks, from the one that finds it done to the one that has the
            pictures: one answer, unless they are a link further on.
        failed: the same to the one that says it came to nothing, for good.
    """

    submitted: Said
    running: Said
    done: Sequence[Said]
    failed: Sequence[Said]


class Answers:
    """A wire of your own comes with its own of these, which `imagekit.Wire.answers` names."""

    def pictures(self, *base64: str) -> dict[str, Any] | None:
        """The answer to the request itself that has these pictures, or none of them. None: this
        dialect has them at the end of a job alone."""
        raise NotImplementedError

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        """A refusal."""
        raise NotImplementedError

    def link(self, url: str) -> dict[str, Any] | None:
        """An answer with a picture behind this URL. None: this dialect has no links."""
        return None

    def job(self, server: str, *base64: str) -> Job | None:
        """A job of these pictures, at a host with this base URL. None: this dialect has no jobs."""
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
