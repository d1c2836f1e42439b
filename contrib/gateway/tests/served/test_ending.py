"""How a gateway ends: told to, it ends what has begun; killed, it leaves nobody on its port."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc"),
]


def end(program: Any, everybody: bool = False) -> None:
    """Tell it to, or each of its processes, as systemd does. Nobody listens from then on, and
    whoever was asked goes on."""
    for process in [program.process.pid, *([program.worker] if everybody else [])]:
        os.kill(process, signal.SIGTERM)
    while program.is_listening:
        time.sleep(0.02)
    program.host.lets.set()


@pytest.mark.parametrize("everybody", [False, True])
def test_what_has_begun_is_answered_though_nobody_listens_any_more(
    start: Any, everybody: bool
) -> None:
    program = start()
    with ThreadPoolExecutor() as pool:
        plain = pool.submit(program.generate)
        streamed = pool.submit(program.generate, stream=True)
        program.host.wait_until_asked()
        program.host.wait_until_asked()
        end(program, everybody)
        assert plain.result().status == 200
        assert b"event: image_generation.completed" in streamed.result().data
    assert program.process.wait(60) == 0


def test_what_clients_that_have_gone_asked_for_is_ended_as_well(start: Any) -> None:
    program = start()
    program.asking(stream=True).close()
    program.asking().close()
    end(program)
    assert program.process.wait(60) == 0
    with program.store() as store:
        assert [str(entry.state) for entry in store.requests()] == ["done", "done"]


def test_when_its_first_process_is_killed_the_other_ends_and_the_port_is_free(start: Any) -> None:
    program = start()
    worker = program.worker
    program.process.kill()
    program.process.wait()
    _gone(worker)
    socket.create_server(("127.0.0.1", program.port)).close()


def test_when_the_one_that_works_is_killed_another_works(start: Any) -> None:
    program = start()
    program.host.lets.set()
    worker = program.worker
    os.kill(worker, signal.SIGKILL)
    _gone(worker)
    while not program.is_listening:
        time.sleep(0.02)
    assert program.generate().status == 200


def _gone(process: int) -> None:
    while Path(f"/proc/{process}").exists():
        time.sleep(0.02)
