"""One request at one upstream: who asks, what goes wrong, what is drawn and billed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from imagekit_sandbox.painter import Scene, thumbnail
from imagekit_sandbox.serving.dialect import Dialect, Operation, Order
from imagekit_sandbox.serving.faults import HEADER, SUFFIX, Faults, read_faults
from imagekit_sandbox.serving.ledger import Entry
from imagekit_sandbox.serving.links import Made
from imagekit_sandbox.serving.messages import Asked, Refusal, Why
from imagekit_sandbox.serving.telling import fingerprint, name_of, secrets_of, shortened

if TYPE_CHECKING:
    from imagekit_sandbox.serving.desk import Desk

__all__ = ["KEYS", "Visit"]

#: How keys begin that don't work, and what is wrong with them. Any other key is good.
KEYS = {
    "bad-": Why.UNAUTHORIZED,
    "broke-": Why.NO_BALANCE,
    "frozen-": Why.FROZEN,
    "barred-": Why.FORBIDDEN,
}
_SHOWN = 160  # characters of the prompt that fit under a picture


@define
class Visit:
    """What an operation works with.

    Attributes:
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

    desk: Desk
    dialect: Dialect
    operation: Operation
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

    # --- before the operation ------------------------------------------------------------

    def sign_in(self) -> None:
        """Find out who asks.

        Raises:
            Refusal: nobody, or somebody who may not.
        """
        self.key = self.dialect.key(self.asked)
        if self.key is None:
            raise Refusal(Why.UNAUTHORIZED)
        for start, why in KEYS.items():
            if self.key.startswith(start):
                raise Refusal(why)

    def choose_faults(self) -> None:
        """From the header, the model's suffix and the rules.

        Raises:
            Refusal: what was asked for makes no sense, or can't act here.
        """
        said = [self.asked.headers.get(HEADER, "")]
        if self.operation.model:
            model, _, suffix = (self.operation.model(self.asked) or "").partition(SUFFIX)
            self.model = model or None
            said.append(suffix)
        ruled = self.desk.chooser.faults(self.dialect.host, self.model, self.operation.name)
        try:
            self.faults = Faults.merged([*(read_faults(text) for text in said if text), *ruled])
        except ValueError as error:
            raise Refusal(Why.INVALID, f"sandbox: {error}") from None
        if self.operation.name == "poll":  # what was to befall the pictures befell the job
            self.faults = self.faults.without_making()
        elif self.operation.name != "generate":
            self._refuse_misuse(self.faults.misplaced())

    # --- for the operation -----------------------------------------------------------------

    @property
    def records(self) -> dict[str, Any]:
        """What this upstream keeps for this key, the oldest first; nobody else sees it."""
        return self.desk.records(self.dialect.host, self.key or "")

    @property
    def names(self) -> dict[str, str]:
        """The names that the owner of this key has given to what it made, and its ids."""
        return self.desk.names(self.dialect.host, self.key or "")

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
        self._refuse_misuse(self.faults.misused(order.count, order.carried))
        if self.fails:
            self._refuse_misuse("job-fails acts on jobs, and this is answered at once")
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
        path = self.desk.links.add(
            made,
            expired="expired" in self.faults,
            breaks="broken-link" in self.faults,
            missing=int(self.faults.chosen.get("new-link") or 0),
        )
        self.links.append(path.partition("?")[0])
        return self.asked.origin + path

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
            what.append(self.desk.turn(_digest(what)))
        thumbnails = tuple(_thumbnail(reference) for reference in order.references)
        for index in range(order.count):
            yield _scene(order, _digest([*what, index]), thumbnails)

    def _bill(self, order: Order, pictures: int) -> None:
        price = self.dialect.prices.get(order.model)
        secrets = secrets_of(self.asked, self.key)
        self.billed = pictures
        self.desk.ledger.add(
            Entry(
                request=self.asked.number,
                at=self.asked.at,
                host=self.dialect.host,
                key=fingerprint(self.key or ""),
                model=order.model,
                pictures=pictures,
                amount=None if price is None else price * pictures,
                name=name_of(self.asked, secrets),
                prompt=shortened(order.prompt, secrets, _SHOWN),
            )
        )

    def _refuse_misuse(self, why: str | None) -> None:
        if why:
            raise Refusal(Why.INVALID, f"sandbox: {why}")


def _digest(what: Any) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _scene(order: Order, digest: str, thumbnails: tuple[str, ...]) -> Scene:
    width, height = order.pixels
    return Scene(
        width=width,
        height=height,
        digest=digest,
        caption=order.prompt[:_SHOWN],
        model=order.model,
        watermark=order.watermark,
        references=thumbnails,
        format=order.format,
    )


def _thumbnail(reference: str) -> str:
    head, comma, data = reference.partition(";base64,")
    return thumbnail(base64.b64decode(data)) if comma and head.startswith("data:") else ""
