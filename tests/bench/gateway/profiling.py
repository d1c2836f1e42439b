"""Where the time of the server's Python goes: py-spy looks at it from outside, many times."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.bench.gateway.contestants import Contestant
from tests.bench.gateway.rivals import python_package

__all__ = ["counted", "profile"]

RATE = 400
TOP = 15
#: Of a function as py-spy has it, ``Client.generate (imagekit/client/client.py:190)``.
_LINE = re.compile(r":\d+\)")


def profile(contestant: Contestant, connections: int, seconds: int, folder: Path) -> None:
    """Print who held the interpreter while requests were answered: functions by themselves, and
    functions with all that they call."""
    program = python_package("py-spy-0.4.3", "py-spy==0.4.3") / "py-spy"
    stacks = folder / "stacks"
    command = [str(program), "record", "--gil", "--format", "raw", "--rate", str(RATE)]
    command += ["--duration", str(seconds), "--output", str(stacks)]
    command += ["--pid", str(contestant.worker)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as spying:
        contestant.ask(connections, seconds + 1.0)
    assert spying.returncode == 0, "py-spy may not look into processes here"
    own, whole = counted(stacks.read_text().splitlines())
    looks = sum(own.values())
    print(f"\n{contestant.name}: who held the interpreter, of {looks} looks")
    for title, found, count in (("by itself", own, TOP), ("with what it calls", whole, 3 * TOP)):
        print(f"\n{title}")
        for name, times in found.most_common(count):
            print(f"{times / looks:7.1%}  {name}")


def counted(stacks: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """How often each function was at work, and how often it or one that it had called.

    Args:
        stacks: lines such as ``outer (file:3);inner (file:7) 12``.
    """
    own, whole = Counter[str](), Counter[str]()
    for line in stacks:
        stack, _, times = line.rpartition(" ")
        names = _LINE.sub(")", stack).split(";")
        own[names[-1]] += int(times)
        whole.update(dict.fromkeys(names, int(times)))
    return own, whole
