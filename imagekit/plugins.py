"""Finding plugins, loading them one by one, and keeping the broken ones out.

A plugin that fails is reported with its distribution's name and changes nothing for
the others. Nothing here is global: every client has its own `Plugins`.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any

import pluggy
from attrs import define, evolve, field

from imagekit import hookspecs
from imagekit.closest import closest
from imagekit.config import HostSettings
from imagekit.defaults import Defaults
from imagekit.errors import PluginError
from imagekit.family import Family
from imagekit.hooks import RouteHooks, bind
from imagekit.host import Host, Offer
from imagekit.registry import Registry, Route
from imagekit.wire import Wire

__all__ = ["GROUP", "Plugin", "Plugins"]

log = logging.getLogger("imagekit")

GROUP = "imagekit"
ALLOW, BLOCK = "IMAGEKIT_PLUGINS", "IMAGEKIT_PLUGINS_BLOCKED"


@define
class Plugin:
    """One installed plugin, known by name before it is imported.

    ``state`` is ``loaded``, ``failed`` (``error`` says why) or ``blocked``.
    """

    name: str
    distribution: str
    version: str
    state: str = "blocked"
    error: str = ""
    hooks: tuple[str, ...] = ()
    module: object = field(default=None, repr=False)

    @property
    def label(self) -> str:
        return f"{self.name} ({self.distribution} {self.version})"


class Plugins:
    """All plugins of one client, in a pinned order.

    pluggy asks what was registered last first, so plugins are registered in reverse
    order of their names: hooks run by name, and core's own implementations last. The
    objects that plugins return are registered after them and asked before them: the
    host's, then the family's, then the wire's.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ, strict: bool = False) -> None:
        self.manager = pluggy.PluginManager("imagekit")
        self.manager.add_hookspecs(hookspecs)
        core = Defaults(environment)
        self.manager.register(core, name="imagekit")
        self._core = Plugin("imagekit", "imagekit", "core", "loaded", module=core)
        self.installed: list[Plugin] = []
        self.strict = strict
        self._objects: list[object] = []
        self._families: list[Family] = []
        self._wires: list[Wire] = []
        self._hosts: list[Host] = []
        self._offers: list[Offer] = []
        self._asked = False
        self._lock = threading.Lock()

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ, strict: bool = False) -> Plugins:
        """Load every installed plugin that the environment allows.

        ``IMAGEKIT_PLUGINS`` is a comma-separated allow list of plugin names (empty: no
        plugin at all); ``IMAGEKIT_PLUGINS_BLOCKED`` is a block list.

        Raises:
            PluginError: a plugin is broken, and ``strict``.
        """
        plugins = cls(environment, strict)
        for name, distribution, version, load in reversed(_entry_points()):
            plugin = Plugin(name, distribution, version)
            plugins.installed.insert(0, plugin)
            if _allowed(name, environment):
                plugins.add(plugin, load)
        present = {plugin.name for plugin in plugins.installed}
        for name in sorted(_names(environment.get(ALLOW, "")) - present):
            missing = Plugin(name, "no distribution", "")
            plugins.installed.append(missing)
            plugins._fail(missing, PluginError(f"{ALLOW} names it, but it is not installed"))
        return plugins

    @classmethod
    def of(cls, *modules: object, environment: Mapping[str, str] | None = None) -> Plugins:
        """Just these modules (or objects with hook implementations), for tests and embedding."""
        plugins = cls(environment or {}, strict=True)
        for module in reversed(modules):
            name = getattr(module, "__name__", type(module).__name__)
            plugin = Plugin(name, name, "0")
            plugins.installed.insert(0, plugin)
            plugins.add(plugin, lambda module=module: module)  # type: ignore[misc]
        return plugins

    def add(self, plugin: Plugin, load: Callable[[], object]) -> None:
        """Import and register one plugin, or note why that can't be."""
        try:
            if self.manager.has_plugin(plugin.name):
                raise PluginError(f"another plugin is named {plugin.name}, too")
            plugin.module = load()
            _register(self.manager, plugin.module, plugin.name)
        except (Exception, SystemExit) as error:
            self._fail(plugin, error)
            return
        callers = self.manager.get_hookcallers(plugin.module) or []
        plugin.hooks = tuple(sorted(caller.name for caller in callers))
        plugin.state = "loaded"

    def registry(self, settings: Mapping[str, HostSettings] | None = None) -> Registry:
        """What every plugin brings, joined."""
        with self._lock:
            if not self._asked:
                self._ask()
        return Registry(self._families, self._wires, self._hosts, settings, self._offers)

    def with_instances(self, settings: Mapping[str, HostSettings]) -> Plugins:
        """These plugins, with one more host for all settings of another host's kind.

        A copy, so that other clients of the same plugins do not meet those hosts; the
        methods of an instance are those of its kind.
        """
        known = self.registry().hosts
        wanted = {
            name: own.kind
            for name, own in settings.items()
            if own.kind in known and own.kind != name and name not in known
        }
        if not wanted:
            return self
        twin = copy(self)
        twin.manager = pluggy.PluginManager("imagekit")
        twin.manager.add_hookspecs(hookspecs)
        instances = [evolve(known[kind], name=name, kind=kind) for name, kind in wanted.items()]
        twin._hosts = [*self._hosts, *instances]
        twin._objects = [*self._objects, *instances]
        for name, plugin in self.manager.list_name_plugin():
            if plugin is not None:
                twin.manager.register(plugin, name)
        for host in instances:
            twin.manager.register(host, f"host {host.name}")
        return twin

    def _ask(self) -> None:
        """Call the registration hooks, once, and register the objects they return.

        A plugin that fails at any of this leaves with everything it brought.
        """
        wires = self._collect("imagekit_wires", Wire)
        families = self._collect("imagekit_families", Family)
        hosts = self._collect("imagekit_hosts", Host)
        offers = self._collect("imagekit_offers", Offer)
        self._part_rivals(wires, lambda wire: [f"the wire {wire.name!r}"])
        self._part_rivals(families, _family_names)
        self._part_rivals(hosts, lambda host: [f"the host {host.name!r}"])
        own = {name for _, host in hosts for name in _offer_names(host)}
        for owner, offer in offers:
            for name in own & set(_offer_names(offer)):
                self._fail(owner, PluginError(f"{name} is already made by the host itself"))
        self._part_rivals(hosts, _offer_names)
        self._part_rivals(offers, _offer_names)
        objects = [*wires, *families, *hosts]
        for owner, thing in objects:
            self._adopt(owner, thing)
        for thing in {thing for _, thing in objects} - set(_kept(objects)):
            if self.manager.is_registered(thing):
                self.manager.unregister(thing)
        self._wires, self._families, self._hosts = _kept(wires), _kept(families), _kept(hosts)
        self._offers = _kept(offers)
        self._objects = _kept(objects)
        self._asked = True

    def _adopt(self, owner: Plugin, thing: Any) -> None:
        """Register an object for its per-call hooks, under a name that tells what it is."""
        if owner.state != "loaded":
            return
        kind = next(kind for kind in (Wire, Family, Host) if isinstance(thing, kind))
        try:
            _register(self.manager, thing, f"{kind.__name__.lower()} {thing.name}")
        except Exception as error:
            self._fail(owner, error)

    def bind(self, route: Route) -> RouteHooks:
        """The hooks of one route: its own objects and the policy plugins, nobody else."""
        own = {route.host, route.wire} | {f for f in self._families if route.model in f.models}
        others = [thing for thing in self._objects if thing not in own]
        return bind(route.name, lambda hook: self.manager.subset_hook_caller(hook, others))

    def for_host(self, host: Host, hook: str) -> Any:
        """A build-time hook, asked of this host's own object and the policy plugins."""
        others = [thing for thing in self._objects if thing is not host]
        return self.manager.subset_hook_caller(hook, others)(host=host)

    def gather(self, hook: str, fatal: bool = False) -> list[Any]:
        """Everything all plugins return from a hook without arguments, by plugin name.

        A plugin that fails is reported and left out, unless that is ``fatal``.
        """
        return [thing for _, thing in self._collect(hook, object, fatal)]

    # --- loading ---------------------------------------------------------------------

    def _fail(self, plugin: Plugin, error: BaseException, fatal: bool = False) -> None:
        """Put a plugin out and note why: its first failure counts."""
        first = plugin.state != "failed"
        if first:
            plugin.error = f"{type(error).__name__}: {error}".strip()
        plugin.state, plugin.hooks = "failed", ()
        if plugin.module and self.manager.get_plugin(plugin.name) is plugin.module:
            self.manager.unregister(plugin.module)
        if self.strict or fatal:
            raise PluginError(f"the plugin {plugin.label} is broken: {plugin.error}") from error
        if first:
            log.warning("the plugin %s is broken and left out: %s", plugin.label, plugin.error)

    def _owner(self, impl: pluggy.HookImpl) -> Plugin:
        for plugin in self.installed:
            if plugin.module is impl.plugin and plugin.state == "loaded":
                return plugin
        return self._core

    def _collect(self, hook: str, kind: type, fatal: bool = False) -> list[tuple[Plugin, Any]]:
        """(owner, object) for everything a registration hook yields, by plugin name."""
        found: list[tuple[Plugin, Any]] = []
        for impl in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            owner = self._owner(impl)
            try:
                things = list(impl.function())
                for thing in things:
                    _check_kind(hook, thing, kind)
                found += [(owner, thing) for thing in things]
            except (Exception, SystemExit) as error:
                self._fail(owner, error, fatal)
        return found

    def _part_rivals(
        self, claims: list[tuple[Plugin, Any]], names: Callable[[Any], Iterable[str]]
    ) -> None:
        """Fail all plugins that claim one name: no rule could say who is right.

        Core's own names are core's, whoever else claims them.
        """
        owners: dict[str, list[Plugin]] = {}
        for owner, thing in claims:
            for name in names(thing) if owner.state == "loaded" else ():
                owners.setdefault(name, []).append(owner)
        for name, rivals in owners.items():
            labels = list(dict.fromkeys(owner.label for owner in rivals))
            who = " and ".join(labels) if len(labels) > 1 else f"{labels[0]} twice"
            for owner in rivals if len(rivals) > 1 else ():
                if owner is not self._core:
                    self._fail(owner, PluginError(f"{name} is declared by {who}"))


