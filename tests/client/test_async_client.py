"""AsyncClient under asyncio and trio: the loop goes on, and cancelling tells the truth."""

from __future__ import annotations

import inspect
import logging
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any

import anyio
import pytest

from imagekit import (
    Abandoned,
    AsyncClient,
    Budget,
    Charged,
    Client,
    Config,
    ConfigurationError,
    DeadlineExceeded,
    InvalidRequest,
    Moderated,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RejectedRequest,
    Result,
    UsageError,
    events,
)
from imagekit.testing import Answer, Loopback, Seen

Make = Callable[..., Client]

SLOW_DOWN = Answer(429, {"error": {"code": "slow_down", "message": "x"}}, {"Retry-After": "60"})


@pytest.fixture(params=["asyncio", "trio"])
def loop(request: pytest.FixtureRequest) -> Callable[[Callable[[], Any]], Any]:
    """Runs an async function under each of the two."""
    return lambda main: anyio.run(main, backend=request.param)


class Gate:
    """An answer that comes when a test says so: nothing here depends on time."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.opened = threading.Event()
        self.arrived = threading.Semaphore(0)

    def __call__(self, seen: Seen) -> Answer:
        self.arrived.release()
        assert self.opened.wait(60)
        return self.answer

    async def reached(self) -> None:
        """Returns once a request is at the server."""
        assert await anyio.to_thread.run_sync(lambda: self.arrived.acquire(timeout=60))


@pytest.fixture
def gate(drawn: dict[str, Any]) -> Gate:
    return Gate(Answer(json=drawn))


@pytest.fixture
def left() -> queue.Queue[Abandoned]:
    """What ``on_abandoned=left.put`` was told."""
    return queue.Queue()


# --- as Client -----------------------------------------------------------------------------


#: What docs/embedding.md says that it has not: asked of `AsyncClient.client`.
NOT_AWAITED = {
    *("from_config", "address", "journals", "records"),
    *("credential_advice", "credential_source", "credential_variables"),
}


def test_it_has_the_methods_of_client_with_the_same_arguments():
    own, others = (
        {name for name in vars(kind) if not name.startswith("_")} for kind in (AsyncClient, Client)
    )
    assert others - own == NOT_AWAITED
    assert own - others == {"save"}
    for name in own & others:
        given, wanted = (
            inspect.signature(getattr(kind, name)).parameters for kind in (AsyncClient, Client)
        )
        assert [*given] == [parameter for parameter in wanted if parameter != "stop"]
        method = getattr(AsyncClient, name)
        assert inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)


def test_what_a_request_would_cost_and_what_is_spent_is_awaited_as_well(loop):
    """A store may be asked for both."""
    budget = Config(budget=Budget("5", "USD"))

    async def main() -> None:
        async with AsyncClient(Client(config=budget, environment={})) as client:
            (way,) = await client.ways("a lily", model="sandbox:seedream-4.0", resolution="1K")
            assert way.is_asked
            assert await client.spent() == {"budget": 0}

    loop(main)


def test_everything_that_a_client_does_is_awaited(loop, garden, drawn, png, tmp_path):
    async def main() -> None:
        async with AsyncClient(garden(server.url)) as client:
            assert (await client.route("lily-1")).name == "garden:lily-1"
            assert (await client.plan("a lily", model="lily-1")).problems == ()
            result = await client.generate("a lily", model="lily-1", seed=7)
            assert result.receipt["seed"].value == 7
            path = await client.save(result.image, tmp_path / "lily.png")
            assert path.read_bytes() == png

    with Loopback(Answer(json=drawn)) as server:
        loop(main)


def test_a_picture_behind_a_link_is_downloaded_off_the_loop(loop, garden, png):
    async def main() -> None:
        async with AsyncClient(garden(server.url)) as client:
            result = await client.generate("a lily", model="lily-1", fetch=False)
            assert not result.image.is_here
            image = await client.fetch(result.image)
        assert image.read() == png, "it is here: the client is closed already"

    with Loopback() as server:
        link = Answer(json={"data": [{"url": f"{server.url}/lily.png"}]})
        server.script(link, Answer(body=png))
        loop(main)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"seed": "seven"}, InvalidRequest),
        ({"deadline": 0.0}, DeadlineExceeded),
        ({}, Moderated),
    ],
)
def test_errors_pass_through_unchanged(loop, garden, asked, error):
    refusal = {"error": {"code": "OutputImageSensitiveContentDetected", "message": "no"}}
    seen: list[events.Event] = []

    async def main() -> None:
        async with AsyncClient(garden(server.url, observers=[seen.append])) as client:
            with pytest.raises(error) as caught:
                await client.generate("a lily", model="lily-1", **asked)
            assert seen[-1].error is caught.value

    with Loopback(Answer(400, json=refusal)) as server:
        loop(main)


def test_observers_run_in_the_context_of_the_caller(loop, garden, drawn):
    """So that what they trace or log belongs to the request of the web server it is for."""
    request = ContextVar[str]("request")
    seen: set[str] = set()

    async def main() -> None:
        request.set("GET /lily")
        observer = [lambda event: seen.add(request.get())]
        async with AsyncClient(garden(server.url, observers=observer)) as client:
            await client.generate("a lily", model="lily-1")

    with Loopback(Answer(json=drawn)) as server:
        loop(main)
    assert seen == {"GET /lily"}


# --- many tasks, one loop -------------------------------------------------------------------


def test_many_tasks_share_one_client_and_get_their_own_results(loop, garden, drawn):
    [item] = drawn["data"]
    drawn_for: dict[str, str] = {}

    def echo(seen: Seen) -> Answer:
        return Answer(json={"data": [{**item, "drawn": seen.json["prompt"]}]})

    async def main() -> None:
        async with AsyncClient(garden(server.url)) as client, anyio.create_task_group() as tasks:

            async def draw(prompt: str) -> None:
                result = await client.generate(prompt, model="lily-1")
                drawn_for[prompt] = result.image.metadata["drawn"]

            for number in range(50):
                tasks.start_soon(draw, f"lily {number}")

    with Loopback(echo) as server:
        loop(main)
    assert len(drawn_for) == 50
    assert all(prompt == drawn for prompt, drawn in drawn_for.items())


def test_no_more_calls_are_under_way_than_there_are_threads(loop, garden, drawn):
    lock, under_way, most = threading.Lock(), 0, 0
    full = threading.Barrier(3)

    def counting(seen: Seen) -> Answer:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait(60)  # returns when three are here at once
        with lock:
            under_way -= 1
        return Answer(json=drawn)

    async def main() -> None:
        client = AsyncClient(garden(server.url), concurrency=3)
        async with client, anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(lambda: client.generate("a lily", model="lily-1"))

    with Loopback(counting) as server:
        loop(main)
    assert most == 3


def test_the_loop_goes_on_while_an_answer_is_awaited(loop, garden, gate):
    """The answer comes only after the loop has turned a hundred times."""

    async def tick() -> None:
        await gate.reached()
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        gate.opened.set()

    async def main() -> None:
        async with AsyncClient(garden(server.url)) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(tick)
            assert (await client.generate("a lily", model="lily-1")).images

    with Loopback(gate) as server:
        loop(main)


def test_the_deadline_counts_while_a_thread_is_waited_for(loop, garden, gate):
    """The clock stands at an hour later for whoever gets a thread only now."""
    clock = [0.0]

    async def main() -> None:
        inner = garden(server.url)
        inner.engine = inner.engine.having(monotonic=lambda: clock[0])
        client = AsyncClient(inner, concurrency=1)
        async with client, anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: client.generate("first", model="lily-1"))
            await gate.reached()

            async def second() -> None:
                with pytest.raises(DeadlineExceeded, match="before anything was sent"):
                    await client.generate("second", model="lily-1", deadline=60)

            tasks.start_soon(second)
            await anyio.wait_all_tasks_blocked()
            clock[0] = 3600.0
            gate.opened.set()

    with Loopback(gate) as server:
        loop(main)
        assert [seen.json["prompt"] for seen in server.seen] == ["first"]


# --- cancelling -------------------------------------------------------------------------------


async def cancel_when(reached: Callable[[], Any], call: Callable[[], Any]) -> None:
    """Start a call, and cancel it when ``reached`` returns."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
        await reached()
        tasks.cancel_scope.cancel()


