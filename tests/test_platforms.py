"""What only POSIX has is asked for first, and done without where it is not there.

No test here ran on Windows. They take away what Python lacks there, and make open files and
directories as stubborn; docs/platforms.md says what follows.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted(
    path
    for folder in (ROOT / "imagekit", *(ROOT / "plugins").glob("*/*/imagekit_*"))
    for path in folder.rglob("*.py")
)

#: Names that Python has on POSIX alone, by its own manual; not all, but all one might reach for.
POSIX_ALONE = {
    "os": """copy_file_range fchown fork forkpty geteuid getgid getegid getpgid getuid killpg
        lchown mkfifo nice pread preadv pwrite register_at_fork sendfile setsid statvfs sync
        uname wait O_CLOEXEC O_DIRECTORY O_DSYNC O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC""",
    "signal": """alarm pause pthread_kill pthread_sigmask setitimer siginterrupt sigwait SIGALRM
        SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2""",
    "socket": "AF_UNIX MSG_DONTWAIT MSG_NOSIGNAL SO_REUSEPORT sethostname",
}
MODULES = "fcntl grp posix pty pwd resource syslog termios tty"


def posix_names(source: str) -> set[str]:
    """The names of POSIX alone that a module takes for granted as ``os.NAME`` or imports."""
    known = {(module, name) for module, names in POSIX_ALONE.items() for name in names.split()}
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if (module, name) in known:
                found.add(name)
            case ast.Import(names=names):
                found |= {alias.name for alias in names} & set(MODULES.split())
    return found


def is_asked_for(name: str, source: str) -> bool:
    """Whether the module looks whether it is there, or catches that it is not."""
    missing = "ImportError" if name in MODULES.split() else "AttributeError"
    return bool(re.search(rf'(hasattr|getattr)\(\w+, "{name}"|except .*\b{missing}\b', source))


def test_what_only_posix_has_is_asked_for_first() -> None:
    taken = []
    for path in CODE:
        source = path.read_text(encoding="utf-8")
        names = [name for name in sorted(posix_names(source)) if not is_asked_for(name, source)]
        taken += [f"{path.relative_to(ROOT)}: {name}" for name in names]
    assert not taken


def test_what_is_taken_for_granted_is_found() -> None:
    assert posix_names("import fcntl, os\nos.geteuid()") == {"fcntl", "geteuid"}
    assert not is_asked_for("geteuid", "import os\nos.geteuid()")


#: Python as it is on Windows, as far as can be had here; what follows runs in it.
WITHOUT = (
    """
import os, signal, socket, stat, sys, types
import asyncio, platformdirs, subprocess, tempfile  # they ask what system it is, and believe it
import fcntl

def locking(descriptor, mode, length):
    assert (mode, length) == (2, 1)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

for name in MODULES.split():
    sys.modules[name] = None
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=locking)
for module, names in POSIX_ALONE.items():
    for name in names.split():
        vars(sys.modules[module]).pop(name, None)

def is_open(path):
    there = os.path.realpath(path)
    return there in {os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")}

def refusing(really, refused):
    def instead(path, *more, **named):
        if refused(path):
            raise PermissionError(13, "Permission denied", path)
        return really(path, *more, **named)
    return instead

tempfile.TemporaryFile = tempfile.NamedTemporaryFile
os.unlink = os.remove = refusing(os.unlink, is_open)
os.open = refusing(os.open, os.path.isdir)
""".replace("MODULES", repr(MODULES))
    .replace("POSIX_ALONE", repr(POSIX_ALONE))
    .lstrip()
)

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="which files are open is looked up in /proc"
)


def run(code: str, folder: Path) -> str:
    """What it prints, in a Python without what Windows lacks."""
    command = [sys.executable, "-W", "error", "-c", WITHOUT + code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@needs_proc
def test_every_module_can_be_imported(tmp_path: Path) -> None:
    code = """
import importlib, pkgutil, imagekit
for found in pkgutil.walk_packages(imagekit.__path__, "imagekit."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
"""
    assert run(code, tmp_path) == ""


@needs_proc
def test_a_command_makes_a_picture_and_leaves_no_journal(tmp_path: Path) -> None:
    code = """
os.environ.update(IMAGEKIT_STATE="state", XDG_CONFIG_HOME="home")
from imagekit.cli.app import run
for _ in "12":  # the second takes the place of the first
    assert run(["generate", "a corgi", "-m", "sandbox:seedream-4.5", "-o", "a.png", "--force"]) == 0
assert run(["resume"]) == 0
print(*os.listdir("."), os.listdir("state"))
"""
    assert run(code, tmp_path).splitlines()[-1] == "a.png state []"


@needs_proc
def test_a_journal_is_taken_over_from_the_dead_alone(tmp_path: Path) -> None:
    code = """
from imagekit import FileJournal, Purchase

living, dead = FileJournal("journal"), FileJournal("journal")
living.sending(Purchase("1f", "lily-1", "garden"))
dead.sending(Purchase("2f", "lily-1", "garden"))
dead.close()
with FileJournal("journal") as next:
    print([left.purchase.id for left in next.take_over()], len(os.listdir("journal")))
    next.forget("2f")
print(len(os.listdir("journal")))
"""
    assert run(code, tmp_path).splitlines() == ["['2f'] 2", "1"]
