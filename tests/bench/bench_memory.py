"""Memory and time of big answers, pictures as b64_json saved to files, and of big requests.

One run, one loopback server in a process of its own, each contestant in a fresh one. Prints
what each needs beyond its idle self, and how much faster than json + base64 it is; of requests,
what large references take beyond small ones.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

MIB = 1 << 20
SIZES = ((1, 8), (15, 16))  # pictures, MiB of each
ROUNDS = 3
MEMORY_AIM = 16  # MiB beyond the idle client
REFERENCES, EACH = 14, 10 * MIB - 1024  # pictures in a request, bytes of each
REQUEST_AIM = 20  # MiB beyond the same request with small ones
SPEED_AIMS = {"imagekit": 2, "imagekit + simd": 5}  # times json + base64

# --- the contestants, each run by name in a process of its own -----------------------------


def with_json(url: str, target: Path) -> Iterator[None]:
    import urllib3

    pool = urllib3.PoolManager()
    yield
    answer = json.loads(pool.request("POST", f"{url}/v1/images/generations", body=b"{}").data)
    for index, item in enumerate(answer["data"]):
        (target / f"{index}.png").write_bytes(base64.b64decode(item["b64_json"]))


def with_openai(url: str, target: Path) -> Iterator[None]:
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1")
    yield
    answer = client.images.generate(model="m", prompt="x", response_format="b64_json")
    for index, item in enumerate(answer.data or []):
        (target / f"{index}.png").write_bytes(base64.b64decode(item.b64_json or ""))


def with_imagekit(url: str, target: Path) -> Iterator[None]:
    from imagekit import Client, HostSettings

    settings = {"powertokens": HostSettings(base_url=url)}
    client = Client(hosts=settings, credentials={"powertokens": "sk-1"}, environment={})
    client.plan("x", model="powertokens:seedream-4.5", response_format="b64_json")
    yield
    answer = client.generate("x", model="powertokens:seedream-4.5", response_format="b64_json")
    for image in answer.images:
        image.save(target / f"{image.index}.png")


def without_simd(url: str, target: Path) -> Iterator[None]:
    sys.modules["pybase64"] = None  # type: ignore[assignment]
    return with_imagekit(url, target)


def with_references(url: str, target: Path, size: int) -> Iterator[None]:
    from imagekit import Client, HostSettings

    paths = [target / f"{number}.png" for number in range(REFERENCES)]
    for path in paths:
        padded_picture(path, size)
    settings = {"powertokens": HostSettings(base_url=url)}
    client = Client(hosts=settings, credentials={"powertokens": "sk-1"}, environment={})
    yield
    client.generate("x", model="powertokens:seedream-4.5", image=paths)


def padded_picture(path: Path, size: int) -> None:
    """A small PNG with a chunk of so many random bytes that no decoder looks at."""
    from imagekit.testing import picture

    small, end, kind = picture(64, 64), 12, b"paDd"
    digest = zlib.crc32(kind)
    with path.open("wb") as file:
        file.write(small[:-end] + size.to_bytes(4, "big") + kind)
        for begin in range(0, size, MIB):
            piece = os.urandom(min(MIB, size - begin))
            digest = zlib.crc32(piece, digest)
            file.write(piece)
        file.write(digest.to_bytes(4, "big") + small[-end:])


CONTESTANTS = {
    "json + base64": with_json,
    "openai": with_openai,
    "imagekit": without_simd,
    "imagekit + simd": with_imagekit,
}
REQUESTS = {
    "small references": lambda url, target: with_references(url, target, 1024),
    "large references": lambda url, target: with_references(url, target, EACH),
}


def contest(name: str, url: str) -> None:
    """Be idle, then do the work; print the peak of both in bytes, and the seconds."""
    import time

    with TemporaryDirectory() as folder:
        work = {**CONTESTANTS, **REQUESTS}[name](url, Path(folder))
        next(work)
        idle = peak_memory()
        begun = time.perf_counter()
        for _ in work:
            pass
        seconds = time.perf_counter() - begun
        saved = sum(path.stat().st_size for path in Path(folder).iterdir())
    print(json.dumps({"idle": idle, "peak": peak_memory(), "seconds": seconds, "saved": saved}))


def peak_memory() -> int:
    """The most resident memory this process has had, in bytes. Linux and macOS."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


