"""Programs that are told while it happens, and sinks and observers."""

from collections.abc import Generator
from contextlib import closing
from typing import assert_never, assert_type

from imagekit import Charged, Client, Failure, Image, Pending, Result, Usage
from imagekit.errors import ImagekitError
from imagekit.events import (
    Completed,
    Event,
    Failed,
    Finished,
    Heartbeat,
    Observer,
    Partial,
    Picture,
    PictureFailed,
    Received,
    Retrying,
    Sending,
    Waiting,
)


def loop(client: Client) -> Result | None:
    events = client.stream("a corgi", model="ark:seedream-5.0-lite", heartbeat=5, n=2)
    assert_type(events, Generator[Event])
    for event in events:
        if isinstance(event, Picture):
            event.image.save(f"{event.image.index}.png")
        elif isinstance(event, Finished):
            return event.result
    return None


def left_early(client: Client) -> Event | None:
    with closing(client.stream("a corgi")) as events:
        return next(events, None)


def each_kind(event: Event) -> None:
    assert_type(event.route, str)
    assert_type(event.call, str)
    assert_type(event.at, float)
    match event:
        case Sending():
            assert_type(event.url, str)
        case Received(status=status):
            assert_type(status, int)
        case Retrying(wait=wait, error=error):
            assert_type(wait, float)
            assert_type(error, ImagekitError)
        case Waiting(pending=pending):
            assert_type(pending, Pending)
        case Picture(image=image) | Partial(image=image):
            assert_type(image, Image)
        case PictureFailed(failure=failure):
            assert_type(failure, Failure)
        case Completed():
            assert_type(event.usage, Usage | None)
        case Finished():
            assert_type(event.result, Result)
        case Failed(error=failed):
            assert_type(failed, BaseException)
        case Heartbeat():
            pass
        case _:
            assert_type(event, Event)


def charged(answer: Charged) -> str:
    match answer:
        case Charged.NO:
            return "free"
        case Charged.MAYBE:
            return "perhaps"
        case Charged.YES:
            return "paid for"
        case _:
            assert_never(answer)


class Store:
    """Both a sink and an observer, as methods of one object."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.steps: list[str] = []

    def keep(self, result: Result) -> None:
        self.results.append(result)

    def watch(self, event: Event) -> None:
        self.steps.append(event.step)


STORE = Store()
WATCH: Observer = STORE.watch
CLIENT = Client(sinks=[STORE.keep], observers=[WATCH, STORE.watch])
