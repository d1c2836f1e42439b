"""The public face: a `Client` turns a prompt into pictures and an honest receipt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Unpack

from imagekit.client import argument_checks
from imagekit.client.running import made, run, watched
from imagekit.client.setup import (
    credential_of,
    effective,
    environment_of,
    journals_of,
    logging_to,
    spending,
    turns_of,
    watching,
)
from imagekit.client.ways import Ready, Ways, ways_of
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.errors import UsageError
from imagekit.plan.call import Call
from imagekit.plan.planning import Asking, ask
from imagekit.plan.routes.choosing import Router
from imagekit.plan.routes.registry import Registry, listed
from imagekit.plan.routes.route import Route
from imagekit.plugins.loading import Plugins
from imagekit.send.connections import NOBODY, Connections
from imagekit.send.engine import Engine
from imagekit.send.exchange import Exchange
from imagekit.send.links import download
from imagekit.send.resumable import call_of, harmless
from imagekit.send.retry import Retry
from imagekit.settings.config import Config, HostSettings
from imagekit.settings.credentials import Keyring
from imagekit.settings.hidden import Hidden
from imagekit.settings.keys_file import Keys
from imagekit.values import Image, Pending, Result

if TYPE_CHECKING:
    from decimal import Decimal

    from imagekit.client.candidates import Way
    from imagekit.client.catalogue import Catalogue
    from imagekit.client.event_stream import Generate
    from imagekit.client.options import ClientOptions
    from imagekit.client.plan import Plan
    from imagekit.client.records import Records
    from imagekit.events import Event, Observer
    from imagekit.journals import Journal
    from imagekit.plan.parameters import Parameters
    from imagekit.sharing import Shared
    from imagekit.values import Cost
    from imagekit.values.budget import Budget

__all__ = ["Client"]


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
        sandbox: whether the sandbox draws in place of every host while there is no key at all,
            as at the command line. Otherwise it is asked only where it is named.
        plugins: the plugins to use; all installed ones when not given.
        environment: where to look for keys and plugin lists.
        concurrency: how many requests may be under way at once, for each host.
        retry: when a request that was certainly free is sent again.
        observers, sinks: callables for events, and for the result of every paid call.
        journal: is told of every paid call before it is sent, and at each step after that.
        sharing: what counts limits and budgets for all who share it; that of a plugin, or one of
            this client's own, when not given.
        budget: what may be spent by clients that are given one, such as ``5 USD`` or
            ``20 USD/month``, by all who share what counts it. Those of the configuration hold as
            well.
        unknown_price: what a picture counts of which nobody knows the price, such as ``0.05 USD``;
            or ``refuse``. In place of the configuration's.
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
        sandbox: bool = False,
        plugins: Plugins | None = None,
        environment: Mapping[str, str] | None = None,
        concurrency: int = 8,
        retry: Retry | None = None,
        observers: Iterable[Observer] = (),
        sinks: Iterable[Callable[[Result], object]] = (),
        journal: Journal | None = None,
        sharing: Shared | None = None,
        budget: str | Budget | None = None,
        unknown_price: str | Cost | None = None,
        strict: bool = False,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        environment = environment_of(environment)
        credentials = Hidden(credentials or {})
        if not isinstance(concurrency, int) or concurrency < 1:
            raise UsageError(f"concurrency is a number of requests from 1, not {concurrency!r}")
        self.plugins = plugins or Plugins.load(environment, strict)
        self.config = effective(config, argument_checks.settings(hosts or {}), prefer)
        self.config = spending(self.config, budget, unknown_price)
        self.plugins = self.plugins.with_instances(self.config.hosts)
        # Before the registry, so that a plugin that breaks here brings nothing else, either.
        own = argument_checks.functions("observers", observers)
        written = logging_to(self.config, own)
        told = watching([*own, *written, *self.plugins.gather("imagekit_observers")])
        own = argument_checks.functions("sinks", sinks)
        sinks = (*own, *self.plugins.gather("imagekit_sinks", fatal=True))
        self.registry: Registry = self.plugins.registry(self.config.hosts)
        for name in (*(hosts or {}), *credentials, *prefer):
            self.registry.host(name)
        if config is not None or hosts:
            from imagekit.client.config_checks.check import check

            check(self.config, self.registry, self.plugins)
        others = [one for one in journals_of(self.plugins, self.config) if one is not journal]
        journals = (*argument_checks.a_journal(journal), *others)
        self._keyring = Keyring(
            {name: credential_of(credentials, name) for name in credentials},
            self.config.hosts,
            keys,
            environment,
            lambda host: self.plugins.for_host(host, "imagekit_credential"),
        )
        self._router = Router(self.registry, self.config, self._keyring, sandbox)
        self._concurrency = concurrency
        self._connections = Connections(self.plugins, self.config, self._keyring, concurrency)
        ways = self._connections
        exchange = Exchange(ways.to, retry or Retry(), told, sleep=sleep, hooks=ways.hooks)
        turns = turns_of(self.plugins, self.config, sharing, sleep)
        self.engine = Engine(exchange, sinks, journals, turns)

    @classmethod
    def from_config(
        cls, path: str | os.PathLike[str] | None = None, **options: Unpack[ClientOptions]
    ) -> Client:
        """A client set up by its user, as that of the command line is.

        Reads the configuration at ``path``, or the first of ``$IMAGEKIT_CONFIG``,
        ``./imagekit.toml`` and the user's own that is there, and looks for keys in the
        user's keys file, too. ``options`` are those of `Client`.

        Raises:
            ConfigurationError: a file can't be read, or makes no sense: with all problems.
        """
        from imagekit.settings.config_file import read

        options["environment"] = environment = environment_of(options.get("environment"))
        options["credentials"] = Hidden(options.get("credentials") or {})
        config = read(path, environment)
        return cls(config=config, keys=Keys(), **options)

    # --- what users call -----------------------------------------------------------------

    def generate(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        stop: threading.Event | None = None,
        fetch: bool = True,
        id: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Result:
        """Generate pictures.

        Args:
            prompt: what to draw.
            model: ``seedream-4.5``, any of its aliases, ``host:model``, or an alias of the
                configuration; the configuration's default model when not given.
            deadline: seconds after which to give up waiting, for the answer, the job, and the
                links. A job that has to be asked for is given up after an hour when there is
                none, and a link after 15 minutes.
            stop: set it from another thread, and nothing that may cost is sent any more;
                the answer to what was sent already is still awaited.
            fetch: get the pictures behind links before this returns. One that can't be had
                stays a link with its ``error``, and the others are there. False leaves all
                links alone, to be fetched when a picture is first used.
            id: your own name for this one request, such as the key of its row: letters, digits
                and underscores. Its paid call has that id on events, in journals, and at hosts
                that take a name; where it takes several they are ``id-1``, ``id-2``, ... A random
                one when not given.
            parameters: see `Parameters`.

        Raises:
            InvalidRequest: before anything is sent, with every problem at once.
            ImagekitError: whatever else goes wrong; ``retryable`` and ``charged`` say
                what may be done about it.
        """
        ways = self._ways(ask(self._router, prompt, model, parameters, id=id))
        return run(self.engine, ways, self._concurrency, deadline, stop, fetch)

    def stream(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        fetch: bool = True,
        heartbeat: float | None = None,
        id: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Generator[Event]:
        """`generate`, told while it happens: see `imagekit.events`.

        Pictures come one by one where the host streams, or where several calls make them;
        elsewhere all of them come when the answer does, and the events are the same. The last
        is ``Finished``, with the result. Leave the loop early, or close the iterator, and
        nothing that may cost is sent any more; the answer to what was sent goes to the sinks
        alone.

        Args:
            heartbeat: seconds of silence after which there is a ``Heartbeat``, for those who
                have to show somebody else that the call goes on.

        Raises:
            InvalidRequest: at once, with every problem, and before anything is sent.
            ImagekitError: while iterating, as of `generate`.
        """
        from imagekit.client.event_stream import iterated

        argument_checks.heartbeats(heartbeat)
        return iterated(self._streaming(prompt, model, deadline, fetch, id, parameters), heartbeat)

    def begin(
        self,
        prompt: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        fetch: bool = True,
        id: str | None = None,
        part: int | None = None,
        patience: float | None = None,
        **parameters: Unpack[Parameters],
    ) -> Result | Pending:
        """`generate`, but for the waiting: where the host makes a job of it, that is given
        back at once, to be asked for with `look`, or by `resume`, here or in another process.

        Args:
            part: which of the paid calls that the request takes to begin, from 1; `Plan.calls`
                has them all. Its pictures keep their places among those of the request. Give all
                parts the same parameters and the same ``id``.
            patience: seconds to wait for a turn at a host that is full by its ``rpm`` or
                ``at_once``, 0 for not at all; None: as long as the deadline allows.

        Raises:
            UsageError: it takes several paid calls, and ``part`` does not say which; or there is
                no such part.
            ImagekitError: as of `generate`.
        """
        ways = self._ways(ask(self._router, prompt, model, parameters, id=id)).alike()
        which = ways.first.asked.part(part)
        within = self.engine.exchange.deadline(deadline, patience=patience)

        def begun(engine: Engine, way: Ready) -> Result | Pending:
            return engine.begin(way.calls[which], within, fetch)

        return made(self.engine, ways, within, begun)

    def reserve(
        self,
        prompt: str,
        *,
        id: str,
        model: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> None:
        """Set money aside for all the paid calls that a request takes, before `begin` makes them
        one by one. Each takes what is set aside under its id, and gives back what it did not
        cost; what is never begun counts to the end of the period. Sends nothing. Said again before
        any is begun, it counts once; after that, what was begun counts twice.

        Args:
            model: where it is to be begun, such as ``token360:poster``. An alias that may go
                several ways is refused: the calls of each have ids and prices of their own.

        Raises:
            LimitReached: a budget has no room for all of them; nothing is set aside under this
                id, nor is what was before.
            UsageError: several hosts may be asked for it.
            ImagekitError: as of `generate`, before anything is sent.
        """
        ways = self._ways(ask(self._router, prompt, model, parameters, id=id))
        if len(ways.hosts) > 1:
            raise UsageError(
                f"{model} may be asked of {listed(ways.hosts)}, at each for another price; say "
                f"where it is begun, here and there: {ways.hosts[0]}:{model}"
            )
        if self.engine.turns is not None:
            self.engine.turns.afford([one.call for one in ways.ready[0].calls])

    def look(
        self, pending: Pending, *, deadline: float | None = None, fetch: bool = True
    ) -> Result | Pending:
        """Ask once for a job: its result, or what to look at next time, and when (``wait``).

        Raises:
            ImagekitError: as of `resume`.
        """
        call, pending = self._job(pending)
        within = self.engine.exchange.deadline(deadline)
        look = partial(self.engine.look, call, pending, within, fetch)
        return watched(self.engine, call, look, "poll")

    def plan(
        self,
        prompt: str,
        *,
        model: str | None = None,
        streamed: bool = False,
        id: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Plan:
        """What `generate` would send, and what it would say about it; with ``streamed``, what
        `stream` would. Needs no key."""
        from imagekit.client.plan import plan_of

        asking = ask(self._router, prompt, model, parameters, streamed, id)
        if asking.choice.picks:
            return plan_of(self.engine, self._ways(asking).first.asked)
        return plan_of(self.engine, asking.on(asking.choice.leads[0]))

    def ways(
        self, prompt: str, *, model: str | None = None, **parameters: Unpack[Parameters]
    ) -> tuple[Way, ...]:
        """Every way to have this made that the configuration allows, the one first that would be
        taken now: which of them take the very same request, why others don't, what each would cost
        and change, whether its host rests, and whether the budgets have room. Sends nothing, and
        takes nothing of what calls share.

        Raises:
            ImagekitError: as of `route`; what is wrong with the request is told of each way.
        """
        from imagekit.client.candidates import every_way

        asking = ask(self._router, prompt, model, parameters)
        return every_way(self.engine, asking, self._router.withheld)

    def spent(self) -> Mapping[str, Decimal]:
        """What counts in its period now against each budget of the configuration, by its name, as
        `Config.budgets` has it: what is spent, and what is promised to calls under way.

        Raises:
            ImagekitError: who counts it can't say.
        """
        return self.engine.turns.spent() if self.engine.turns is not None else {}

    def resume(
        self, pending: Pending, *, deadline: float | None = None, fetch: bool = True
    ) -> Result:
        """Go on waiting for a job, e.g. after `DeadlineExceeded`, or in another process.

        Raises:
            UsageError: it is to be asked for elsewhere than at its host, where no key goes, or by
                anything but a GET, which might buy something.
            ImagekitError: as of `generate`; what keeps us from asking has the job again.
        """
        call, pending = self._job(pending)
        within = self.engine.exchange.deadline(deadline)
        resume = partial(self.engine.resume, call, pending, within, fetch)
        return watched(self.engine, call, resume, "poll")

    def fetch(self, image: Image, *, deadline: float | None = None) -> Image:
        """Get the bytes of a picture that is still a link: one that was left alone or could not
        be fetched, whose client is closed, or that comes from another process. Gives ``image``
        itself, its bytes in it.

        Raises:
            DownloadError: the link is unsafe, expired, or leads to no picture.
        """
        argument_checks.a_picture(image)
        host = self.registry.hosts.get(image.host, NOBODY)
        exchange = self.engine.exchange
        within, tell = exchange.deadline(deadline), exchange.watched(host.name, "")
        image.fetch(partial(download, exchange, host, within=within, watched=tell))
        return image

    def route(self, model: str | None = None) -> Route:
        """Where a model address leads: ``host:model``, or a model with the host chosen, or
        an alias of the configuration.

        Raises:
            UnknownModel, UnknownHost, NotServed: for names that lead nowhere.
            AmbiguousHost: several hosts with a key serve it, and none is preferred.
            MissingCredential: hosts serve it, but none has a key.
            UsageError: no model was named, and the configuration has no default.
        """
        return self._router.choose(self._router.default if model is None else model).route

    def routes(self, model: str | None = None) -> tuple[Route, ...]:
        """Every way to a model that the configuration allows, in the order in which it would ask
        them; `route` is the first. Several there are where several preferred hosts serve the
        model: those with a key, or where none has one, all of them. A host that is preferred
        nowhere is another price, and is only here where it is the one.

        A call is made at one of them; at another only where its alias has `failover` or `balance`,
        and that can make the very same request: `ways` tells.

        Raises:
            ImagekitError: as of `route`.
        """
        return self._router.candidates(self._router.default if model is None else model)

    def credential_source(self, host: Host) -> str | None:
        """Where a call to this host would find its key, in words; None when nowhere."""
        return self._keyring.source(host)

    def credential_advice(self, host: Host) -> str:
        """What would give this host a key, or another in place of its own, in a few words."""
        return self._keyring.advice(host)

    def credential_variables(self, host: Host) -> tuple[str, ...]:
        """The environment variables in which a key of this host would be looked for."""
        return self._keyring.variables(host)

    def address(self, host: Host) -> str:
        """Where this host is: its user's own ``base_url``, or its plugin's."""
        return self.config.hosts.get(host.name, HostSettings()).base_url or host.base_url

    def models_at(self, host: str) -> Catalogue:
        """Ask a host which models it has, and compare with what its plugin declares. Free.

        Raises:
            UsageError: nobody documents that it says so.
            MissingCredential: there is no key for it.
            ImagekitError: whatever else goes wrong.
        """
        from imagekit.client.catalogue import models_at
        from imagekit.client.free_questions import Inquiry

        way = self._reach(host)
        return models_at(Inquiry(self.engine.exchange, way, "models"), self.registry)

    def records(self, host: str) -> Records:
        """What a host keeps of what was made with its key: see `imagekit.client.records`.

        Raises:
            UsageError: it keeps none that imagekit knows how to read.
        """
        from imagekit.client.free_questions import Inquiry
        from imagekit.client.records import Records

        way = self._reach(host)
        if way.host.records_at is None:
            keepers = [one.name for one in self.registry.hosts.values() if one.records_at]
            known = f"{listed(keepers)} {'do' if len(keepers) > 1 else 'does'}"
            raise UsageError(f"{host} keeps no records that can be read here; {known}")
        return Records(Inquiry(self.engine.exchange, way, "records"))

    @property
    def journals(self) -> tuple[Journal, ...]:
        """Every journal that is told of its paid calls, its own first."""
        return self.engine.journals

    def close(self) -> None:
        """Give every connection back. An answer that another thread awaits still comes;
        whatever that thread would send after it is an error, which carries its job. Whoever waits
        for a turn is told so."""
        if self.engine.turns is not None:
            self.engine.turns.close()
        self._connections.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reach(self, host: str) -> Route:
        """The way to a host that is asked about no picture.

        Raises:
            ConfigurationError: where it is, a configuration says that is not trusted.
        """
        way = self.registry.reach(host)
        self._router.names.refuse_withheld("hosts", way.host.name)
        return way

    # --- what they share -----------------------------------------------------------------

    def _streaming(
        self,
        prompt: str,
        model: str | None,
        deadline: float | None,
        fetch: bool,
        id: str | None,
        parameters: Parameters,
    ) -> Generate:
        """What carries a call out and tells of it. What the call fails with is not told: it is
        raised."""
        ways = self._ways(ask(self._router, prompt, model, parameters, True, id))

        def generate(tell: Observer, stop: threading.Event) -> Result:
            return run(self.engine, ways, self._concurrency, deadline, stop, fetch, tell)

        return generate

    def _ways(self, asking: Asking) -> Ways:
        return ways_of(self.engine, asking, self._router.withheld)

    def _job(self, pending: Pending) -> tuple[Call, Pending]:
        """The call that a job is of, and the job as it may be asked for, whoever it comes from.

        Raises:
            UsageError: it may not be.
        """
        argument_checks.a_job(pending)
        host = self.registry.host(pending.host)  # what another machine lacks first
        route = self.registry.route(host.name, pending.model)
        pending = harmless(route, pending)
        return call_of(route, pending), pending