# --- helpers ---------------------------------------------------------------------------


def _entry_points() -> list[tuple[str, str, str, Callable[[], object]]]:
    """(name, distribution, version, loader) of every entry point, sorted by name."""
    from importlib.metadata import entry_points

    found = []
    for point in entry_points(group=GROUP):
        distribution = point.dist.name if point.dist else "unknown"
        version = point.dist.version if point.dist else "0"
        found.append((point.name, distribution, version, point.load))
    return sorted(found, key=lambda entry: entry[:3])


def _allowed(name: str, environment: Mapping[str, str]) -> bool:
    allow, block = environment.get(ALLOW), environment.get(BLOCK, "")
    if allow is not None and name not in _names(allow):
        return False
    return name not in _names(block)


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",")} - {""}


def _register(manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    """Register, refusing what pluggy would let pass: unknown hooks and lost arguments."""
    manager.register(plugin, name=name)
    for caller in manager.get_hookcallers(plugin) or []:
        impl = next(impl for impl in caller.get_hookimpls() if impl.plugin is plugin)
        if not caller.has_spec():
            if impl.optionalhook:
                continue
            near = closest(caller.name, vars(hookspecs))
            hint = f"; did you mean {near[0]}?" if near else ""
            manager.unregister(plugin)
            raise PluginError(f"there is no hook {caller.name}{hint}")
        if impl.kwargnames:
            lost = ", ".join(impl.kwargnames)
            manager.unregister(plugin)
            raise PluginError(f"{caller.name} would never be passed {lost}: it has a default")


def _kept(claims: Iterable[tuple[Plugin, Any]]) -> list[Any]:
    return [thing for owner, thing in claims if owner.state == "loaded"]


def _check_kind(hook: str, thing: Any, kind: type) -> None:
    if not isinstance(thing, kind):
        raise TypeError(f"{hook} gave {thing!r}, which is no {kind.__name__}")
    if kind in (Family, Host, Wire) and type(thing).__hash__ is None:
        raise TypeError(f"{hook} gave a {type(thing).__name__} without a hash; use eq=False")
    if isinstance(thing, Offer) and thing.host is None:
        raise TypeError(f"{hook} gave an offer of {thing.model} that names no host")


def _offer_names(thing: Host | Offer) -> list[str]:
    if isinstance(thing, Offer):
        return [f"the offer of {thing.model!r} at {thing.host}"]
    return [f"the offer of {offer.model!r} at {thing.name}" for offer in thing.offers]


def _family_names(family: Family) -> list[str]:
    models = [f"the model {n!r}" for m in family.models for n in {m.name, *m.aliases}]
    return [f"the family {family.name!r}", *models]
