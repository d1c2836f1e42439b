"""Bad weather: a store that is gone, a disk that is full, a host that takes ten minutes. Nothing
is bought twice, and nothing that was paid for is lost."""

from __future__ import annotations

import base64
import json
import resource
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit.testing import Answer, Loopback, Seen, picture_base64
from imagekit_store import Store, StoreUnavailable
from imagekit_store.database import engines
from imagekit_store.ledger import journal
from imagekit_store.ledger import writing

PICTURE = picture_base64(64, 64)


# --- a store that does not take it ----------------------------------------------------------------


@define(eq=False)
class Host:
    """One that draws when it is let, and counts what was bought."""

    lets: threading.Event = field(factory=threading.Event)
    asked: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))
    bought: int = 0

    def answer(self, seen: Seen) -> Answer:
        self.bought += 1
        self.asked.release()
        assert self.lets.wait(60)
        return Answer(json={"created": 1, "data": [{"b64_json": PICTURE}]})


class Lock:
    """Somebody else who holds the database."""

    def __init__(self, folder: Path) -> None:
        options: Any = {"isolation_level": None, "check_same_thread": False}
        self._other = sqlite3.connect(folder / "store.db", **options)

    def begin(self) -> None:
        self._other.execute("begin exclusive")

    def end(self) -> None:
        self._other.execute("rollback")

    def close(self) -> None:
        self._other.close()


class FullDisk:
    """No file of this process grows."""

    def __init__(self, folder: Path) -> None:
        self._soft, self._hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def begin(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, self._hard))

    def end(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._soft, self._hard))

    def close(self) -> None:
        self.end()


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def served(
    run: Any, played: Any, upstreams: Upstreams, host: Host, tmp_path: Path, monkeypatch: Any
) -> Iterator[Any]:
    """A gateway that soon gives a store up, before a host of which a test decides when it draws."""
    monkeypatch.setattr(engines, "LOCKED", 0.2)
    for name, room in [("PATIENCE", journal), ("PATIENCE", writing), ("BEFORE", journal)]:
        monkeypatch.setattr(room, name, 0.2)
    with Loopback(host.answer) as loopback:
        known = played(upstreams).hosts["token360"]
        hosts = {"token360": evolve(known, base_url=f"{loopback.url}/v1")}
        with run(tmp_path, upstreams, prefer=("token360",), hosts=hosts) as served:
            yield served


@pytest.fixture(params=[Lock, FullDisk])
def storm(request: pytest.FixtureRequest, served: Any, tmp_path: Path) -> Iterator[Any]:
    storm = request.param(tmp_path)
    yield storm
    storm.close()


def test_nothing_is_bought_that_could_not_be_written_down(
    served: Any, host: Host, storm: Any
) -> None:
    storm.begin()
    refused = served.generate()
    storm.end()
    assert (refused.status, refused.error["code"]) == (503, "store_unavailable")
    assert (refused.error["charged"], refused.headers["x-should-retry"]) == ("no", "true")
    assert host.bought == 0
    host.lets.set()
    assert served.generate().status == 200


def drawn_in(storm: Any, served: Any, host: Host, **fields: Any) -> Any:
    """The answer to a request whose picture comes when the store takes nothing."""
    made: list[Any] = []
    waiting = threading.Thread(target=lambda: made.append(served.generate(**fields)))
    waiting.start()
    host.asked.acquire()
    storm.begin()
    host.lets.set()
    waiting.join()
    storm.end()
    return made[0]


def test_a_picture_that_the_store_does_not_take_is_given_to_the_client_at_least(
    served: Any, host: Host, storm: Any
) -> None:
    made = drawn_in(storm, served, host)
    assert made.status == 200
    (picture,) = made.json["data"]
    assert base64.b64decode(picture["b64_json"]) == base64.b64decode(PICTURE)
    assert "the store has not taken it, so it is only here" in made.json["metadata"]["notes"]
    assert made.json["metadata"]["charged"] == "yes"
    assert host.bought == 1