def test_cancelled_while_it_waits_for_a_thread_nothing_is_ever_sent(
    loop, garden, gate, left, caplog
):
    caplog.set_level(logging.INFO, "imagekit")

    async def main() -> None:
        client = AsyncClient(garden(server.url), concurrency=1, on_abandoned=left.put)
        async with client, anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: client.generate("first", model="lily-1"))
            await gate.reached()
            await cancel_when(
                anyio.wait_all_tasks_blocked, lambda: client.generate("second", model="lily-1")
            )
            gate.opened.set()

    with Loopback(gate) as server:
        loop(main)
        assert [seen.json["prompt"] for seen in server.seen] == ["first"]
    told = [message for message in caplog.messages if "cancelled" in message]
    assert told == ["a call of lily-1 was cancelled before it began: nothing was sent"]
    assert left.empty()


def test_cancelled_while_the_answer_is_awaited_the_answer_is_kept(
    loop, garden, gate, left, png, caplog
):
    caplog.set_level(logging.WARNING, "imagekit")
    stored: list[Result] = []

    async def main() -> None:
        inner = garden(server.url, sinks=[stored.append])
        async with AsyncClient(inner, on_abandoned=left.put) as client:
            await cancel_when(gate.reached, lambda: client.generate("a lily", model="lily-1"))
            assert left.empty()
            gate.opened.set()

    with Loopback(gate) as server:
        loop(main)
        assert len(server.seen) == 1
    abandoned = left.get_nowait()
    assert abandoned.result.image.read() == png
    assert (abandoned.model, abandoned.error) == ("lily-1", None)
    assert stored == [abandoned.result]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert caplog.messages == [
        "a call of lily-1 was cancelled while under way: its outcome is unknown until it ends",
        "the cancelled call of garden:lily-1 has finished: 1 made, 0 failed; request id None; "
        "receipt: model mapped, prompt sent",
    ]


