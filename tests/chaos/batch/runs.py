"""One run: a file, the same command again and again, killed but for the last time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from random import Random

from attrs import frozen

from tests.chaos.batch import program
from tests.chaos.batch.accounts import Account, account_of
from tests.chaos.bills import Sandbox
from tests.chaos.lives import folder

__all__ = ["Run", "run"]

LEASE = 3.0
#: Of answers, this share is lost on its way.
LOST = 0.005
LATENCY = "uniform:0,0.2"
#: Links that are quick to draw, bytes in the answer, jobs, a job that has a name, two paid calls.
SMALL = {"model": "zai:cogview-4", "size": "512x512"}
KINDS: tuple[dict[str, object], ...] = (
    SMALL,
    {"model": "token360:seedream-4.0", "size": "1024x1024", "response_format": "b64_json"},
    SMALL,
    {"model": "klingai:kling-v3"},
    SMALL,
    {"model": "zai:glm-image", "size": "1024x1024"},
    SMALL,
    {"model": "powertokens:seedream-4.5", "n": 2},
    SMALL,
    SMALL,
)


@frozen
class Run:
    """What came of one.

    Attributes:
        seconds: of all commands together.
        peak: KiB of memory of the largest of them.
        code: the exit code of the last.
        log: what they said.
    """

    account: Account
    kills: int
    seconds: float
    peak: int
    code: int
    log: str

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be, in words."""
        return [*self.account.wrong, *([self.log] if "Traceback" in self.log else [])]


def run(count: int, kills: int, seed: int, at_once: int = 16, budget: str = "100000 USD") -> Run:
    """So many lines; killed when about as many are over as chance says."""
    chance = Random(seed)
    with folder() as root, _sandbox(root, seed) as sandbox:
        config = sandbox.configuration(root)
        with config.open("a") as file:
            file.write(f'\n[store]\nurl = "sqlite:///{root}/store.db"\n')
        file_ = root / "prompts.jsonl"
        file_.write_text("".join(_lines(count)))
        command = ["--config", str(config), "batch", "run", str(file_), "-o", str(root / "out")]
        command += ["--at-once", str(at_once), "--budget", budget, "--unknown-price", "1 USD"]
        command += ["--name", "{line}-{custom_id}"]
        began, peak = time.monotonic(), 0
        for over in sorted(chance.randrange(count * 9 // 10) for _ in range(kills)):
            peak = max(peak, _killed(root, command, over))
        code, last = _ended(_started(root, command))
        seconds = time.monotonic() - began
        account = account_of(root / "store.db", root / "out", count, sandbox.ledger())
        log = (root / "log").read_text()
        return Run(account, kills, seconds, max(peak, last), code, log)


def _lines(count: int) -> Iterator[str]:
    for number, kind in enumerate(islice(cycle(KINDS), count)):
        asked = {"custom_id": f"heron {number}", "prompt": f"heron {number}", **kind}
        yield json.dumps(asked) + "\n"


def _started(root: Path, command: list[str]) -> subprocess.Popen[bytes]:
    with (root / "log").open("ab") as log:
        words = [sys.executable, "-m", program.__name__, str(LEASE), *command]
        return subprocess.Popen(words, stdout=log, stderr=log)


def _killed(root: Path, command: list[str], over: int) -> int:
    """In the middle of it, when so many results are there; gives its peak of memory."""
    process = _started(root, command)
    results = root / "out" / "results.jsonl"
    while process.poll() is None and _count(results) < over:
        time.sleep(0.05)
    peak = _peak(process.pid)
    process.kill()
    process.wait()
    return peak


def _peak(pid: int) -> int:
    """KiB of memory."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)


def _ended(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Its exit code and its peak of memory, when it has come to its end by itself."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


@contextmanager
def _sandbox(root: Path, seed: int) -> Iterator[Sandbox]:
    rules = root / "rules.toml"
    rules.write_text(f'seed = {seed}\n[[rules]]\nfault = "lost"\nprobability = {LOST}\n')
    with Sandbox(LATENCY, rules) as sandbox:
        yield sandbox