def test_a_stream_gives_what_the_store_does_not_take_as_well(
    served: Any, host: Host, storm: Any
) -> None:
    made = drawn_in(storm, served, host, stream=True)
    (event,) = [json.loads(line[6:]) for line in made.body.splitlines() if line[:6] == b"data: "]
    assert event["type"] == "image_generation.completed"
    assert base64.b64decode(event["b64_json"]) == base64.b64decode(PICTURE)
    assert "the store has not taken it, so it is only here" in event["metadata"]["notes"]
    assert host.bought == 1


def test_what_is_written_down_already_is_not_said_to_be_free(
    served: Any, host: Host, tmp_path: Path
) -> None:
    """Its store goes away while it is waited for."""
    headers = {"Prefer": "respond-async, wait=30"}
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(served.generate(headers=headers)))
    waiting.start()
    host.asked.acquire()
    store = tmp_path / "store.db"
    store.rename(tmp_path / "away")
    waiting.join()
    (tmp_path / "away").rename(store)
    host.lets.set()
    (told,) = answers
    assert (told.status, told.error["code"]) == (424, "still_running")
    assert (told.error["charged"], told.headers["x-should-retry"]) == ("maybe", "false")
    made = served.get(f"{told.headers['Location']}?wait=60").json
    assert (made["status"], host.bought) == ("completed", 1)


def test_what_may_be_written_down_is_not_said_to_be_free(served: Any, monkeypatch: Any) -> None:
    """A commit whose answer is lost, and a database that stays away."""

    def lost(*_: Any, **__: Any) -> str:
        error = StoreUnavailable("the connection broke at /srv/store.db")
        error.is_perhaps_written = True
        raise error

    monkeypatch.setattr(Store, "ask", lost)
    told = served.generate(headers={"Prefer": "respond-async"})
    assert (told.status, told.error["code"], told.error["charged"]) == (
        424,
        "outcome_unknown",
        "maybe",
    )
    assert told.headers["Location"].endswith(told.error["record"])
    assert b"/srv" not in told.body


@pytest.mark.parametrize("headers", [{}, {"Prefer": "respond-async, wait=30"}])
def test_who_waits_for_what_is_deleted_is_told_so(
    served: Any, host: Host, headers: dict[str, str]
) -> None:
    key = {"Idempotency-Key": "k", **headers}
    first = threading.Thread(target=served.generate, kwargs={"headers": key})
    first.start()
    host.asked.acquire()
    host.lets.set()
    first.join()
    (record,) = served.get("/v1/images").json["data"]
    served.ask("DELETE", f"/v1/images/{record['id']}")
    again = served.generate(headers=key)
    assert (again.status, again.error["code"]) == (404, "deleted")


# --- a host that takes its time -------------------------------------------------------------------


@pytest.mark.parametrize("upstreams", [[Rule("delay:600")]], indirect=True)
def test_a_host_that_takes_ten_minutes_is_not_waited_for_and_not_asked_again(
    serving: Any, upstreams: Upstreams
) -> None:
    served = serving(deadline=3.0)
    refused = served.generate(headers={"Idempotency-Key": "k"})
    assert (refused.status, refused.error["code"]) == (424, "outcome_unknown")
    record = served.get(refused.headers["Location"]).json
    assert (record["status"], record["error"]["charged"]) == ("failed", "maybe")
    again = served.generate(headers={"Idempotency-Key": "k"})
    assert (again.status, again.error["record"]) == (424, refused.error["record"])
    assert len(upstreams.ledger.entries) == 1


def test_a_job_that_takes_ten_minutes_goes_on_and_its_record_says_so(
    run: Any, tmp_path: Path
) -> None:
    with (
        Upstreams(latency="600") as upstreams,
        run(tmp_path, upstreams, deadline=3.0) as served,
    ):
        refused = served.generate(model="klingai:kling-image-o1")
        assert (refused.status, refused.error["code"]) == (424, "still_running")
        assert (refused.error["charged"], refused.headers["x-should-retry"]) == ("maybe", "false")
        record = served.get(refused.headers["Location"])
        assert (record.json["status"], record.headers["Retry-After"]) == ("processing", "2")
        content = served.get(f"{refused.headers['Location']}/content")
        assert (content.status, content.error["code"]) == (400, "image_not_ready")
        deleted = served.ask("DELETE", refused.headers["Location"])
        assert (deleted.status, deleted.error["code"]) == (409, "not_over")
