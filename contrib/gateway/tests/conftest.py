"""A gateway on loopback, with keys, in front of hosts that are played here."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from attrs import define, evolve, field
from imagekit_sandbox.serving import Upstreams
from werkzeug.serving import make_server

from imagekit import Alias, Budget, Client, Config, Cost, HostSettings, Plugins
from imagekit.testing import picture
from imagekit_gateway.serving.app import Application
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.gateway.meters import Meters
from imagekit_gateway.gateway.moves import moved
from imagekit_gateway.gateway.settings import Settings
from imagekit_gateway.gateway.tracing import Tracing
from imagekit_store import Keys, Limits, Store

PICTURE = picture(64, 64)


@define
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]


@define(eq=False)
class Served:
    """A gateway that can be asked."""

    url: str
    gateway: Gateway
    key: str
    pool: urllib3.PoolManager = field(factory=lambda: urllib3.PoolManager(retries=False))

    @property
    def store(self) -> Store:
        return self.gateway.store

    def new_key(self, name: str, limits: Limits | None = None, **settings: Any) -> str:
        return Keys(self.store).add(name, limits=limits or Limits(), settings=settings)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        sent = {"Authorization": f"Bearer {key or self.key}", **(headers or {})}
        if isinstance(body, dict | list):
            body, sent = json.dumps(body), {"Content-Type": "application/json", **sent}
        url = path if "://" in path else self.url + path
        reply = self.pool.request(method, url, body=body, headers=sent, redirect=False, **more)
        return Answer(reply.status, reply.headers, reply.data)

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def settle(self) -> None:
        """Until all that was answered is written down, too."""
        self.gateway.under_way.wait()

    def generate(self, key: str | None = None, headers: Any = None, **fields: Any) -> Answer:
        body = {"model": "seedream-4.0", "prompt": "a corgi", **fields}
        return self.ask("POST", "/v1/images/generations", body, key, headers)


@pytest.fixture
def upstreams(request: pytest.FixtureRequest) -> Iterator[Upstreams]:
    """Hosts that are played here; what goes wrong there may be given as a parameter."""
    with Upstreams(getattr(request, "param", ())) as running:
        yield running


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """Those that are installed: looked up once, which takes longer than most tests."""
    return Plugins.load()


@pytest.fixture(scope="session")
def played() -> Callable[[Upstreams], Config]:
    """A configuration with every host that can be played, where some upstreams play them."""
    with Upstreams() as some:
        known = some.configuration()

    def at(upstreams: Upstreams) -> Config:
        places = upstreams.hosts
        hosts = {name: evolve(one, base_url=places[name]) for name, one in known.hosts.items()}
        return evolve(known, hosts=hosts)

    return at


@pytest.fixture(scope="session")
def run(
    plugins: Plugins, played: Callable[[Upstreams], Config]
) -> Callable[..., AbstractContextManager[Served]]:
    """Runs a gateway with these settings, with its store in this folder. It may have further
    hosts, and a client that waits for nothing."""

    @contextmanager
    def running(
        folder: Path,
        upstreams: Upstreams,
        prefer: tuple[str, ...] = ("powertokens",),
        key: str = "mary",
        hosts: Mapping[str, HostSettings] = {},
        models: Mapping[str, Alias] = {},
        sleep: Callable[[float], object] | None = None,
        tracing: Tracing | None = None,
        unknown_price: Cost | None = None,
        budget: Budget | None = None,
        **settings: Any,
    ) -> Iterator[Served]:
        store = Store(f"sqlite:///{folder}/store.db")
        config = played(upstreams)
        every = {**config.hosts, **hosts}
        config = evolve(
            config,
            prefer=prefer,
            hosts=every,
            models={**config.models, **models},
            unknown_price=unknown_price,
            budget=budget,
        )
        meters, tracing = Meters(plugins), tracing or Tracing()
        client = Client(
            config=config,
            plugins=plugins,
            journal=store,
            sharing=store,
            concurrency=64,
            sleep=sleep,
            observers=(*meters.observers, *tracing.observers, moved),
        )
        gateway = Gateway(client, store, Settings(**settings), meters, tracing)
        server = make_server("127.0.0.1", 0, Application(gateway), threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        worker = gateway.work()
        try:
            secret = Keys(store).add(key)
            yield Served(f"http://127.0.0.1:{server.server_port}", gateway, secret)
        finally:
            gateway.draining.set()
            server.shutdown()
            thread.join()
            server.server_close()
            worker.join()
            gateway.close()

    return running


@pytest.fixture
def serving(
    run: Callable[..., AbstractContextManager[Served]], upstreams: Upstreams, tmp_path: Path
) -> Iterator[Callable[..., Served]]:
    """Serves a gateway with these settings."""
    with ExitStack() as ended:
        yield lambda **settings: ended.enter_context(run(tmp_path, upstreams, **settings))


@pytest.fixture
def served(serving: Callable[..., Served]) -> Served:
    return serving()


@pytest.fixture
def sent(upstreams: Upstreams) -> Callable[[], Any]:
    """What a host was asked for last: the fields of the request, and nothing if none was."""

    def last() -> Any:
        lines = upstreams.journal.entries
        return lines[-1].body if lines else None

    return last


@pytest.fixture
def mistake(sent: Callable[[], Any]) -> Callable[[Answer], tuple[Any, ...]]:
    """Of a request that was refused, with nothing sent: the field, what is wrong with it, and
    what is nearest to right."""

    def read(refused: Answer) -> tuple[Any, ...]:
        assert (refused.status, refused.error["code"]) == (400, "invalid_value"), refused.body
        (only,) = refused.error["problems"]
        assert refused.error["param"] == only["param"]
        assert (refused.error["charged"], sent()) == ("no", None)
        return only["param"], only["message"], only.get("nearest")

    return read


@pytest.fixture
def data_url() -> str:
    """A picture, as JSON has it."""
    return f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
