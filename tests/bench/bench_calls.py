"""What imagekit costs: per call and per import, against what it is made of.

``make bench`` runs it. Everything is measured in one run, in turns, on one loopback
server in a process of its own, so that whatever else the machine does befalls all.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROUNDS, CALLS, WARM_UP = 15, 200, 50
STARTS = 15
CALL_AIM, CALL_GOAL, IMPORT_AIM = 1.25, 1.15, 1.3

PROMPT, SIZE, SEED = "a corgi on the beach", "2048x2048", 7
MODEL = "seedream-4.5"
BODY = {"model": MODEL, "prompt": PROMPT, "size": SIZE, "seed": SEED, "watermark": False}
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Authorization": "Bearer bench-key",
}
PATH = "/v1/images/generations"

# --- the server: as little as can be called HTTP ------------------------------------------------

ANSWER = json.dumps(
    {
        "created": 1790000000,
        "model": MODEL,
        "data": [{"url": "https://pictures.invalid/0001.png", "size": SIZE}],
        "usage": {"generated_images": 1, "output_tokens": 16384, "total_tokens": 16384},
    }
).encode()
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
) + ANSWER


class Answering(asyncio.Protocol):
    """Reads a head, skips its body, sends the one reply; keeps the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while True:
            head, found, rest = self.waiting.partition(b"\r\n\r\n")
            _, _, length = head.lower().partition(b"content-length:")
            size = int(length.split(b"\r\n")[0] or 0)
            if not found or len(rest) < size:
                return
            self.waiting = rest[size:]
            self.transport.write(REPLY)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def server() -> Iterator[str]:
    """The server in a process of its own; gives the URL it listens at."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


# --- calls ----------------------------------------------------------------------------------------

Call = Callable[[], object]


def pool_manager(url: str) -> Call:
    import urllib3

    manager = urllib3.PoolManager()

    def call() -> object:
        body = json.dumps(BODY).encode()
        response = manager.request("POST", url + PATH, body=body, headers=HEADERS)
        return json.loads(response.data)["data"][0]["url"]

    return call


def connection_pool(url: str) -> Call:
    import urllib3

    pool = urllib3.connection_from_url(url)

    def call() -> object:
        body = json.dumps(BODY).encode()
        response = pool.urlopen("POST", PATH, body=body, headers=HEADERS)
        return json.loads(response.data)["data"][0]["url"]

    return call


def imagekit_client(url: str) -> Call:
    from imagekit import Client, HostSettings

    client = Client(
        environment={},
        credentials={"token360": "bench-key"},
        hosts={"token360": HostSettings(base_url=f"{url}/v1")},
    )

    def call() -> object:
        address = f"token360:{MODEL}"
        result = client.generate(
            PROMPT, model=address, size=SIZE, seed=SEED, watermark=False, fetch=False
        )
        return result.image.url

    return call


def openai_client(url: str) -> Call:
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="bench-key", max_retries=0)
    extra = {"seed": SEED, "watermark": False}

    def call() -> object:
        result = client.images.generate(model=MODEL, prompt=PROMPT, size=SIZE, extra_body=extra)
        return result.data[0].url

    return call


def contestants(url: str) -> dict[str, Call]:
    """The first is what the others are measured against."""
    calls = {
        "urllib3 PoolManager + json": pool_manager(url),
        "urllib3 HTTPConnectionPool + json": connection_pool(url),
        "imagekit": imagekit_client(url),
    }
    if find_spec("openai"):
        calls["openai"] = openai_client(url)
    else:
        print("openai is not installed: left out")
    return calls


def timed(call: Call, times: int) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        call()
    return (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times


def bench_calls() -> None:
    with server() as url:
        calls = contestants(url)
        expected = json.loads(ANSWER)["data"][0]["url"]
        for name, call in calls.items():
            assert call() == expected, name
            timed(call, WARM_UP)
        rounds = [in_turns(calls, number) for number in range(ROUNDS)]
    base = next(iter(calls))
    print(f"One call, median of {ROUNDS} rounds of {CALLS} calls, in turns\n")
    print(f"{'':36}{'wall µs':>9}{'CPU µs':>9}{'wall':>8}{'CPU':>8}   times {base}")
    for name in calls:
        wall, cpu = (median(r[name][kind] for r in rounds) for kind in (0, 1))
        times = [median(r[name][kind] / r[base][kind] for r in rounds) for kind in (0, 1)]
        shown = f"{wall * 1e6:9.0f}{cpu * 1e6:9.0f}{times[0]:8.2f}{times[1]:8.2f}"
        verdict = aim(times[0], CALL_AIM, f", goal {CALL_GOAL}") if name == "imagekit" else ""
        print(f"{name:36}{shown}{verdict}")


def in_turns(calls: dict[str, Call], number: int) -> dict[str, tuple[float, float]]:
    """One round; each round begins with another contestant."""
    names = list(calls)
    start = number % len(names)
    return {name: timed(calls[name], CALLS) for name in names[start:] + names[:start]}


def aim(ratio: float, most: float, more: str = "") -> str:
    return f"   aim {most} or less{more}: {'met' if ratio <= most else 'MISSED'}"


# --- imports --------------------------------------------------------------------------------------


#: imagekit loads what a name needs when it is used, so this is what an embedder pays.
CLIENT = "from imagekit import Client"


def bench_imports() -> None:
    python = [sys.executable, "-c"]
    parts, cli_parts = "import pluggy, attrs, urllib3", "import pluggy, attrs, urllib3, click"
    starts = {
        "pass": [*python, "pass"],
        parts: [*python, parts],
        "import imagekit": [*python, "import imagekit"],
        CLIENT: [*python, CLIENT],
        cli_parts: [*python, cli_parts],
    }
    if command := help_command():
        starts["imagekit --help"] = command
    else:
        print("\nimagekit --help: there is no command line yet, left out")
    with TemporaryDirectory() as bytecode:
        environment = with_bytecode(bytecode)
        rounds = [
            {name: started(command, environment) for name, command in starts.items()}
            for _ in range(STARTS + 1)
        ][1:]  # the first start of each compiles
    print(f"\nA fresh interpreter, median of {STARTS} starts, in turns\n")
    print(f"{'':36}{'wall ms':>9}{'own ms':>9}{'wall':>8}{'own':>8}   own: without python's start")
    for name in starts:
        base = {"import imagekit": parts, CLIENT: parts, "imagekit --help": cli_parts}.get(name)
        wall = median(r[name] for r in rounds)
        own = median(r[name] - r["pass"] for r in rounds)
        shown = f"{wall * 1e3:9.1f}{own * 1e3:9.1f}"
        if base:
            times = median(r[name] / r[base] for r in rounds)
            own_times = median((r[name] - r["pass"]) / (r[base] - r["pass"]) for r in rounds)
            shown += f"{times:8.2f}{own_times:8.2f}{aim(times, IMPORT_AIM)}"
        print(f"{name:36}{shown}")


def help_command() -> list[str] | None:
    """The console script, or the module behind it, or None while there is neither."""
    script = Path(sys.executable).with_name("imagekit")
    if find_spec("imagekit.cli") is None:
        return None
    if script.is_file():
        return [str(script), "--help"]
    return [sys.executable, "-m", "imagekit.cli", "--help"]


def with_bytecode(folder: str) -> dict[str, str]:
    """Everybody's modules are compiled once and kept, as they are where pip installed them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


def started(command: list[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # a proxy would be what is measured
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    bench_calls()
    bench_imports()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
