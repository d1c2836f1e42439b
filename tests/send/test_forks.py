"""A process that is forked while a client is in use: nobody gets another's picture."""

from __future__ import annotations

import base64
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from imagekit import Blob, FileJournal
from imagekit.testing import Answer, Loopback

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def in_child(work: Callable[[], bool]) -> int:
    """Fork; the child does its work and is gone. Gives its process id."""
    if child := os.fork():
        return child
    signal.alarm(30)  # a child that hangs must not hang the tests
    code = 2
    try:
        code = 0 if work() else 1
    finally:
        os._exit(code)


def codes(children: list[int]) -> list[int]:
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.fixture
def painted(png):
    """The picture of a prompt, and the answer with it: each prompt has one of its own."""

    def picture(prompt: str) -> bytes:
        return png + prompt.encode()

    def answer(seen) -> Answer:
        data = base64.b64encode(picture(seen.json["prompt"])).decode()
        return Answer(json={"data": [{"b64_json": data}]})

    return picture, answer


def test_children_of_a_warm_client_get_their_own_pictures_on_connections_of_their_own(
    garden, painted
):
    picture, answer = painted
    with Loopback(answer) as server:
        client = garden(server.url)

        def right(prompt: str) -> bool:
            return client.generate(prompt, model="lily-1").image.read() == picture(prompt)

        assert right("warm")
        children = [in_child(lambda n=number: right(f"child {n}")) for number in range(6)]
        assert right("parent")
        assert codes(children) == [0] * 6
        assert right("afterwards")
    prompts = {seen.json["prompt"]: seen.connection for seen in server.seen}
    assert [prompts[prompt] for prompt in ("warm", "parent", "afterwards")] == [1, 1, 1]
    assert len(set(prompts.values())) == 1 + 6


def test_an_answer_that_the_parent_awaits_is_the_parents(garden, painted):
    """The child neither reads it nor closes its connection, and its locks are free."""
    picture, answer = painted
    arrived, go = threading.Event(), threading.Event()

    def held(seen) -> Answer:
        if seen.json["prompt"] == "parent":
            arrived.set()
            go.wait(60)
        return answer(seen)

    with Loopback(held) as server, ThreadPoolExecutor(1) as threads:
        client = garden(server.url, concurrency=1)

        def right(prompt: str) -> bool:
            result = client.generate(prompt, model="lily-1", deadline=30.0)
            return result.image.read() == picture(prompt)

        awaited = threads.submit(right, "parent")
        assert arrived.wait(60)
        assert codes([in_child(lambda: right("child"))]) == [0]
        go.set()
        assert awaited.result()


def test_a_child_waits_for_no_lock_that_a_thread_of_the_parent_holds(garden, painted, tmp_path):
    picture, answer = painted
    with Loopback(answer) as server:
        journal = FileJournal(tmp_path)
        client = garden(server.url, journal=journal)
        held = [client._connections, client.plugins, journal]

        def right() -> bool:
            return client.generate("child", model="lily-1").image.read() == picture("child")

        with ExitStack() as locks:
            for one in held:
                locks.enter_context(one._lock)
            with ThreadPoolExecutor(1) as another:  # which holds none of them
                assert codes([another.submit(in_child, right).result()]) == [0]


def test_parent_and_child_read_a_picture_on_disk_each_at_its_own_place():
    """They share one open file, and with it its position: so nobody moves it."""
    data = os.urandom(3 << 20)
    blob = Blob.of(data)

    def right() -> bool:
        places = [place % len(data) for place in range(0, 20_000 * 9_973, 9_973)]
        return all(blob.read_at(place, 8) == data[place : place + 8] for place in places)

    children = [in_child(right) for _ in range(2)]
    assert right()
    assert codes(children) == [0, 0]
