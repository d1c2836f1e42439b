"""Failures on demand: those of one request, and what they do to it.

A request carries them in ``X-Sandbox-Fault``, after a ``!`` in its model's id, or gets
them from a rule: ``429:2``, ``moderated-item:3``, ``lost``, several with ``+`` between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import evolve, field, frozen

from imagekit_sandbox.serving.faults.catalogue import CATALOGUE, WHICH, meant
from imagekit_sandbox.serving.messages.answers import Answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["HEADER", "SUFFIX", "Faults", "read_faults"]

HEADER = "x-sandbox-fault"
SUFFIX = "!"

REFUSALS: Mapping[str, Why] = {
    "401": Why.UNAUTHORIZED,
    "402": Why.NO_BALANCE,
    "403": Why.FORBIDDEN,
    "404": Why.NO_SUCH_MODEL,
    "429": Why.RATE_LIMITED,
    "500": Why.BROKEN,
    "502": Why.BAD_GATEWAY,
    "503": Why.OVERLOADED,
    "504": Why.TIMED_OUT,
}
#: Where nobody is, by RFC 2606: whoever goes there takes a key to a stranger.
ELSEWHERE = "https://elsewhere.invalid/"
_HTML = b"<!DOCTYPE html>\n<html><head><title>%d</title></head><body>%d</body></html>\n"


def read_faults(text: str) -> Faults:
    """``429:2+delay:0.5``, read.

    Raises:
        ValueError: a name or a number makes no sense; says what would.
    """
    return Faults(dict(_one(part.strip()) for part in text.split("+")))


def _one(text: str) -> tuple[str, float | None]:
    name, colon, number = text.partition(":")
    kind = CATALOGUE.get(name)
    if kind is None:
        raise ValueError(f"no fault {name!r}; {meant(name, CATALOGUE)}")
    if not colon:
        return name, kind.usual
    if kind.takes is None:
        raise ValueError(f"{name} takes no number, but got {number!r}")
    return name, kind.takes.read(name, number)


@frozen
class Faults:
    """The failures of one request: name -> its number."""

    chosen: Mapping[str, float | None] = field(factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.chosen

    def __str__(self) -> str:
        return "+".join(
            name if number in (None, CATALOGUE[name].usual) else f"{name}:{number:g}"
            for name, number in self.chosen.items()
        )

    @classmethod
    def merged(cls, every: Iterable[Faults]) -> Faults:
        """All of them; of two with the same name, the first."""
        chosen: dict[str, float | None] = {}
        for faults in every:
            chosen = {**faults.chosen, **chosen}
        return cls(chosen)

    def item(self, name: str) -> int | None:
        """The index from 0 of the picture that ``name`` is about."""
        number = self.chosen.get(name)
        return None if number is None else int(number) - 1

    def refuse(self) -> None:
        """Raise the refusal that was asked for, if one was."""
        for name, why in REFUSALS.items():
            if name in self:
                raise Refusal(why, retry_after=self.chosen[name])

    def instead(self) -> Answer | None:
        """An answer that comes from before the upstream: a firewall's, a proxy's."""
        moved = self.chosen.get("redirect")
        if moved is not None:
            return Answer(int(moved), headers={"Location": ELSEWHERE})
        status = self.chosen.get("html")
        if status is None:
            return None
        page = _HTML % (status, status)
        return Answer(int(status), page, {"Content-Type": "text/html; charset=utf-8"})

    def without_making(self) -> Faults:
        """Those that don't act on pictures."""
        left = {name: one for name, one in self.chosen.items() if not CATALOGUE[name].making}
        return Faults(left)

    def misplaced(self) -> str | None:
        """Why one of them can't act where no pictures are made; None when all can."""
        making = [name for name in self.chosen if CATALOGUE[name].making]
        return f"{making[0]} acts on pictures, and none are made here" if making else None

    def misused(self, count: int, carried: str) -> str | None:
        """Why one of them can't act on so many pictures, carried as ``url`` or ``b64_json``."""
        for name, number in self.chosen.items():
            kind = CATALOGUE[name]
            if kind.only not in ("", carried):
                return f"{name} acts on pictures given as {kind.only}, not as {carried}"
            if kind.takes is WHICH and number is not None and number > count:
                return f"there is no picture {number:g}: this request makes {count}"
        return None

    def lose(self, answer: Answer, envelope: Callable[[Refusal], Answer]) -> Answer:
        """What becomes of an answer to something that was accepted, and billed."""
        if "truncated" in self:
            return evolve(answer, cut=max(1, len(answer.body) // 2))
        if "lost" not in self:
            return answer
        status = self.chosen["lost"]
        if status is None:
            return evolve(answer, cut=0)
        why = REFUSALS.get(f"{status:.0f}", Why.BAD_GATEWAY)
        return evolve(envelope(Refusal(why)), status=int(status))

    def slow(self, answer: Answer) -> Answer:
        """Any answer, as slow as was asked for."""
        return evolve(
            answer,
            delay=answer.delay + (self.chosen.get("delay") or 0.0),
            drip=self.chosen.get("drip") or 0.0,
            drip_head=self.chosen.get("drip-head") or 0.0,
        )
