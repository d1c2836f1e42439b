"""Pictures, told of while they are made: server-sent events, as OpenAI has them."""

from __future__ import annotations

import binascii
import json
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any

from attrs import define, field
from imagekit_store import Caller
from werkzeug.wrappers import Response

from imagekit import Blob, Image, ImagekitError, Result, Usage, events
from imagekit_gateway.made import of_result
from imagekit_gateway.refusals import Refused, refusal_of
from imagekit_gateway.told import PIECE, envelope, nothing, usage
from imagekit_gateway.visit import Visit
from imagekit_gateway.words import Wanted

__all__ = ["streamed"]

#: Seconds of silence after which a comment says that it goes on. It is also how a client that
#: has gone is noticed.
HEARTBEAT = 15.0


def streamed(visit: Visit, asked: Wanted, caller: Caller, operation: str) -> Response:
    """
    Raises:
        ImagekitError: nothing is sent, as long as nobody has been told anything.
    """
    telling = _Telling(visit, asked, caller, f"image_{operation.removesuffix('s')}")
    telling.begin()
    response = Response(telling.told(), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # which is how nginx is told
    return response


@define(eq=False)
class _Telling:
    """One request while its events are passed on."""

    visit: Visit
    asked: Wanted
    caller: Caller
    kind: str
    _events: Generator[events.Event] | None = field(default=None, init=False)
    _last: Image | None = field(default=None, init=False)  # which waits for the usage
    _partials: int = field(default=0, init=False)

    def begin(self) -> None:
        gateway, self.visit.sent = self.visit.gateway, True
        self._events = gateway.client.stream(
            self.asked.prompt,
            id=self.visit.id,
            deadline=gateway.settings.deadline,
            heartbeat=HEARTBEAT,
            **self.asked.arguments,
        )

    def told(self) -> Iterator[bytes]:
        """All of it, as it happens. Of a client that goes away, the request is carried to its
        end, and its record has what came of it."""
        behalf = self.visit.gateway.store.on_behalf(self.visit.id, self.caller)
        behalf.__enter__()
        finished = False
        try:
            yield f": {self.visit.id}\n\n".encode()
            yield from self._all()
            finished = True
        except ImagekitError as error:
            finished = True
            yield from self._refused(refusal_of(error, self.visit.id))
        except Refused as refused:
            finished = True
            yield from self._refused(refused)
        finally:
            if finished:
                behalf.__exit__(None, None, None)
            else:
                threading.Thread(target=self._carry_on, args=(behalf,), daemon=True).start()

    def _carry_on(self, behalf: Any) -> None:
        """To the end, which the store is told of, and nobody else."""
        assert self._events is not None
        try:
            for _ in self._events:
                pass
        except ImagekitError:
            pass  # it is in the record
        finally:
            behalf.__exit__(None, None, None)

    def _all(self) -> Iterator[bytes]:
        assert self._events is not None
        for event in self._events:
            match event:
                case events.Heartbeat():
                    yield b": it goes on\n\n"
                case events.Partial(image=image) if self._partials < self.asked.partial_images:
                    told = {"partial_image_index": self._partials}
                    self._partials += 1
                    yield from self._picture("partial_image", image.blob, told)
                case events.Picture(image=image) if image.is_here:
                    if self._last is not None:
                        yield from self._completed(self._last, {"usage": usage(Usage(), 0)})
                    self._last = image
                case events.Finished(result=result):
                    yield from self._end(result)

    def _end(self, result: Result) -> Iterator[bytes]:
        """The last picture, with what there is to say of all."""
        made = of_result(result, self.asked, id=self.visit.id, kept=self.caller.keep)
        self.visit.about |= {"host": made.host, "charged": str(made.charged)}
        if not made.pictures or self._last is None:
            raise nothing(made)
        whole = envelope(made)
        told = {name: whole[name] for name in ("usage", "metadata", "model")}
        yield from self._completed(self._last, told)

    def _completed(self, image: Image, told: dict[str, Any]) -> Iterator[bytes]:
        yield from self._picture("completed", image.blob, {**_measured(image), **told}, image)

    def _picture(
        self, name: str, blob: Blob, told: dict[str, Any], image: Image | None = None
    ) -> Iterator[bytes]:
        kind = f"{self.kind}.{name}"
        about = {
            "type": kind,
            "created_at": int(time.time()),
            "background": "auto",
            "quality": "auto",
            "size": "auto",
            "output_format": "png",
            **told,
        }
        by_link = image is not None and self.asked.format == "url" and self.caller.keep
        if by_link and image is not None:
            about["url"] = self.visit.link(self.visit.id, image.index)
            yield f"event: {kind}\ndata: {json.dumps(about)}\n\n".encode()
            return
        yield f'event: {kind}\ndata: {json.dumps(about)[:-1]}, "b64_json": "'.encode()
        for piece in blob.chunks(PIECE):
            yield binascii.b2a_base64(piece, newline=False)
        yield b'"}\n\n'

    def _refused(self, refused: Refused) -> Iterator[bytes]:
        self.visit.about["charged"] = str(refused.charged)
        text = json.dumps({"type": "error", **refused.body(self.visit.id)})
        yield f"event: error\ndata: {text}\n\n".encode()


def _measured(image: Image) -> dict[str, Any]:
    kind = (image.media_type or "image/png").removeprefix("image/")
    size = {"size": "{}x{}".format(*image.pixels)} if image.pixels else {}
    return {"output_format": kind, **size}
