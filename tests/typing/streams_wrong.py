"""Slips in programs that are told while it happens."""

from imagekit import Client, Result
from imagekit.events import Event, Finished, Heartbeat, Observer, Picture


def loop(client: Client) -> Result:
    for event in client.stream("a corgi", heart_beat=5):  # wrong: call-arg, reportCallIssue
        if isinstance(event, Picture):
            event.picture  # wrong: attr-defined, reportAttributeAccessIssue
    return client.stream("a corgi")  # wrong: return-value, reportReturnType


def kinds(event: Event, end: Finished) -> None:
    event.image  # wrong: attr-defined, reportAttributeAccessIssue
    event.route = "another"  # wrong: misc, reportAttributeAccessIssue
    end.result.picture  # wrong: attr-defined, reportAttributeAccessIssue


def watch(event: Picture) -> None:
    event.image.read()


def read(image: bytes) -> None:
    image.decode()


OBSERVER: Observer = watch  # wrong: assignment, reportAssignmentType
CLIENT = Client(sinks=[read], observers=[watch])  # wrong: list-item, reportArgumentType
BEAT = Heartbeat()  # wrong: call-arg, reportCallIssue