def test_cancelled_between_two_attempts_nothing_is_sent_again(loop, garden, left, caplog):
    """The host says to wait a minute: nobody does, and the reason is told."""
    caplog.set_level(logging.INFO, "imagekit")
    waiting = threading.Event()

    def watch(event: events.Event) -> None:
        if isinstance(event, events.Retrying):
            waiting.set()

    async def reached() -> None:
        assert await anyio.to_thread.run_sync(waiting.wait, 20)

    async def main() -> None:
        inner = garden(server.url, observers=[watch], sleep=None)
        async with AsyncClient(inner, on_abandoned=left.put) as client:
            await cancel_when(reached, lambda: client.generate("a lily", model="lily-1"))

    with Loopback(SLOW_DOWN) as server:
        loop(main)
        assert len(server.seen) == 1
    error = left.get_nowait().error
    assert isinstance(error, RateLimited)
    assert error.charged is Charged.NO
    assert (caplog.records[-1].levelname, "charged: no" in caplog.text) == ("INFO", True)


def test_cancelled_and_the_answer_is_lost_the_log_says_that_it_may_be_charged(
    loop, garden, left, caplog
):
    gate = Gate(Answer(cut=0))

    async def main() -> None:
        async with AsyncClient(garden(server.url), on_abandoned=left.put) as client:
            await cancel_when(gate.reached, lambda: client.generate("a lily", model="lily-1"))
            gate.opened.set()

    with Loopback(gate) as server:
        loop(main)
        assert len(server.seen) == 1
    assert isinstance(left.get_nowait().error, OutcomeUnknown)
    assert "the cancelled call of lily-1 has failed; charged: maybe" in caplog.messages[-1]


def test_a_call_that_nobody_waits_for_still_takes_its_thread(loop, garden, drawn, left):
    gates = [Gate(Answer(json=drawn)), Gate(Answer(json=drawn))]

    async def main() -> None:
        client = AsyncClient(garden(server.url), concurrency=1, on_abandoned=left.put)
        async with client, anyio.create_task_group() as tasks:
            await cancel_when(gates[0].reached, lambda: client.generate("1", model="lily-1"))
            tasks.start_soon(lambda: client.generate("2", model="lily-1"))
            await anyio.wait_all_tasks_blocked()
            assert len(server.seen) == 1
            gates[0].opened.set()
            await gates[1].reached()
            gates[1].opened.set()

    with Loopback(*gates) as server:
        loop(main)
    assert left.qsize() == 1


def test_without_a_loop_the_answer_still_comes(loop, garden, gate, left):
    """The loop has ended, the client was never closed: what was paid for is not lost."""
    client: AsyncClient

    async def main() -> None:
        nonlocal client
        client = AsyncClient(garden(server.url), on_abandoned=left.put)
        await cancel_when(gate.reached, lambda: client.generate("a lily", model="lily-1"))

    with Loopback(gate) as server:
        loop(main)
        gate.opened.set()
        assert left.get(timeout=60).result.images


def test_a_callback_that_fails_is_logged(loop, garden, gate, caplog):
    def broken(abandoned: Abandoned) -> None:
        raise ValueError("out of ink")

    async def main() -> None:
        async with AsyncClient(garden(server.url), on_abandoned=broken) as client:
            await cancel_when(gate.reached, lambda: client.generate("a lily", model="lily-1"))
            gate.opened.set()

    with Loopback(gate) as server:
        loop(main)
    assert caplog.messages[-1] == "on_abandoned failed for a call of lily-1"
    assert "out of ink" in caplog.text


