"""The public face: a `Client` turns a prompt into pictures and an honest receipt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, cast

from attrs import evolve, frozen

from imagekit.config import Config, HostSettings
from imagekit.credentials import Credential
from imagekit.credentials.keyring import Keyring
from imagekit.credentials.keys import Keys
from imagekit.engine import Engine, invalid
from imagekit.exchange import Connection, Exchange
from imagekit.family import CANONICAL
from imagekit.hooks import RouteHooks
from imagekit.host import Host
from imagekit.parameters import Options, Parameters
from imagekit.plugins import Plugins
from imagekit.references import PICTURES
from imagekit.registry import Registry, Route
from imagekit.retry import Retry
from imagekit.routing import Router, filled
from imagekit.spelling import POLICIES, Call, OnUnsupported, spell_call
from imagekit.transport import Send, Transport
from imagekit.urls import is_loopback
from imagekit.values import Pending, Problem, Receipt, Reply, Request, Result

if TYPE_CHECKING:
    from imagekit.events import Event, Observer
    from imagekit.observers import Observers

__all__ = ["Client", "Plan"]


@frozen(eq=False)
class Plan:
    """What `Client.generate` would do, without doing it.

    Attributes:
        model, host: where it would go.
        problems: why it would be refused; empty when it would be sent.
        receipt, notes: as they would be.
        request: the exact request, unsigned; None when there are problems. The first of
            them, when it takes several calls to make all the pictures.
        paid_calls: how many calls would be paid for.
    """

    model: str
    host: str
    problems: tuple[Problem, ...]
    receipt: Receipt
    notes: tuple[str, ...]
    request: Request | None
    paid_calls: int


class Client:
    """Generates pictures with every model at every host that is installed.

    Thread-safe; meant to be made once and shared. Close it, or use it as a context
    manager, to give its connections back.

    Args:
        config: a configuration, or the TOML file that has one. No file is read unless it
            is named here; `from_config` looks for the user's.
        keys: the user's keys file, or None to leave it alone.
        hosts: host name -> `HostSettings`, in place of the configuration's.
        credentials: host name -> an API key, or a `Credential` with named fields. Where
            there is none, the configuration may say where it is; then the keys file,
            plugins, and the host's environment variables are asked.
        prefer: host names, best first, for models that several hosts serve.
        plugins: the plugins to use; all installed ones when not given.
        environment: where to look for keys and plugin lists.
        concurrency: how many requests may be under way at once, for each host.
        retry: when a request that was certainly free is sent again.
        observers, sinks: callables for events and for finished results.
        strict: a broken plugin is an error, rather than left out and reported.
    """

    def __init__(
        self,
        *,
        config: Config | str | os.PathLike[str] | None = None,
        keys: Keys | None = None,
        hosts: Mapping[str, HostSettings] | None = None,
        credentials: Mapping[str, str | Credential] | None = None,
        prefer: Sequence[str] = (),
        plugins: Plugins | None = None,
        environment: Mapping[str, str] | None = None,
        concurrency: int = 8,
        retry: Retry | None = None,
        observers: Iterable[Observer] = (),
        sinks: Iterable[Callable[[Result], object]] = (),
        strict: bool = False,
    ) -> None:
        environment = os.environ if environment is None else environment
        self.plugins = plugins or Plugins.load(environment, strict)
        self.config = _effective(config, hosts or {}, prefer)
        self.plugins = self.plugins.with_instances(self.config.hosts)
        # Before the registry, so that a plugin that breaks here brings nothing else, either.
        watching = _watching([*observers, *self.plugins.gather("imagekit_observers")])
        sinks = (*sinks, *self.plugins.gather("imagekit_sinks", fatal=True))
        self.registry: Registry = self.plugins.registry(self.config.hosts)
        for name in (*(hosts or {}), *(credentials or {}), *prefer):
            self.registry.host(name)
        if config is not None:
            from imagekit.config.checking import check

            check(self.config, self.registry)
        self._keyring = Keyring(
            {name: _credential(key) for name, key in (credentials or {}).items()},
            self.config.hosts,
            keys,
            environment,
            lambda host: self.plugins.for_host(host, "imagekit_credential"),
        )
        self._router = Router(self.registry, self.config, self._keyring)
        self._concurrency = concurrency
        self._lock = threading.RLock()
        self._hooks: dict[Route, RouteHooks] = {}
        self._connections: dict[str, Connection] = {}
        self._transports: list[Transport] = []
        self._closed = False
        exchange = Exchange(self._hooks_of, self._connect, retry or Retry(), watching)
        self.engine = Engine(exchange, sinks)

    @classmethod
    def from_config(
        cls, path: str | os.PathLike[str] | None = None, **options: Unpack[Options]
    ) -> Client:
        """A client set up by its user, as that of the command line is.

        Reads the configuration at ``path``, or the first of ``$IMAGEKIT_CONFIG``,
        ``./imagekit.toml`` and the user's own that is there, and looks for keys in the
        user's keys file, too. ``options`` are those of `Client`.

        Raises:
            ConfigurationError: a file can't be read, or makes no sense: with all problems.
        """
        from imagekit.config.file import read

        environment = options.get("environment")
        config = read(path, os.environ if environment is None else environment)
        return cls(config=config, keys=Keys(), **options)

    # --- what users call -----------------------------------------------------------------

    def generate(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        stop: threading.Event | None = None,
        **parameters: Unpack[Parameters],
    ) -> Result:
        """Generate pictures.

        Args:
            prompt: what to draw.
            model: ``seedream-4.5``, any of its aliases, ``host:model``, or an alias of the
                configuration; the configuration's default model when not given.
            deadline: seconds after which to give up waiting. A job that has to be asked for
                is given up after an hour when there is none. Links are downloaded when a
                picture is first used, which has its own limit: 15 minutes each.
            stop: set it from another thread, and nothing that may cost is sent any more;
                the answer to what was sent already is still awaited.
            parameters: see `Parameters`.

        Raises:
            InvalidRequest: before anything is sent, with every problem at once.
            ImagekitError: whatever else goes wrong; ``retryable`` and ``charged`` say
                what may be done about it.
        """
        given, calls = self._calls(prompt, model, parameters)
        return self._run(self.engine, given, calls, deadline, stop)

    def stream(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        **parameters: Unpack[Parameters],
    ) -> Iterator[Event]:
        """`generate`, told while it happens: see `imagekit.events`.

        Pictures come one by one where the host streams; elsewhere all of them come when the
        answer does, and the events are the same. The last is ``Finished``, with the result.
        Leave the loop early, or close the iterator, and nothing that may cost is sent any
        more; the answer to what was sent goes to the sinks alone.

        Raises:
            InvalidRequest: at once, with every problem, and before anything is sent.
            ImagekitError: while iterating, as of `generate`.
        """
        from imagekit.observers import Observers
        from imagekit.stream import told

        given, calls = self._calls(prompt, model, parameters, streamed=True)
        for call in calls:
            self.engine.admit(call)
        watched = self.engine.observers or Observers([])

        def generate(tell: Observer, stop: threading.Event) -> Result:
            engine = self.engine.having(observers=watched.joined_by(tell))
            return self._run(engine, given, calls, deadline, stop)

        return told(generate)

    def plan(
        self, prompt: str, *, model: str | None = None, **parameters: Unpack[Parameters]
    ) -> Plan:
        """What `generate` would send, and what it would say about it. Needs no key."""
        given, calls = self._calls(prompt, model, parameters)
        prepared = [self.engine.prepare(call) for call in calls]
        problems: list[Problem] = []
        for _, found in prepared:
            problems += [problem for problem in found if problem not in problems]
        call = prepared[0][0]
        return Plan(
            model=call.route.model.name,
            host=call.route.host.name,
            problems=tuple(problems),
            receipt=_receipt([call for call, _ in prepared], given),
            notes=call.notes,
            request=None if problems else self.engine.shape(call),
            paid_calls=len(calls) if call.route.host.real and not problems else 0,
        )

    def resume(self, pending: Pending, *, deadline: float | None = None) -> Result:
        """Go on waiting for a job, e.g. after `DeadlineExceeded`, or in another process."""
        route = self.registry.route(pending.host, pending.model)
        policy = cast("OnUnsupported", pending.on_unsupported)
        call = spell_call(route, pending.given, policy, pending.authors)
        return self.engine.resume(call, pending, deadline)

    def route(self, model: str | None = None) -> Route:
        """Where a model address leads: ``host:model``, or a model with the host chosen, or
        an alias of the configuration.

        Raises:
            UnknownModel, UnknownHost, NotServed: for names that lead nowhere.
            AmbiguousHost: several hosts with a key serve it, and none is preferred.
            MissingCredential: hosts serve it, but none has a key.
            UsageError: no model was named, and the configuration has no default.
        """
        return self._router.route(self._router.default if model is None else model)

    def credential_source(self, host: Host) -> str | None:
        """Where a call to this host would find its key, in words; None when nowhere."""
        return self._keyring.source(host)

    def close(self) -> None:
        """Give every connection back. An answer that another thread awaits still comes;
        whatever that thread would send after it is an error, which carries its job."""
        self._closed = True
        for transport in self._transports:
            transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- from arguments to a call ------------------------------------------------------------

    def _run(
        self,
        engine: Engine,
        given: Mapping[str, Any],
        calls: Sequence[Call],
        deadline: float | None,
        stop: threading.Event | None,
    ) -> Result:
        if len(calls) == 1:
            return engine.run(calls[0], deadline, stop)
        from imagekit import fanout

        at_once = self._concurrency
        return fanout.generate(engine, calls, given, at_once=at_once, seconds=deadline, stop=stop)

    def _calls(
        self, prompt: str, model: str | None, parameters: Parameters, streamed: bool = False
    ) -> tuple[Mapping[str, Any], list[Call]]:
        """What was given, and the calls it takes: one, or more for more pictures."""
        address = self._router.default if model is None else model
        route, target = self._router.route(address), self._router.target(address)
        said, authors = filled(parameters, target.defaults, route.sizes)
        if model is None:
            authors["model"] = "configuration"
        given: dict[str, Any] = {"model": self.registry.split(address)[1], "prompt": prompt}
        policy: OnUnsupported = said.pop("on_unsupported", self.config.on_unsupported)
        if policy not in POLICIES:
            message = f"{policy!r} is not one of {', '.join(POLICIES)}"
            raise invalid(route, [Problem("on_unsupported", message, policy)])
        for name, value in said.items():
            if name == "options":
                self._merge_options(route, given, value)
            elif name in PICTURES:
                adapt = policy == "adapt" and name == "image" and "mask" not in said
                pictures = _read(value, name, route, adapt)
                if pictures:
                    given[name] = pictures
            else:
                given[name] = value
        if streamed and "stream" in route.spells and "stream" not in given:
            given["stream"], authors["stream"] = True, "Client.stream"
        if "n" not in given or route.pictures_per_call is None:
            return given, [spell_call(route, given, policy, authors)]
        from imagekit.fanout import calls_for

        return given, calls_for(route, given, policy, authors)

    def _merge_options(
        self, route: Route, given: dict[str, Any], options: Mapping[str, Any]
    ) -> None:
        if not isinstance(options, Mapping):
            raise invalid(route, [Problem("options", f"{options!r} is not an object", options)])
        standard = [
            Problem(f"options.{name}", f"is a standard parameter; pass {name}=... itself", value)
            for name, value in options.items()
            if name in CANONICAL or name == "native"
        ]
        if standard:
            raise invalid(route, standard)
        given.update((name, value) for name, value in options.items() if value is not None)

    # --- built at first use, then kept -----------------------------------------------------------

    def _hooks_of(self, route: Route) -> RouteHooks:
        hooks = self._hooks.get(route)
        if hooks is None:
            with self._lock:
                hooks = self._hooks.setdefault(route, self.plugins.bind(route))
        return hooks

    def _connect(self, route: Route) -> Connection:
        name = route.host.name
        connection = self._connections.get(name)
        if connection is None:
            with self._lock:
                connection = self._connections.get(name) or self._build_connection(route)
                self._connections[name] = connection
        return connection

    def _build_connection(self, route: Route) -> Connection:
        """Fold the wrappers around the socket; what is here now stays for good."""
        from imagekit.download import GuardedTransport

        host = route.host
        settings = self.config.hosts.get(host.name, HostSettings())
        plain = Transport(self._concurrency, settings.connect_timeout, settings.read_timeout)
        guarded = GuardedTransport(self._concurrency, local=is_loopback(route.url()))
        self._transports += [plain, guarded]
        if self._closed:
            self.close()

        def bottom(request: Request) -> Reply:
            transport = guarded if request.step == "download" else plain
            return transport.send(request)

        send: Send = bottom
        for wrapper in reversed(self.plugins.for_host(host, "imagekit_transport_wrapper")):
            send = wrapper(send)
        return Connection(
            send, lambda: self._keyring.get(host), lambda: self._keyring.headers(host)
        )


def _read(value: Any, name: str, route: Route, adapt: bool) -> Any:
    from imagekit.references.fitting import gathered  # for the calls that have pictures

    return gathered(name, value, route.references, adapt and name in route.spells)


def _receipt(calls: Sequence[Call], given: Mapping[str, Any]) -> Receipt:
    if len(calls) == 1:
        return calls[0].receipt
    from imagekit.fanout import receipt_of

    return receipt_of(calls, given)


def _effective(
    config: Config | str | os.PathLike[str] | None,
    hosts: Mapping[str, HostSettings],
    prefer: Sequence[str],
) -> Config:
    """The configuration, with what the program itself says in front."""
    if config is None:
        config = Config()
    elif not isinstance(config, Config):
        from imagekit.config.file import parse

        config = parse(config)
    return evolve(config, hosts={**config.hosts, **hosts}, prefer=tuple(prefer) or config.prefer)


def _watching(observers: list[Observer]) -> Observers | None:
    if not observers:
        return None
    from imagekit.observers import Observers  # and with it every kind of event

    return Observers(observers)


def _credential(key: str | Credential) -> Credential:
    return key if isinstance(key, Credential) else Credential(api_key=key)
