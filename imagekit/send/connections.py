"""The way to each host: made at the first call, wrapped by plugins, shared from then on."""

from __future__ import annotations

import logging
import threading
from weakref import WeakKeyDictionary

from imagekit.basics.forks import tell_in_child
from imagekit.basics.urls import bare_url, in_clear, is_loopback
from imagekit.declare.auth import Credential, NoAuth
from imagekit.declare.host import Host
from imagekit.plan.routes.route import Route
from imagekit.plugins.loading import Plugins
from imagekit.plugins.route_hooks import RouteHooks
from imagekit.send.sender import Connection
from imagekit.send.transport import Send, Transport
from imagekit.settings.config import Config, HostSettings
from imagekit.settings.credentials import Keyring
from imagekit.values import Reply, Request

__all__ = ["NOBODY", "Connections"]

log = logging.getLogger("imagekit")

#: Whose links they are that no installed host is known to have given.
NOBODY = Host("not-installed", "A host that is not installed", "https://nobody.invalid", NoAuth())


class Connections:
    """The connections and the hooks of a client, each built once, by whichever thread needs it.

    Args:
        concurrency: how many requests may be under way at once, for each host.
    """

    def __init__(
        self, plugins: Plugins, config: Config, keyring: Keyring, concurrency: int
    ) -> None:
        self._plugins, self._config, self._keyring = plugins, config, keyring
        self._concurrency = concurrency
        self.after_fork()
        tell_in_child(self)
        self._hooks: WeakKeyDictionary[Route, RouteHooks] = WeakKeyDictionary()
        self._built: dict[str, Connection] = {}
        self._transports: list[Transport] = []
        self._told: set[str] = set()
        self._closed = False

    def after_fork(self) -> None:
        """In a child the lock may be held by a thread that it has not got."""
        self._lock = threading.RLock()

    def hooks(self, route: Route) -> RouteHooks:
        """The plugins that have a say on a route."""
        hooks = self._hooks.get(route)
        if hooks is None:
            with self._lock:
                hooks = self._hooks.setdefault(route, self._plugins.bind(route))
        return hooks

    def to(self, host: Host) -> Connection:
        """How a host is reached."""
        connection = self._built.get(host.name)
        if connection is None:
            with self._lock:
                connection = self._built.get(host.name) or self._build(host)
                self._built[host.name] = connection
        return connection

    def close(self) -> None:
        """Nothing more is sent that may cost; what is awaited still comes, and what is paid for
        can be downloaded."""
        self._closed = True
        for transport in self._transports:
            transport.close()

    def _build(self, host: Host) -> Connection:
        """Fold the wrappers around the socket; what is here now stays for good."""
        from imagekit.send.download import GuardedTransport

        settings = self._config.hosts.get(host.name, HostSettings())
        plain = Transport(self._concurrency, settings.connect_timeout, settings.read_timeout)
        address = settings.base_url or host.base_url
        local, clear = is_loopback(address), in_clear(address)
        guarded = GuardedTransport(self._concurrency, local=local)
        self._transports += [plain, guarded]
        if self._closed:
            self.close()

        def bottom(request: Request) -> Reply:
            transport = guarded if request.step == "download" else plain
            return transport.send(request)

        send: Send = bottom
        for wrapper in reversed(self._plugins.for_host(host, "imagekit_transport_wrapper")):
            send = wrapper(send)
        return Connection(
            send,
            lambda: self._credential(host, address, clear),
            lambda: self._keyring.headers(host),
            local,
        )

    def _credential(self, host: Host, address: str, clear: bool) -> Credential:
        """The host's; said once where others may read it on the way."""
        found = self._keyring.get(host)
        if clear and host.name not in self._told and found.names:
            self._told.add(host.name)
            log.warning(
                "the key of %s goes to %s over plain http, where others can read it",
                host.name,
                bare_url(address),
            )
        return found
