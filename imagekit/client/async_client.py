"""The `Client` for programs with an event loop: asyncio or trio, through anyio."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from imagekit.client.abandoned import Abandoned, log_end
from imagekit.client.argument_checks import heartbeats
from imagekit.client.catalogue import Catalogue
from imagekit.client.client import Client
from imagekit.client.mailbox import Mailbox, in_this_loop
from imagekit.client.plan import Plan
from imagekit.errors import ConfigurationError, DeadlineExceeded, NotSent, UsageError
from imagekit.events import Event
from imagekit.plan.parameters import Parameters
from imagekit.plan.routes.route import Route
from imagekit.values import Image, Pending, Result

if TYPE_CHECKING:
    from imagekit.client.candidates import Way

__all__ = ["AsyncClient"]

T = TypeVar("T")

log = logging.getLogger("imagekit")


class AsyncClient:
    """A `Client` whose methods are awaited. Everything that could block runs in threads of
    its own; the event loop never waits.

    May be made anywhere and shared by all tasks. Close it, or use it as an async context
    manager.

    Cancelling a call says truthfully what became of it. What waits for a thread is never
    sent. A call that is under way goes on to its end, since its answer may be paid for:
    nothing more that costs is sent for it, sinks get its result, the log of ``imagekit``
    says what happened, and ``on_abandoned`` is told.

    Args:
        client: the client to use, and to close; one with every default when not given.
        concurrency: how many threads, and so how many calls at once, those included that
            nobody waits for any more. The others wait for their turn.
        on_abandoned: called with an `Abandoned` for every call whose caller was cancelled
            while it was under way; in a thread of its own.

    Raises:
        ConfigurationError: anyio is not installed.
    """

    def __init__(
        self,
        client: Client | None = None,
        *,
        concurrency: int = 8,
        on_abandoned: Callable[[Abandoned], object] | None = None,
    ) -> None:
        try:
            import anyio  # noqa: F401
        except ModuleNotFoundError:
            missing = "AsyncClient needs anyio: pip install 'imagekit[async]'"
            raise ConfigurationError(missing) from None
        self.client = client or Client()
        self._on_abandoned = on_abandoned
        self._threads = ThreadPoolExecutor(concurrency, "imagekit")
        self._attendants: list[threading.Thread] = []
        self._stops: set[threading.Event] = set()
        self._closed = False

    # --- as on Client -----------------------------------------------------------------------

    async def generate(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        fetch: bool = True,
        id: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Result:
        """`Client.generate`. The deadline counts from now, waiting for a thread included."""
        left = self._left(deadline)
        with self._stopping() as stop:
            return await self._run(
                lambda: self.client.generate(
                    prompt,
                    model=model,
                    deadline=left(),
                    stop=stop,
                    fetch=fetch,
                    id=id,
                    **parameters,
                ),
                self._leaving(stop, model),
            )

    async def stream(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        fetch: bool = True,
        heartbeat: float | None = None,
        id: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> AsyncGenerator[Event]:
        """`Client.stream`. Everything it raises is raised while iterating.

        Whoever leaves the loop early closes the iterator (``contextlib.aclosing``): only then
        is the call stopped at once.
        """
        heartbeats(heartbeat)
        left = self._left(deadline)
        mailbox = Mailbox()
        with self._stopping() as stop:

            def work() -> Result:
                generate = self.client._streaming(prompt, model, left(), fetch, id, parameters)
                return generate(mailbox.put, stop)

            future = self._submit(work)
            future.add_done_callback(lambda _: mailbox.close())
            try:
                while (event := await mailbox.next(heartbeat)) is not None:
                    yield event
            except BaseException:  # GeneratorExit and cancellation among them
                self._leaving(stop, model)(future)
                raise
        _outcome(future)

    async def begin(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        fetch: bool = True,
        id: str | None = None,
        part: int | None = None,
        patience: float | None = None,
        **parameters: Unpack[Parameters],
    ) -> Result | Pending:
        """`Client.begin`."""
        left = self._left(deadline)
        return await self._run(
            lambda: self.client.begin(
                prompt,
                model=model,
                deadline=left(),
                fetch=fetch,
                id=id,
                part=part,
                patience=patience,
                **parameters,
            ),
            lambda future: self._leave(future, self._named(model)),
        )

    async def reserve(
        self,
        prompt: str,
        *,
        id: str,
        model: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> None:
        """`Client.reserve`."""
        await self._run(lambda: self.client.reserve(prompt, id=id, model=model, **parameters))

    async def look(
        self, pending: Pending, *, deadline: float | None = None, fetch: bool = True
    ) -> Result | Pending:
        """`Client.look`."""
        return await self._run(
            lambda: self.client.look(pending, deadline=deadline, fetch=fetch),
            lambda future: self._leave(future, f"{pending.host}:{pending.model}"),
        )

    async def fetch(self, image: Image, *, deadline: float | None = None) -> Image:
        """`Client.fetch`."""
        return await self._run(lambda: self.client.fetch(image, deadline=deadline))

    async def plan(
        self,
        prompt: str,
        *,
        model: str | None = None,
        streamed: bool = False,
        id: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Plan:
        """`Client.plan`."""
        return await self._run(
            lambda: self.client.plan(prompt, model=model, streamed=streamed, id=id, **parameters)
        )

    async def ways(
        self, prompt: str, *, model: str | None = None, **parameters: Unpack[Parameters]
    ) -> tuple[Way, ...]:
        """`Client.ways`."""
        return await self._run(lambda: self.client.ways(prompt, model=model, **parameters))

    async def spent(self) -> Mapping[str, Decimal]:
        """`Client.spent`."""
        return await self._run(self.client.spent)

    async def resume(
        self, pending: Pending, *, deadline: float | None = None, fetch: bool = True
    ) -> Result:
        """`Client.resume`."""
        return await self._run(
            lambda: self.client.resume(pending, deadline=deadline, fetch=fetch),
            lambda future: self._leave(future, f"{pending.host}:{pending.model}"),
        )

    async def route(self, model: str | None = None) -> Route:
        """`Client.route`."""
        return await self._run(lambda: self.client.route(model))

    async def routes(self, model: str | None = None) -> tuple[Route, ...]:
        """`Client.routes`."""
        return await self._run(lambda: self.client.routes(model))

    async def models_at(self, host: str) -> Catalogue:
        """`Client.models_at`."""
        return await self._run(lambda: self.client.models_at(host))

    async def close(self) -> None:
        """Close the client when everything under way has come to its end.

        Nothing more is sent that may cost: calls that wait for a thread, or to be sent
        again, end with an error at once. Cancel this to wait no longer: calls under way
        still get the answer they wait for, and a job that is not done then ends with an
        error that carries it, to be resumed.
        """
        from anyio import CapacityLimiter, to_thread

        self._closed = True
        for stop in list(self._stops):
            stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        try:
            await to_thread.run_sync(
                self._wait_for_all, abandon_on_cancel=True, limiter=CapacityLimiter(1)
            )
        finally:
            self.client.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # --- pictures ---------------------------------------------------------------------------

    async def save(self, image: Image, path: str | Path, *, overwrite: bool = False) -> Path:
        """`Image.save`, with the download it may need."""
        return await self._run(lambda: image.save(path, overwrite=overwrite))

    # --- from the loop to a thread and back ---------------------------------------------------

    async def _run(
        self,
        work: Callable[[], T],
        leave: Callable[[Future[T]], object] = Future.cancel,
    ) -> T:
        """``work`` done in a thread. ``leave`` is called when its awaiter is cancelled."""
        import anyio

        answered = anyio.Event()
        wake = in_this_loop(answered.set)
        future = self._submit(work)
        future.add_done_callback(lambda _: wake())
        try:
            await answered.wait()
        except BaseException:
            leave(future)
            raise
        return _outcome(future)

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise UsageError("this AsyncClient is closed")
        return self._threads.submit(copy_context().run, work)

    def _left(self, deadline: float | None) -> Callable[[], float | None]:
        """What is left of a deadline that counts from now."""
        if deadline is None:
            return lambda: None
        clock = self.client.engine.exchange.monotonic
        end = clock() + deadline
        return lambda: end - clock()

    @contextmanager
    def _stopping(self) -> Iterator[threading.Event]:
        """What stops a call that may still send something that costs."""
        stop = threading.Event()
        self._stops.add(stop)
        try:
            yield stop
        finally:
            self._stops.discard(stop)

    def _leaving(self, stop: threading.Event, model: str | None) -> Callable[[Future[Any]], None]:
        def leave(future: Future[Any]) -> None:
            stop.set()
            self._leave(future, self._named(model))

        return leave

    def _named(self, model: str | None) -> str:
        return model or self.client.config.default_model or "the default model"

    def _wait_for_all(self) -> None:
        self._threads.shutdown()
        for attendant in self._attendants:  # that wait for nothing any more but their callback
            attendant.join()

    # --- calls that nobody waits for any more ---------------------------------------------------

    def _leave(self, future: Future[Any], model: str) -> None:
        if future.cancel():
            log.info("a call of %s was cancelled before it began: nothing was sent", model)
            return
        log.warning(
            "a call of %s was cancelled while under way: its outcome is unknown until it ends",
            model,
        )
        attendant = threading.Thread(target=self._attend, args=(future, model))
        self._attendants = [*filter(threading.Thread.is_alive, self._attendants), attendant]
        attendant.start()

    def _attend(self, future: Future[Any], model: str) -> None:
        """Wait for the end in place of the caller, and tell who asked to be told."""
        error = future.exception()
        made = None if error else future.result()
        if isinstance(made, Pending):  # it has only begun, and costs what the job does
            made, error = None, DeadlineExceeded("nobody waits for this job", pending=made)
        abandoned = Abandoned(model, made, error)
        log_end(abandoned)
        if self._on_abandoned is None:
            return
        try:
            self._on_abandoned(abandoned)
        except Exception:
            log.exception("on_abandoned failed for a call of %s", model)


def _outcome(future: Future[T]) -> T:
    """What it gave; it has ended."""
    if future.cancelled():
        raise NotSent("the client was closed before anything was sent", retryable=False)
    return future.result()
