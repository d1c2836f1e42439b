"""One request at one upstream: what is kept for it, drawn, linked and billed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import define, evolve, field

from imagekit_sandbox.drawing.scene import CAPTION, Scene, digest_of, thumbnail_of
from imagekit_sandbox.serving.books.books import Books
from imagekit_sandbox.serving.books.ledger import Entry
from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.books.redaction import fingerprint, name_of, secrets_of, shortened
from imagekit_sandbox.serving.faults.faults import Faults
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["Visit"]


@define
class Visit:
    """What an operation works with.

    Attributes:
        host: the upstream.
        prices: what it takes for a picture of each model.
        books: what is kept, of all upstreams.
        values: what stood for ``{...}`` in the path.
        key: the caller's.
        model: the model's id, without the faults that were asked for with it.
        faults: what is to go wrong.
        ignored: fields that the operation did not read, for the journal.
        takes: seconds until the pictures are there.
        billed: how many pictures were billed.
        links: the paths of those that were made.
        id: of the job or the record that was made.
    """

    host: str
    prices: Mapping[str, Decimal]
    books: Books
    values: dict[str, str]
    asked: Asked
    key: str | None = None
    model: str | None = None
    faults: Faults = field(factory=Faults)
    ignored: tuple[str, ...] = ()
    takes: float = 0.0
    billed: int = 0
    links: list[str] = field(factory=list)
    id: str | None = None

    @property
    def records(self) -> dict[str, Any]:
        """What this upstream keeps for this key, the oldest first; nobody else sees it."""
        return self.books.records.of(self.host, self.key or "")

    @property
    def names(self) -> dict[str, str]:
        """The names that the owner of this key has given to what it made, and its ids."""
        return self.books.records.names(self.host, self.key or "")

    @property
    def ready(self) -> float | None:
        """When a job that is made now is done; None: looks count, for it takes no time."""
        return self.asked.at + self.takes if self.takes else None

    @property
    def fails(self) -> bool:
        """Whether the job that is asked for is to end without a picture."""
        return "job-fails" in self.faults

    def ignore(self, body: Iterable[str], *known: str) -> None:
        """Note for the journal which fields of a body are none of the known ones."""
        self.ignored = tuple(name for name in body if name not in known)

    def make(self, order: Order) -> list[Made | None]:
        """Make the pictures, and bill them; None stands for one that was refused.

        Raises:
            Refusal: all of them were.
        """
        misuse = self.faults.misused(order.count, order.carried)
        if self.fails:
            misuse = misuse or "job-fails acts on jobs, and this is answered at once"
        if misuse:
            raise Refusal.misuse(misuse)
        if "moderated" in self.faults:
            raise Refusal(Why.MODERATED)
        refused = self.faults.item("moderated-item")
        made = [
            None if index == refused else self._made(scene)
            for index, scene in enumerate(self._scenes(order))
        ]
        if not any(made):
            raise Refusal(Why.MODERATED)
        self._bill(order, sum(one is not None for one in made))
        return made

    def link(self, made: Made) -> str:
        """A link to a picture."""
        path = self.books.links.add(
            made,
            expired="expired" in self.faults,
            breaks="broken-link" in self.faults,
            missing=int(self.faults.chosen.get("new-link") or 0),
        )
        self.links.append(path.partition("?")[0])
        return self.asked.origin + path

    def lasting_link(self, made: Made) -> str:
        """A link to a picture that is on a list."""
        return self.asked.origin + self.books.links.lasting(made)

    def base64(self, index: int, made: Made) -> str:
        """A picture's bytes as base64."""
        text = base64.b64encode(made.content()).decode()
        short = index == self.faults.item("truncated-base64")
        return text[: len(text) // 8 * 4 + 1] if short else text

    # --- how ------------------------------------------------------------------------------

    def _made(self, scene: Scene) -> Made:
        """A picture; with faults, not what it is said to be."""
        said = f"image/{scene.format}"
        if "not-a-picture" in self.faults:
            return Made(said, None)
        if "smaller" in self.faults:
            scene = evolve(scene, width=scene.width // 2, height=scene.height // 2)
        if "wrong-type" in self.faults:
            scene = evolve(scene, format="png" if scene.format == "jpeg" else "jpeg")
        return Made(said, scene)

    def _scenes(self, order: Order) -> Iterator[Scene]:
        what = [order.model, order.identity, order.seed]
        if order.seed is None:
            what.append(self.books.turns.take(what))
        thumbnails = tuple(thumbnail_of(reference) for reference in order.references)
        for index in range(order.count):
            yield _scene(order, digest_of([*what, index]), thumbnails)

    def _bill(self, order: Order, pictures: int) -> None:
        price = self.prices.get(order.model)
        secrets = secrets_of(self.asked, self.key)
        self.billed = pictures
        self.books.ledger.add(
            Entry(
                request=self.asked.number,
                at=self.asked.at,
                host=self.host,
                key=fingerprint(self.key or ""),
                model=order.model,
                pictures=pictures,
                amount=None if price is None else price * pictures,
                name=name_of(self.asked, secrets),
                prompt=shortened(order.prompt, secrets, CAPTION),
            )
        )


def _scene(order: Order, digest: str, thumbnails: tuple[str, ...]) -> Scene:
    width, height = order.pixels
    return Scene(
        width=width,
        height=height,
        digest=digest,
        caption=order.prompt[:CAPTION],
        model=order.model,
        watermark=order.watermark,
        references=thumbnails,
        format=order.format,
    )