# --- closing ------------------------------------------------------------------------------------


def test_closing_waits_for_what_is_under_way_and_sends_nothing_more(loop, garden, gate):
    errors: list[Exception] = []

    async def main() -> None:
        client = AsyncClient(garden(server.url), concurrency=1)
        async with anyio.create_task_group() as tasks:

            async def draw(prompt: str) -> None:
                try:
                    assert (await client.generate(prompt, model="lily-1")).images
                except NotSent as error:
                    errors.append(error)
                    gate.opened.set()  # only now: the others need not wait for the first

            tasks.start_soon(draw, "first")
            await gate.reached()
            tasks.start_soon(draw, "second")
            await anyio.wait_all_tasks_blocked()
            await client.close()
        with pytest.raises(UsageError, match="is closed"):
            await client.generate("third", model="lily-1")

    with Loopback(gate) as server:
        loop(main)
        assert [seen.json["prompt"] for seen in server.seen] == ["first"]
    assert [str(error) for error in errors] == ["the client was closed before anything was sent"]


def test_closing_can_be_cancelled_and_the_answer_still_comes(loop, garden, gate, left):
    async def main() -> None:
        client = AsyncClient(garden(server.url), on_abandoned=left.put)
        await cancel_when(gate.reached, lambda: client.generate("a lily", model="lily-1"))
        await cancel_when(anyio.wait_all_tasks_blocked, client.close)
        gate.opened.set()

    with Loopback(gate) as server:
        loop(main)
        assert left.get(timeout=60).result.images


def test_closing_twice_is_closing(loop, garden):
    async def main() -> None:
        async with AsyncClient(garden("http://127.0.0.1:1")) as client:
            await client.close()

    loop(main)


# --- the synchronous half of it --------------------------------------------------------------


def test_a_thread_can_stop_a_call_of_another(garden):
    """What AsyncClient is built on, for programs with threads of their own."""
    stop = threading.Event()
    stop.set()
    with Loopback() as server:
        with pytest.raises(NotSent, match="stopped before anything was sent") as caught:
            garden(server.url).generate("a lily", model="lily-1", stop=stop)
        assert server.connections == 0
    assert caught.value.charged is Charged.NO


def test_what_a_closed_client_does_not_send_is_certainly_not_sent(garden, drawn):
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url)
        client.generate("a lily", model="lily-1")
        client.close()
        with pytest.raises(NotSent, match="the client is closed") as caught:
            client.generate("a lily", model="lily-1")
    assert caught.value.charged is Charged.NO
    assert len(server.seen) == 1


def test_without_anyio_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anyio", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'imagekit\[async\]'"):
        AsyncClient()


# --- streams -----------------------------------------------------------------------------------


def test_a_stream_is_iterated_without_blocking_the_loop(loop, garden, drawn):
    gate = threading.Event()
    ticks = []

    def slow(seen):
        gate.wait(60)
        return Answer(json=drawn)

    async def tick() -> None:
        while not gate.is_set():
            ticks.append(1)
            if len(ticks) == 5:
                gate.set()
            await anyio.sleep(0.01)

    async def main() -> None:
        async with AsyncClient(garden(server.url)) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(tick)
            told = [event async for event in client.stream("a lily", model="lily-1")]
        assert [type(event) for event in told] == [
            events.Sending,
            events.Received,
            events.Picture,
            events.Finished,
        ]

    with Loopback(slow) as server:
        loop(main)


def test_a_stream_tells_of_silence_and_raises_what_the_call_fails_with(loop, garden):
    async def main() -> None:
        async with AsyncClient(garden(server.url)) as client:
            stream = client.stream("a lily", model="lily-1", heartbeat=0.05)

            async def read() -> None:
                async for event in stream:
                    if isinstance(event, events.Heartbeat):
                        beaten.set()

            with pytest.raises(RejectedRequest):
                await read()
        assert beaten.is_set()

    beaten = threading.Event()

    def slow(seen):
        beaten.wait(60)
        return Answer(400, json={})

    with Loopback(slow) as server:
        loop(main)


def test_leaving_a_stream_stops_what_may_still_cost(loop, garden, drawn):
    async def main() -> None:
        async with AsyncClient(garden(server.url, concurrency=1)) as client:
            stream = client.stream("a lily", model="lily-1", n=3)
            async with aclosing(stream):
                async for event in stream:
                    if isinstance(event, events.Sending):
                        break

    with Loopback(Answer(json=drawn)) as server:
        loop(main)
    assert len(server.seen) <= 2
