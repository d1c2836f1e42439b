"""The server: granian, which calls the application in a process of its own.

Its main process keeps the port, starts the one that works, and again if it dies. SIGTERM closes
the port; what is under way has ``drain`` seconds to end.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import MPServer

from imagekit import tools
from imagekit_gateway.gateway import tracing
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.gateway.opening import open_gateway
from imagekit_gateway.gateway.settings import Settings, address
from imagekit_gateway.serving.app import Application

__all__ = ["Plain", "serve"]

#: Milliseconds for the headers of a request. Until they are here it takes no thread.
HEADERS_WITHIN = 15_000
BACKLOG = 2048
#: Connections that may be open. Idle ones take no thread, and end after a while as well; were they
#: as few as threads, whoever holds so many would keep all others out.
CONNECTIONS = 16_384
#: By which the process that works is told to end: once, by itself, since of two signals the server
#: may hang. What systemd or a terminal sends to every process is for the first one.
OWN_SIGNAL = signal.SIGINT
OTHER_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class _Server(MPServer):
    """One that tells its workers that it ends: granian itself tells nobody before they have.

    What tells them is the end of a pipe, which the system closes where this process is killed.
    """

    def __init__(self, alive: Connection, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._alive = alive
        self._stays = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN

    def signal_handler_interrupt(self, *args: Any, **more: Any) -> None:
        for worker in self.wrks:
            worker.interrupt_by_parent = True  # else one that is quick would count as failed
        self._alive.close()
        super().signal_handler_interrupt(*args, **more)  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *args: Any, **more: Any) -> None:
        """A closed terminal ends it, as it ends all of imagekit, unless ``nohup`` has said that it
        is not to."""
        if not self._stays:
            self.signal_handler_interrupt()


#: Seconds in which requests are still read that were sent before it was told to end: of those
#: that lie in a socket nobody else would know.
ON_THEIR_WAY = 0.25
#: Seconds that the server has to hand over what it has read, before that is counted; it takes them
#: where somebody is slow to send or to read.
HANDED_OVER = 1.0


def serve(choice: tools.Choice, settings: Settings, quiet: bool = False) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        quiet: without a line for each request.
    """
    host, port = address(settings.listen)
    _take_all_files()
    heard, alive = multiprocessing.Pipe(duplex=False)
    server = _Server(
        alive,
        "imagekit_gateway",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        backpressure=CONNECTIONS,
        backlog=BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        respawn_failed_workers=True,
        workers_kill_timeout=max(1, round(settings.drain)),
        log_enabled=False,
        websockets=False,
    )
    loader = partial(_loaded, choice, heard, alive, quiet)
    server.serve(target_loader=loader, wrap_loader=False)


def _loaded(
    choice: tools.Choice, heard: Connection, alive: Connection, quiet: bool
) -> Callable[..., Any]:
    """The application, in the process that works. It is closed with that."""
    alive.close()  # else it would never end here
    os.setsid()  # away from the terminal, whose Ctrl-C is the same signal
    signal.pthread_sigmask(signal.SIG_BLOCK, OTHER_SIGNALS)
    signal.signal(OWN_SIGNAL, signal.SIG_DFL)  # until the server is there, nothing has begun
    _log(quiet)
    ending = threading.Event()
    tracing.set_up()  # here, since what sends spans does not outlive a fork
    gateway = open_gateway(choice, ending)
    working = gateway.work()
    threading.Thread(target=_end, args=(heard, gateway, working)).start()
    return Application(gateway)


def _end(heard: Connection, gateway: Gateway, working: threading.Thread) -> None:
    """Hears that the gateway is to end, and lasts until all that was begun has ended: the process
    waits for it. Where its main process was killed nobody else says so, and the port would stay
    taken by a server that nobody looks after."""
    with contextlib.suppress(EOFError, OSError):
        heard.recv()
    gateway.draining.set()
    time.sleep(ON_THEIR_WAY)
    os.kill(os.getpid(), OWN_SIGNAL)
    working.join()
    threading.main_thread().join(HANDED_OVER)  # which is the server's
    if cut := gateway.under_way.wait(max(0.5, gateway.settings.drain - 1.0 - HANDED_OVER)):
        told = "not finished, and cut off: %s; their records have what comes"
        logging.getLogger("imagekit.gateway").error(told, ", ".join(cut))
        gateway.under_way.wait()
    gateway.close()
    tracing.flush()


def _take_all_files() -> None:
    """Let the process open as many files as the system grants it: every connection is one."""
    try:
        import resource
    except ModuleNotFoundError:  # on Windows there is no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Plain(logging.Formatter):
    """What hosts say in it steers no terminal, and looks like no line of ours."""

    def format(self, record: logging.LogRecord) -> str:
        return tools.hanging(tools.clean(super().format(record)))


def _log(quiet: bool) -> None:
    """What happens, on stderr: requests without a prompt, and what goes wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(Plain("%(asctime)s %(levelname)s %(name)s %(message)s"))
    every = logging.getLogger("imagekit")
    every.handlers[:] = [handler]  # in place of the command line's, which are for people
    every.setLevel(logging.WARNING)
    logging.getLogger("imagekit.gateway.audit").setLevel(logging.ERROR if quiet else logging.INFO)
