"""Loading plugins one by one, and keeping the broken ones out.

A plugin that fails is reported with its distribution's name and changes nothing for
the others. Every client has its own `Plugins`: what happens to a plugin there shows nowhere else.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from types import ModuleType
from typing import Any

import pluggy

from imagekit.basics.forks import tell_in_child
from imagekit.declare.family import Family
from imagekit.declare.host import Host, Offer
from imagekit.declare.wire import Wire
from imagekit.errors import ConfigurationError, PluginError
from imagekit.plan.routes.registry import Registry
from imagekit.plan.routes.route import Route
from imagekit.plugins.claims import (
    Claim,
    check_kind,
    family_names,
    host_names,
    instances,
    offer_names,
    rivals,
    several,
    wire_names,
)
from imagekit.plugins.core_plugin import Defaults
from imagekit.plugins.finding import (
    ALLOW,
    BLOCK,
    Plugin,
    allowed,
    claimed_by,
    entry_points_here,
    listed_names,
)
from imagekit.plugins.manager import Manager
from imagekit.plugins.memory import Memory, ground_of
from imagekit.plugins.route_hooks import RouteHooks, bind
from imagekit.settings.config import HostSettings

__all__ = ["Plugins"]

log = logging.getLogger("imagekit")

_memory: Memory[Plugins] = Memory()


class Plugins:
    """All plugins of one client, in a pinned order.

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
        self._ground: object = None
        self.after_fork()
        tell_in_child(self)

    def after_fork(self) -> None:
        """In a child the lock may be held by a thread that it has not got."""
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        environment: Mapping[str, str] = os.environ,
        strict: bool = False,
        extra: Sequence[object] = (),
    ) -> Plugins:
        """Load every installed plugin that the environment allows.

        ``IMAGEKIT_PLUGINS`` is a comma-separated allow list of plugin names (empty: no
        plugin at all); ``IMAGEKIT_PLUGINS_BLOCKED`` is a block list. ``extra`` are modules,
        or objects with hook implementations, of the program's own: they come after those.

        What is as it was when an earlier client loaded the same is not loaded again.

        Raises:
            PluginError: a plugin is broken, and ``strict``; or one of ``extra``.
        """
        ground = ground_of(environment.get(ALLOW), environment.get(BLOCK), strict)
        known = None if extra else _memory.get(ground)
        if known is not None:
            return known._apart()
        plugins = cls(strict)
        plugins._add_own(extra)
        points = entry_points_here()
        owners = claimed_by(points)
        for name, distribution, version, load in reversed(points):
            plugin = Plugin(name, distribution, version)
            plugins.installed.insert(0, plugin)
            if not allowed(name, environment):
                continue
            others = owners[name]
            if len(others) > 1:  # whoever takes a name of another is not imported
                plugins._fail(plugin, PluginError(f"{name} is claimed by {' and '.join(others)}"))
            else:
                plugins.add(plugin, load)
        present = {plugin.name for plugin in plugins.installed}
        for name in sorted(listed_names(environment.get(ALLOW, "")) - present):
            missing = Plugin(name, "no distribution", "")
            plugins.installed.append(missing)
            plugins._fail(missing, PluginError(f"{ALLOW} names it, but it is not installed"))
        plugins._ground = None if extra else ground
        return plugins

    def _apart(self) -> Plugins:
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

    def _own_manager(self) -> Manager:
        """The manager, to be changed: a copy where other clients read the same one."""
        if self._manager_is_shared:
            self._manager, self._manager_is_shared = self._manager.with_more({}), False
        return self._manager

    @classmethod
    def of(cls, *modules: object) -> Plugins:
        """Just these modules (or objects with hook implementations), for tests and embedding."""
        plugins = cls(strict=True)
        plugins._add_own(modules)
        return plugins

    def _add_own(self, modules: Sequence[object]) -> None:
        """Register what the program itself brings; what is broken there is its own mistake."""
        for module in reversed(modules):
            name = getattr(module, "__name__", type(module).__name__)
            plugin = Plugin(name, name, "0")
            self.installed.insert(0, plugin)
            self.add(plugin, lambda module=module: module, fatal=True)  # type: ignore[misc]

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

    def registry(self, settings: Mapping[str, HostSettings] | None = None) -> Registry:
        """What every plugin brings, joined."""
        self._ask_once()
        families, wires, hosts, offers = map(self._kept, (Family, Wire, Host, Offer))
        return Registry(families, wires, hosts, settings, offers)

    def with_instances(self, settings: Mapping[str, HostSettings]) -> Plugins:
        """These plugins, with one more host for all settings of another host's kind.

        A copy, so that other clients of the same plugins do not meet those hosts.
        """
        self._ask_once()
        more = instances(self._kept(Host), settings)
        if not more:
            return self
        twin = copy(self)
        tell_in_child(twin)
        twin._manager = self._manager.with_more({f"host {host.name}": host for host in more})
        twin._manager_is_shared = False
        owners = {host.name: owner for owner, host in self._brought[Host]}
        claims = [(owners[host.kind], host) for host in more]
        twin._brought = {**self._brought, Host: [*self._brought[Host], *claims]}
        return twin

    def _ask_once(self) -> None:
        with self._lock:
            if self._brought:
                return
            self._ask()
            modules = [plugin.module for plugin in self.installed if plugin.state == "loaded"]
            named = [module for module in modules if isinstance(module, ModuleType)]
            failed = [plugin for plugin in self.installed if plugin.state == "failed"]
            if self._ground and not failed and named == modules:
                _memory.keep(self._ground, named, self._apart())

    def _ask(self) -> None:
        """Call the registration hooks, once, and register the objects they return.

        A plugin that fails at any of this leaves with everything it brought.
        """
        wires = self.collect("imagekit_wires", Wire)
        families = self.collect("imagekit_families", Family)
        hosts = self.collect("imagekit_hosts", Host)
        offers = self.collect("imagekit_offers", Offer)
        self._part_rivals(wires, wire_names)
        self._part_rivals(families, family_names)
        self._part_rivals(hosts, host_names)
        own = {name for _, host in hosts for name in offer_names(host)}
        for owner, offer in offers:
            for name in own & set(offer_names(offer)):
                self._fail(owner, PluginError(f"{name} is already made by the host itself"))
        self._part_rivals(hosts, offer_names)
        self._part_rivals(offers, offer_names)
        self._brought = {Wire: wires, Family: families, Host: hosts, Offer: offers}
        for owner, thing in (*wires, *families, *hosts):
            self._adopt(owner, thing)

    def _adopt(self, owner: Plugin, thing: Any) -> None:
        """Register an object for its per-call hooks, under a name that tells what it is."""
        if owner.state != "loaded":
            return
        kind = next(kind for kind in (Wire, Family, Host) if isinstance(thing, kind))
        try:
            self._own_manager().admit(thing, f"{kind.__name__.lower()} {thing.name}")
        except Exception as error:
            self._fail(owner, error)

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

    def gather(self, hook: str, fatal: bool = False) -> list[Any]:
        """Everything all plugins return from a hook without arguments, by plugin name.

        A plugin that fails is reported and left out, unless that is ``fatal``.
        """
        return [thing for _, thing in self.collect(hook, object, fatal)]

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

    def _part_rivals(self, claims: list[Claim], names: Callable[[Any], Iterable[str]]) -> None:
        """Fail all plugins that claim one name: no rule could say who is right.

        Core's own names are core's, whoever else claims them.
        """
        for name, owners in rivals(claims, names).items():
            labels = list(dict.fromkeys(owner.label for owner in owners))
            who = " and ".join(labels) if len(labels) > 1 else f"{labels[0]} twice"
            for owner in owners:
                if owner is not self._core:
                    self._fail(owner, PluginError(f"{name} is declared by {who}"))
