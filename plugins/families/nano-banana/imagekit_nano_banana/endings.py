"""Why there is no picture: every way an answer says so, with HTTP 200.

``promptFeedback.blockReason`` without a candidate: the prompt was blocked. A candidate's
``finishReason``: it was stopped, or ended without a picture; ``content`` is then absent or
empty. Or it just answers in words, which may be anything from a question to a refusal.
Source: the enums BlockedReason and FinishReason of the python-genai SDK 3.6.1 (2026-11-28).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from imagekit import HostError, Moderated, NoPictures, PermissionDenied, UnreadableAnswer
from imagekit.wires import BROKEN, about
from imagekit_nano_banana.messages import Object, objects, read, text, words

if TYPE_CHECKING:
    from imagekit import Call, Response

__all__ = ["NORMAL", "Ending", "block_of", "ending_of", "unmade"]

#: How an answer ends that is whole.
NORMAL = "STOP"
#: Words of the reasons that are about content: SAFETY and IMAGE_SAFETY, PROHIBITED_CONTENT,
#: IMAGE_RECITATION, ... NO_IMAGE is none: a picture was expected, and none was made.
_CONTENT = ("SAFETY", "PROHIBITED", "RECITATION", "BLOCKLIST", "SPII", "MODEL_ARMOR", "ESCALATION")
#: The account is limited, for what it had asked for before.
_LIMITED = "PUP_LIMITED_DISABLED"
_SHOWN = 500  # characters of an answer in words that an error's sentence quotes


@frozen
class Ending:
    """One answer without a picture.

    Attributes:
        code: the vendor's reason; None when it has none.
        words: what the vendor or the model said about it, verbatim.
        moderated: it was refused for its content.
    """

    code: str | None
    words: str = ""
    moderated: bool = False

    def __str__(self) -> str:
        shown = self.words[:_SHOWN] + ("..." if len(self.words) > _SHOWN else "")
        if self.code in (None, NORMAL):
            return f"it answered in words: {shown}" if shown else "it gave no reason"
        return f"{self.code}: {shown}" if shown else str(self.code)


def ending_of(candidate: Object) -> Ending:
    """That of a candidate without a picture."""
    code = str(read(candidate, "finishReason") or NORMAL)
    said = filter(None, (text(candidate, "finishMessage"), words(candidate)))
    blocked = any(read(rating, "blocked") is True for rating in objects(candidate, "safetyRatings"))
    return Ending(code, "; ".join(said), blocked or any(word in code.upper() for word in _CONTENT))


def block_of(document: Object) -> Ending | None:
    """That of a prompt that was blocked; whatever the reason, it is one of content."""
    feedback = read(document, "promptFeedback")
    reason = read(feedback, "blockReason") if isinstance(feedback, dict) else None
    if not reason:
        return None
    return Ending(str(reason), text(feedback, "blockReasonMessage") or "", moderated=True)


def unmade(call: Call, response: Response, document: Object, endings: list[Ending]) -> HostError:
    """The error for an answer without a picture."""
    ending = block_of(document) or next(iter(endings), Ending(None))
    kind: type[HostError] = NoPictures
    if ending.moderated:
        kind = Moderated
    elif ending.code == BROKEN:
        kind = UnreadableAnswer
    elif ending.code == _LIMITED:
        kind = PermissionDenied
    return kind(
        f"{call.route.host.name} made no picture: {ending}",
        **about(call, response, text(document, "responseId")),
        code=ending.code,
        vendor_message=ending.words or None,
    )
