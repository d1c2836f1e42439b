"""Who is in: a client's plugins and what they brought, asked together, put out one by one.

A plugin that fails is reported with its distribution's name and changes nothing for
the others. Every client has its own `Members`: what happens to a plugin there shows nowhere else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, Self

import pluggy

from imagekit.basics.forks import tell_in_child
from imagekit.declare.family import Family
from imagekit.declare.host import Host
from imagekit.declare.wire import Wire
from imagekit.errors import ConfigurationError, PluginError
from imagekit.plan.routes.route import Route
from imagekit.plugins.claims import Claim, check_kind, several
from imagekit.plugins.core_plugin import Defaults
from imagekit.plugins.finding import Plugin
from imagekit.plugins.manager import Manager
from imagekit.plugins.route_hooks import RouteHooks, bind

__all__ = ["Members"]

log = logging.getLogger("imagekit")


class Members:
    """Plugins in a pinned order, one client's own.

    pluggy asks what was registered last first, so plugins are registered in reverse
    order of their names: hooks run by name, and core's own implementations last. The
    objects that plugins return are registered after them and asked before them: the
    host's, then the family's, then the wire's.
    """

    def __init__(self, strict: bool = False) -> None:
        self._manager = Manager()
        self._manager_is_shared = False
        core = Defaults()
        self._manager.register(core, name="imagekit")
        self._core = Plugin("imagekit", "imagekit", "core", "loaded", module=core)
        self.installed: list[Plugin] = []
        self.strict = strict
        self._brought: dict[type, list[Claim]] = {}
        self.after_fork()
        tell_in_child(self)

    def after_fork(self) -> None:
        """In a child the lock may be held by a thread that it has not got."""
        self._lock = threading.Lock()

    def add(self, plugin: Plugin, load: Callable[[], object], fatal: bool = False) -> None:
        """Import and register one plugin, or note why that can't be, unless that is ``fatal``."""
        try:
            if self._manager.has_plugin(plugin.name):
                raise PluginError(f"another plugin is named {plugin.name}, too")
            begun = time.perf_counter()
            try:
                plugin.module = load()
            finally:
                plugin.seconds = time.perf_counter() - begun
            self._own_manager().admit(plugin.module, plugin.name)
        except (Exception, SystemExit) as error:
            self._fail(plugin, error, fatal)
            return
        callers = self._manager.get_hookcallers(plugin.module) or []
        plugin.hooks = tuple(sorted(caller.name for caller in callers))
        plugin.state = "loaded"

    def _own_manager(self) -> Manager:
        """The manager, to be changed: a copy where other clients read the same one."""
        if self._manager_is_shared:
            self._manager, self._manager_is_shared = self._manager.with_more({}), False
        return self._manager

    def _apart(self) -> Self:
        """The same plugins for another client."""
        twin = copy(self)
        twin.after_fork()
        tell_in_child(twin)
        plugins = {id(plugin): copy(plugin) for plugin in (*self.installed, self._core)}
        twin.installed = [plugins[id(plugin)] for plugin in self.installed]
        twin._core = plugins[id(self._core)]
        twin._brought = {
            kind: [(plugins[id(owner)], thing) for owner, thing in claims]
            for kind, claims in self._brought.items()
        }
        self._manager_is_shared = twin._manager_is_shared = True
        return twin

    def _fail(self, plugin: Plugin, error: BaseException, fatal: bool = False) -> None:
        """Put a plugin out, with all it brought, and note why: its first failure counts."""
        first = plugin.state != "failed"
        if first:
            plugin.error = f"{type(error).__name__}: {error}".strip()
        plugin.state, plugin.hooks = "failed", ()
        manager = self._own_manager()
        if plugin.module and manager.get_plugin(plugin.name) is plugin.module:
            manager.unregister(plugin.module)
        for owner, thing in (claim for claims in self._brought.values() for claim in claims):
            if owner is plugin and manager.is_registered(thing):
                manager.unregister(thing)
        if self.strict or fatal:
            raise PluginError(f"the plugin {plugin.label} is broken: {plugin.error}") from error
        if first:
            log.warning("the plugin %s is broken and left out: %s", plugin.label, plugin.error)

    def _owner(self, impl: pluggy.HookImpl) -> Plugin:
        for plugin in self.installed:
            if plugin.module is impl.plugin and plugin.state == "loaded":
                return plugin
        return self._core

    def collect(
        self,
        hook: str,
        kind: type,
        fatal: bool = False,
        read: Callable[[Any], list[Any]] | None = None,
        **given: object,
    ) -> list[Claim]:
        """(owner, object) for everything a hook yields, by plugin name.

        A plugin that fails is reported and left out, unless that is ``fatal``.

        Args:
            read: what a plugin returned, as a list of ``kind``.

        Raises:
            PluginError: a plugin failed, and that is ``fatal``, or it is `strict`.
            ConfigurationError: it can't, as it is configured, and that is ``fatal``.
        """
        found: list[Claim] = []
        for impl in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            owner = self._owner(impl)
            try:
                answer = impl.function(*(given[name] for name in impl.argnames))
                things = read(answer) if read else several(hook, answer)
                for thing in things:
                    check_kind(hook, thing, kind)
                found += [(owner, thing) for thing in things]
            except ConfigurationError as error:
                if fatal and not isinstance(error, PluginError):
                    raise  # its user's mistake: the plugin is all right
                self._fail(owner, error, fatal)
            except (Exception, SystemExit) as error:
                self._fail(owner, error, fatal)
        return found

    def apart(self, hook: str, **given: object) -> list[tuple[Plugin, Callable[[], Any]]]:
        """(owner, question) for each plugin that implements a hook, by plugin name: for whoever
        asks them side by side, and tells by himself what fails."""
        impls = reversed(getattr(self._manager.hook, hook).get_hookimpls())
        return [
            (self._owner(one), partial(one.function, *(given[name] for name in one.argnames)))
            for one in impls
        ]

    def gather(self, hook: str, fatal: bool = False) -> list[Any]:
        """Everything all plugins return from a hook without arguments, by plugin name.

        A plugin that fails is reported and left out, unless that is ``fatal``.
        """
        return [thing for _, thing in self.collect(hook, object, fatal)]

    def bind(self, route: Route) -> RouteHooks:
        """The hooks of one route: its own objects and the policy plugins, nobody else."""
        own = {route.host, route.wire}
        own |= {family for family in self._kept(Family) if route.model in family.models}
        others = [thing for thing in self._objects() if thing not in own]
        return bind(route.name, lambda hook: self._manager.subset_hook_caller(hook, others))

    def for_host(self, host: Host, hook: str) -> Any:
        """A build-time hook, asked of this host's own object and the policy plugins."""
        others = [thing for thing in self._objects() if thing is not host]
        return self._manager.subset_hook_caller(hook, others)(host=host)

    def brought_by(self, module: object) -> list[Any]:
        """The wires, families, hosts and offers that were taken from one plugin."""
        return [
            thing
            for claims in self._brought.values()
            for owner, thing in claims
            if owner.module is module and owner.state == "loaded"
        ]

    def _kept(self, *kinds: type) -> list[Any]:
        """What plugins brought that have not failed since."""
        return [
            thing
            for kind in kinds
            for owner, thing in self._brought.get(kind, ())
            if owner.state == "loaded"
        ]

    def _objects(self) -> list[Any]:
        """What is registered besides the plugins themselves."""
        return self._kept(Wire, Family, Host)
