"""The public face: a `Client` turns a prompt into pictures and an honest receipt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

from attrs import frozen

from imagekit.config import HostSettings
from imagekit.credentials import Credential, NoAuth
from imagekit.engine import Connection, Engine, invalid
from imagekit.errors import AmbiguousHost, ConfigurationError, MissingCredential, NotServed
from imagekit.family import CANONICAL
from imagekit.hooks import RouteHooks
from imagekit.host import Host
from imagekit.plugins import Plugins
from imagekit.registry import Registry, Route
from imagekit.retry import Retry
from imagekit.spelling import Call, OnUnsupported, spell_call
from imagekit.transport import Send, Transport, is_loopback
from imagekit.values import Pending, Problem, Receipt, Reply, Request, Result

if TYPE_CHECKING:
    from imagekit.events import Observer
    from imagekit.observers import Observers

__all__ = ["Client", "Parameters", "Plan"]


class Parameters(TypedDict, total=False):
    """Everything a call may say besides prompt and model. What is None is not said.

    Attributes:
        image: URL of a reference picture, or several in order.
        mask: URL of a mask.
        n: how many pictures.
        size: ``2048x2048``, a tier (``2K``), or ``auto``.
        ratio: ``16:9``, alone or with ``resolution``.
        resolution: the tier: 512, 1K, 1.5K, 2K, 3K or 4K.
        quality: as the host has it.
        response_format: ``url`` or ``b64_json``: how the picture travels.
        output_format: ``png``, ``jpeg``, ...: what the picture is.
        seed: for hosts that take one; the same seed gives similar pictures.
        watermark: whether the host stamps the picture.
        negative_prompt: what not to draw.
        sequential_image_generation: ``auto`` lets the model make a group of pictures.
        sequential_image_generation_options: ``{"max_images": 4}``.
        user: an opaque id of your end user, for the host's abuse checks.
        options: parameters that belong to one model family.
        native: fields sent verbatim in the body, unchecked.
        on_unsupported: what to do with what the host can't do: ``error`` (default),
            ``adapt`` to the nearest it can do, or ``drop`` it. The receipt tells.
    """

    image: str | Sequence[str] | None
    mask: str | None
    n: int | None
    size: str | None
    ratio: str | None
    resolution: str | None
    quality: str | None
    response_format: str | None
    output_format: str | None
    seed: int | None
    watermark: bool | None
    negative_prompt: str | None
    sequential_image_generation: str | None
    sequential_image_generation_options: Mapping[str, Any] | None
    user: str | None
    options: Mapping[str, Any] | None
    native: Mapping[str, Any] | None
    on_unsupported: OnUnsupported


@frozen(eq=False)
class Plan:
    """What `Client.generate` would do, without doing it.

    Attributes:
        model, host: where it would go.
        problems: why it would be refused; empty when it would be sent.
        receipt, notes: as they would be.
        request: the exact request, unsigned; None when there are problems.
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
        hosts: host name -> `HostSettings`.
        credentials: host name -> an API key, or a `Credential` with named fields. Where
            there is none, plugins are asked, then the host's environment variables.
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
        self._settings = dict(hosts or {})
        self.registry: Registry = self.plugins.registry(self._settings)
        for name in (*self._settings, *(credentials or {}), *prefer):
            self.registry.host(name)
        self._given = {name: _credential(key) for name, key in (credentials or {}).items()}
        self._prefer = tuple(prefer)
        self._concurrency = concurrency
        self._lock = threading.RLock()
        self._hooks: dict[Route, RouteHooks] = {}
        self._connections: dict[str, Connection] = {}
        self._transports: list[Transport] = []
        self._credentials: dict[str, Credential | None] = {}
        self._addresses: dict[str, Route] = {}
        self.engine = Engine(
            hooks=self._hooks_of,
            connect=self._connect,
            retry=retry or Retry(),
            observers=_watching([*observers, *self.plugins.gather("imagekit_observers")]),
            sinks=(*sinks, *self.plugins.gather("imagekit_sinks", fatal=True)),
        )

    # --- what users call -----------------------------------------------------------------

    def generate(
        self,
        prompt: str,
        *,
        model: str,
        deadline: float | None = None,
        **parameters: Unpack[Parameters],
    ) -> Result:
        """Generate pictures.

        Args:
            prompt: what to draw.
            model: ``seedream-4.5``, any of its aliases, or ``host:model``.
            deadline: seconds after which to give up.
            parameters: see `Parameters`.

        Raises:
            InvalidRequest: before anything is sent, with every problem at once.
            ImagekitError: whatever else goes wrong; ``retryable`` and ``charged`` say
                what may be done about it.
        """
        return self.engine.run(self._call(prompt, model, parameters), deadline)

    def plan(self, prompt: str, *, model: str, **parameters: Unpack[Parameters]) -> Plan:
        """What `generate` would send, and what it would say about it. Needs no key."""
        call, problems = self.engine.prepare(self._call(prompt, model, parameters))
        return Plan(
            model=call.route.model.name,
            host=call.route.host.name,
            problems=tuple(problems),
            receipt=call.receipt,
            notes=call.notes,
            request=None if problems else self.engine.shape(call),
            paid_calls=0 if problems else 1,
        )

    def resume(self, pending: Pending, *, deadline: float | None = None) -> Result:
        """Go on waiting for a job, e.g. after `DeadlineExceeded`, or in another process."""
        route = self.registry.route(pending.host, pending.model)
        policy = cast("OnUnsupported", pending.on_unsupported)
        call = spell_call(route, pending.given, policy, pending.authors)
        return self.engine.resume(call, pending, deadline)

    def route(self, model: str) -> Route:
        """Where a model address leads: ``host:model``, or a model with the host chosen.

        Raises:
            UnknownModel, UnknownHost, NotServed: for names that lead nowhere.
            AmbiguousHost: several hosts with a key serve it, and none is preferred.
            MissingCredential: hosts serve it, but none has a key.
        """
        found = self._addresses.get(model)
        if found is None:
            host, name = self.registry.split(model)
            found = self.registry.route(host, name) if host else self._choose(name)
            if host or found.host.real:  # the sandbox stands in only until there is a key
                self._addresses[model] = found
        return found

    def has_credential(self, host: Host) -> bool:
        """Whether a call to this host would find its key."""
        try:
            return isinstance(host.auth, NoAuth) or self._find_credential(host) is not None
        except ConfigurationError:
            return True  # there is one, and using it will say what is wrong with it

    def close(self) -> None:
        """Give every connection back."""
        for transport in self._transports:
            transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- from arguments to a call ------------------------------------------------------------

    def _call(self, prompt: str, model: str, parameters: Parameters) -> Call:
        route = self.route(model)
        given: dict[str, Any] = {"model": self.registry.split(model)[1], "prompt": prompt}
        policy: OnUnsupported = "error"
        for name, value in parameters.items():
            if value is None:
                continue
            if name == "on_unsupported":
                policy = value  # type: ignore[assignment]
            elif name == "options":
                self._merge_options(route, given, value)  # type: ignore[arg-type]
            elif name == "image":
                images = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
                if images:
                    given[name] = images
            else:
                given[name] = value
        return spell_call(route, given, policy)

    def _merge_options(
        self, route: Route, given: dict[str, Any], options: Mapping[str, Any]
    ) -> None:
        standard = [
            Problem(f"options.{name}", f"is a standard parameter; pass {name}=... itself", value)
            for name, value in options.items()
            if name in CANONICAL or name == "native"
        ]
        if standard:
            raise invalid(route, standard)
        given.update((name, value) for name, value in options.items() if value is not None)

    # --- which host ----------------------------------------------------------------------------

    def _choose(self, model: str) -> Route:
        routes = {route.host.name: route for route in self.registry.routes_to(model)}
        wanted = self.registry.model(model).name
        if not routes:
            raise NotServed(f"no installed host serves {wanted}; install one, or a configured one")
        preferred = [routes[name] for name in self._prefer if name in routes]
        keyed = [
            route
            for route in (preferred or routes.values())
            if route.host.real and self.has_credential(route.host)
        ]
        if preferred:
            return (keyed or preferred)[0]
        if len(keyed) > 1:
            names = tuple(route.host.name for route in keyed)
            example = f"{names[0]}:{wanted}"
            raise AmbiguousHost(
                f"{wanted} is served by {' and '.join(names)}, and you have a key for each; "
                f"say which, e.g. {example}",
                hosts=names,
            )
        return keyed[0] if keyed else self._without_key(wanted, routes)

    def _without_key(self, model: str, routes: Mapping[str, Route]) -> Route:
        """The sandbox, but only for somebody who has no key at all."""
        real = [route.host for route in routes.values() if route.host.real]
        sandbox = next((route for route in routes.values() if not route.host.real), None)
        keys_elsewhere = any(
            host.real and self.has_credential(host) for host in self.registry.hosts.values()
        )
        if sandbox and not keys_elsewhere:
            return sandbox
        ways = "; ".join(how_to_give_a_key(host) for host in real)
        hint = f", or try {sandbox.name} for a free drawing" if sandbox else ""
        raise MissingCredential(f"no key for a host that serves {model}: {ways}{hint}")

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
        settings = self._settings.get(host.name, HostSettings())
        plain = Transport(self._concurrency, settings.connect_timeout, settings.read_timeout)
        guarded = GuardedTransport(self._concurrency, local=is_loopback(route.url()))
        self._transports += [plain, guarded]

        def bottom(request: Request) -> Reply:
            transport = guarded if request.step == "download" else plain
            return transport.send(request)

        send: Send = bottom
        for wrapper in reversed(self.plugins.for_host(host, "imagekit_transport_wrapper")):
            send = wrapper(send)
        return Connection(send, lambda: self._credential(host))

    def _credential(self, host: Host) -> Credential:
        if isinstance(host.auth, NoAuth):
            return Credential(source="none needed")
        found = self._find_credential(host)
        if found is None:
            raise MissingCredential(how_to_give_a_key(host))
        return found

    def _find_credential(self, host: Host) -> Credential | None:
        if host.name in self._given:
            return self._given[host.name]
        found = self._credentials.get(host.name)
        if found is None:
            found = self.plugins.for_host(host, "imagekit_credential")
            self._credentials[host.name] = found
        return found


def _watching(observers: list[Observer]) -> Observers | None:
    if not observers:
        return None
    from imagekit.observers import Observers  # and with it every kind of event

    return Observers(observers)


def how_to_give_a_key(host: Host) -> str:
    """One sentence that says exactly how to give this host its key."""
    names = " and ".join(variables[0] for variables in host.auth.variables.values())
    where = f" (keys are made at {host.keys_url})" if host.keys_url else ""
    return (
        f"{host.name} needs a key: export {names}=..., "
        f"or pass credentials={{{host.name!r}: ...}}{where}"
    )


def _credential(key: str | Credential) -> Credential:
    return key if isinstance(key, Credential) else Credential(api_key=key)
