"""The public face: a `Client` turns a prompt into pictures and an honest receipt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Unpack, cast

from attrs import evolve, frozen

from imagekit.asking import Asked, ask
from imagekit.config import Config, HostSettings
from imagekit.connections import Connections
from imagekit.credentials import Credential
from imagekit.credentials.keyring import Keyring
from imagekit.credentials.keys import Keys
from imagekit.engine import Engine
from imagekit.errors import UsageError
from imagekit.exchange import Exchange
from imagekit.host import Host
from imagekit.parameters import Options, Parameters
from imagekit.plugins import Plugins
from imagekit.registry import Registry, Route
from imagekit.retry import Retry
from imagekit.routing import Router
from imagekit.spelling import OnUnsupported, spell_call
from imagekit.urls import bare_url, origin
from imagekit.values import Pending, Problem, Receipt, Request, Result

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
        sleep: what waits so many seconds, between looks at a job and before a request is sent
            again; for tests, which rather don't.
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
        sleep: Callable[[float], object] | None = None,
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
        self._connections = Connections(self.plugins, self.config, self._keyring, concurrency)
        ways = self._connections
        exchange = Exchange(ways.hooks, ways.to, retry or Retry(), watching, sleep=sleep)
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
        asked = ask(self._router, prompt, model, parameters)
        return self._run(self.engine, asked, deadline, stop)

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

        asked = ask(self._router, prompt, model, parameters, streamed=True)
        for call in asked.calls:
            self.engine.admit(call)
        watched = self.engine.observers or Observers([])

        def generate(tell: Observer, stop: threading.Event) -> Result:
            engine = self.engine.having(observers=watched.joined_by(tell))
            return self._run(engine, asked, deadline, stop)

        return told(generate)

    def plan(
        self,
        prompt: str,
        *,
        model: str | None = None,
        streamed: bool = False,
        **parameters: Unpack[Parameters],
    ) -> Plan:
        """What `generate` would send, and what it would say about it; with ``streamed``, what
        `stream` would. Needs no key."""
        asked = ask(self._router, prompt, model, parameters, streamed)
        prepared = [self.engine.prepare(call) for call in asked.calls]
        problems: list[Problem] = []
        for _, found in prepared:
            problems += [problem for problem in found if problem not in problems]
        call = prepared[0][0]
        return Plan(
            model=call.route.model.name,
            host=call.route.host.name,
            problems=tuple(problems),
            receipt=asked.receipt([call for call, _ in prepared]),
            notes=call.notes,
            request=None if problems else self.engine.shape(call),
            paid_calls=len(prepared) if call.route.host.real and not problems else 0,
        )

    def resume(self, pending: Pending, *, deadline: float | None = None) -> Result:
        """Go on waiting for a job, e.g. after `DeadlineExceeded`, or in another process.

        Raises:
            UsageError: it is to be asked for elsewhere than at its host: no key goes there.
            ImagekitError: as of `generate`; what keeps us from asking has the job again.
        """
        host = self.registry.host(pending.host)  # what another machine lacks first
        route = self.registry.route(host.name, pending.model)
        if origin(pending.request.url) != origin(route.url()):
            raise UsageError(
                f"this job is at {bare_url(pending.request.url)}, which is not where {host.name} "
                f"is ({bare_url(route.url())}); a key is sent to its own host alone"
            )
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
        self._connections.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(
        self,
        engine: Engine,
        asked: Asked,
        deadline: float | None,
        stop: threading.Event | None,
    ) -> Result:
        if len(asked.calls) == 1:
            return engine.run(asked.calls[0], deadline, stop)
        from imagekit import fanout

        at_once = self._concurrency
        return fanout.generate(
            engine, asked.calls, asked.given, at_once=at_once, seconds=deadline, stop=stop
        )


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