# --- the server ------------------------------------------------------------------------------


def serve() -> None:
    """Answers every request with as many pictures as its path to the port says."""
    for count, mebibytes in (*SIZES, (1, 1)):
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=accept, args=(listener, count, mebibytes), daemon=True).start()
    sys.stdin.read()


def accept(listener: socket.socket, count: int, mebibytes: int) -> None:
    block = base64.b64encode(b"\x89PNG\r\n\x1a\n" + os.urandom(3 * 256 * 1024 - 8))
    blocks = mebibytes * MIB * 4 // 3 // len(block)
    length = len(parts := b'{"created":1,"data":[]}') + count * (len(b'{"b64_json":""},')) - 1
    length += count * blocks * len(block)
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    while True:
        connection, _ = listener.accept()
        with connection:
            read_request(connection)
            connection.sendall(head.encode() + parts[:-2])
            for index in range(count):
                connection.sendall(b',{"b64_json":"' if index else b'{"b64_json":"')
                for _ in range(blocks):
                    connection.sendall(block)
                connection.sendall(b'"}')
            connection.sendall(b"]}")
            connection.shutdown(socket.SHUT_WR)


def read_request(connection: socket.socket) -> None:
    """To its end: closing a connection on unread bytes would reset it."""
    with connection.makefile("rb") as request:
        length = 0
        while (line := request.readline().lower()) not in (b"\r\n", b""):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while length > 0:
            length -= len(request.read(min(length, MIB)))


# --- the table ---------------------------------------------------------------------------------


def run(name: str, port: str) -> dict[str, float]:
    command = [sys.executable, __file__, name, f"http://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def compare() -> None:
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    *ports, last = [server.stdout.readline().strip() for _ in (*SIZES, "requests")]
    try:
        for (count, mebibytes), port in zip(SIZES, ports, strict=True):
            print(f"\n{count} x {mebibytes} MiB as b64_json, saved to files, median of {ROUNDS}\n")
            print(f"{'':20}{'seconds':>9}{'MiB/s':>9}{'times json':>12}{'MiB over idle':>15}")
            table({name: [run(name, port) for _ in range(ROUNDS)] for name in CONTESTANTS})
        compare_requests(last)
    finally:
        server.kill()
        server.wait()


def compare_requests(port: str) -> None:
    print(f"\n{REFERENCES} references of {EACH / MIB:.0f} MiB as JSON, median of {ROUNDS}\n")
    print(f"{'':20}{'seconds':>9}{'peak MiB':>12}")
    peaks = []
    for name in REQUESTS:
        found = [run(name, port) for _ in range(ROUNDS)]
        peaks.append(median(one["peak"] for one in found) / MIB)
        print(f"{name:20}{median(one['seconds'] for one in found):9.2f}{peaks[-1]:12.1f}")
    more = peaks[1] - peaks[0]
    print(
        f"large beyond small: {more:.1f} MiB   aim: {REQUEST_AIM} MiB {said(more <= REQUEST_AIM)}"
    )


def table(rounds: dict[str, list[dict[str, float]]]) -> None:
    base = median(found["seconds"] for found in rounds["json + base64"])
    for name, found in rounds.items():
        seconds = median(one["seconds"] for one in found)
        memory = median(one["peak"] - one["idle"] for one in found) / MIB
        speed = found[0]["saved"] / MIB / seconds
        line = f"{name:20}{seconds:9.2f}{speed:9.0f}{base / seconds:12.2f}{memory:15.1f}"
        if name in SPEED_AIMS:
            most = SPEED_AIMS[name]
            line += f"   aims: {most} times {said(base / seconds >= most)}"
            line += f", {MEMORY_AIM} MiB {said(memory <= MEMORY_AIM)}"
        print(line)


def said(met: bool) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    elif len(sys.argv) == 3:
        contest(sys.argv[1], sys.argv[2])
    else:
        compare()
