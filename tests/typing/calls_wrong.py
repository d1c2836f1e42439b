"""Slips in programs that call, each with what reports it."""

from pathlib import Path

from imagekit import Client, Config, HostSettings, Image, Parameters, Pending, Result, Retry
from imagekit import Clent  # wrong: attr-defined, reportAttributeAccessIssue

UNKNOWN: Parameters = {"raito": "16:9"}  # wrong: typeddict-unknown-key, reportAssignmentType
MISTYPED: Parameters = {"n": "2"}  # wrong: typeddict-item, reportAssignmentType


def clients() -> None:
    Client("imagekit.toml")  # wrong: call-arg, reportCallIssue
    Client(credentials={"ark": 7})  # wrong: dict-item, reportArgumentType
    Client(creds={"ark": "secret"})  # wrong: call-arg, reportCallIssue
    Client(hosts={"ark": "http://localhost:1"})  # wrong: dict-item, reportArgumentType
    Client(concurrency="8")  # wrong: arg-type, reportArgumentType
    Client(observers=print)  # wrong: arg-type, reportArgumentType
    Client(retry=3)  # wrong: arg-type, reportArgumentType
    Client(journal=print)  # wrong: arg-type, reportArgumentType
    Client(sharing=print)  # wrong: arg-type, reportArgumentType
    Client(budget=5)  # wrong: arg-type, reportArgumentType
    Client.from_config(config=Config())  # wrong: call-arg, reportCallIssue
    Client.from_config(sandbox="yes")  # wrong: arg-type, reportArgumentType
    HostSettings(base="http://localhost:1")  # wrong: call-arg, reportCallIssue
    Retry(attempt=1)  # wrong: call-arg, reportCallIssue


def calls(client: Client, image: Image) -> None:
    client.generate("a corgi", "ark:seedream-4.5")  # wrong: call-arg, reportCallIssue
    client.generate(prompt=b"a corgi")  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", sede=7)  # wrong: call-arg, reportCallIssue
    client.generate("a corgi", seed="7")  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", size=(1024, 1024))  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", n=1.5)  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", on_unsupported="adopt")  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", image=7)  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", mask=[image])  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", heartbeat=1.0)  # wrong: call-arg, reportCallIssue
    client.generate("a corgi", deadline="30s")  # wrong: arg-type, reportArgumentType
    client.plan("a corgi", deadline=30)  # wrong: call-arg, reportCallIssue
    client.generate("a corgi", id=7)  # wrong: arg-type, reportArgumentType
    client.generate("a corgi", part=1)  # wrong: call-arg, reportCallIssue
    client.look("task-1")  # wrong: arg-type, reportArgumentType


def outcomes(client: Client, result: Result) -> None:
    client.begin("a corgi").images  # wrong: union-attr, reportAttributeAccessIssue
    client.generate("a corgi").wait  # wrong: attr-defined, reportAttributeAccessIssue
    result.image.pixels[0]  # wrong: index, reportOptionalSubscript
    result.image.url.upper()  # wrong: union-attr, reportOptionalMemberAccess
    result.images.append(result.image)  # wrong: attr-defined, reportAttributeAccessIssue
    result.model = "another"  # wrong: misc, reportAttributeAccessIssue
    result.image.save(overwrite=True)  # wrong: call-arg, reportCallIssue
    client.fetch(result)  # wrong: arg-type, reportArgumentType
    result.usage.total_tokens  # wrong: union-attr, reportOptionalMemberAccess


def jobs(client: Client, pending: Pending) -> Result:
    return client.look(pending)  # wrong: return-value, reportReturnType


def saved(result: Result) -> list[str]:
    return [image.save(Path(image.extension)) for image in result.images]  # wrong: misc, reportReturnType
