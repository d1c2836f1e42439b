"""Workers on the nodes of a Ray cluster, one of which is killed as a whole."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from attrs import frozen
from imagekit_store import RequestState, State, Store

from tests.chaos.bills import Sandbox
from tests.chaos.lives import folder
from tests.chaos.store.accounts import account_of, every
from tests.chaos.store.clusters import Cluster, Node, clusters
from tests.chaos.store.databases import Databases, databases

pytest.importorskip("ray", reason="there is no Ray for this Python or this system")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Ray has clusters on Linux alone"),
]

#: Links, jobs with names, and bytes in the answer.
MODELS = ("powertokens:seedream-4.0", "klingai:kling-v3", "token360:seedream-4.0")
#: Whose jobs have names that we gave them, and who keeps records.
EVIDENCE = ("klingai", "token360")
COUNT = 60
#: Seconds that anything may take, where others keep this machine busy.
PATIENCE = 180.0
#: Steps of one worker side by side.
THREADS = 2
#: Of the hosts, for the nodes and for whoever starts the workers.
KEYS = {"node": "node-swan-4711", "here": "here-swan-4712", "stork": "here-stork-4713"}


@frozen
class World:
    """A cluster, hosts that are played here, a store, and the configuration that names them.

    Attributes:
        environment: of whoever starts the workers.
    """

    cluster: Cluster
    sandbox: Sandbox
    store: Store
    config: Path
    environment: Mapping[str, str]

    def work(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """``imagekit work`` on the cluster."""
        command = ["--config", str(self.config), "work", "--ray", self.cluster.address, *words]
        return subprocess.Popen(
            [sys.executable, "-m", "imagekit.cli", *command],
            env={**self.cluster.environment, **self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def make() -> Iterator[Databases]:
    with databases() as running:
        yield running


@pytest.fixture(scope="module")
def world(make: Databases) -> Iterator[World]:
    with folder() as root, Sandbox("uniform:0.2,0.8") as sandbox:
        url, pictures = make("postgresql", root), str(root / "pictures")
        shared = {"STORE_URL": url, "PICTURES": pictures}
        config = sandbox.configuration(root)
        config.write_text(_referring(config.read_text()))
        with (
            clusters(3, {**shared, "HERON_KEY": KEYS["node"]}) as cluster,
            Store(url, pictures=pictures) as store,
        ):
            here = {**shared, "HERON_KEY": KEYS["here"]}
            yield World(cluster, sandbox, store, config, here)


def _referring(config: str) -> str:
    """With keys and the store in the environment, and one host whose key nobody has."""
    said = re.sub("(?m)^credential = .*$", 'credential = { env = "HERON_KEY" }', config)
    others = re.sub(r"(?s)(\[hosts.fal\].*?)HERON_KEY", r"\1STORK_KEY", said)
    assert others != said
    store = 'url = { env = "STORE_URL" }\npictures = { env = "PICTURES" }'
    return f"{others}\n[store]\n{store}\n"


def test_a_node_that_is_killed_costs_no_picture_and_buys_none_twice(world: World) -> None:
    with world.work("--threads", str(THREADS)) as driver:
        try:
            nodes = world.cluster.nodes
            _until(lambda: sum(map(_works, nodes)) == len(nodes), driver)
            asked = {name: world.store.ask(name, model=model) for name, model in _wanted()}
            _until(lambda: _count(world, RequestState.DONE) >= COUNT // 6, driver)
            nodes[1].kill()
            assert _count(world, RequestState.DONE) < COUNT, "no requests are under way"
            _until(lambda: not _moves(world), driver)
        finally:
            driver.send_signal(signal.SIGTERM)
            said, told = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0, told
    bill = [{**line, "name": asked[line["prompt"]]} for line in world.sandbox.ledger()]
    account = account_of(world.store, bill)
    assert (account.twice, account.lost, account.moving) == (0, 0, 0), account.wrong
    assert account.free == 0
    assert account.calls == COUNT
    # What nobody knows of is listed, and all else is done: by those who were left.
    assert _count(world, RequestState.DONE) == COUNT - account.unknown
    assert account.unknown <= THREADS
    assert {line.partition(": ")[0] for line in said.splitlines()} <= set(asked.values())
    assert "puts another in its place" in told


def _wanted() -> Iterator[tuple[str, str]]:
    for number in range(COUNT):
        yield f"heron {number}", MODELS[number % len(MODELS)]


def test_nodes_that_lack_a_key_are_given_no_work(world: World) -> None:
    with world.work("--workers", "2", STORK_KEY=KEYS["stork"]) as driver:
        said, told = driver.communicate(timeout=PATIENCE)
    assert (driver.returncode, said) == (3, ""), told
    why = "it has no key of fal, and this machine has"
    assert re.search(rf"error: no worker of the Ray cluster can work:\n  .*: {why}", told)


def test_no_key_is_in_what_ray_writes_down(world: World) -> None:
    files = [path for path in world.cluster.folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("python-core-worker") for path in files)
    found = [path for path in files for key in KEYS.values() if key.encode() in path.read_bytes()]
    assert not found


def _works(node: Node) -> bool:
    """Whether one of its processes is a worker."""
    for pid in node.processes:
        with suppress(OSError):  # it is gone meanwhile
            if b"ray::Hand" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return True
    return False


def _count(world: World, *states: RequestState) -> int:
    return sum(entry.state in states for entry in every(world.store))


def _moves(world: World) -> bool:
    """Whether anything is to come of a call. What is unknown stays so where it was not billed, or
    where there is no evidence."""
    billed = {line["prompt"] for line in world.sandbox.ledger()}
    return any(
        call.state not in (State.STORED, State.FAILED, State.UNKNOWN)
        or (call.state is State.UNKNOWN and call.host in EVIDENCE and entry.prompt in billed)
        for entry in every(world.store)
        for call in entry.attempts
    )


def _until(done: Callable[[], bool], driver: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert driver.poll() is None, driver.communicate()
        assert time.monotonic() < end, "that takes too long"
        time.sleep(0.1)
