"""Loading what is installed, and joining what it declares.

Plugins are imported one by one, and asked once what they bring: what two of them claim, neither
has. What is as it was when an earlier client loaded the same is not loaded again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from types import ModuleType
from typing import Any

from imagekit.basics.forks import tell_in_child
from imagekit.declare.family import Family
from imagekit.declare.host import Host, Offer
from imagekit.declare.wire import Wire
from imagekit.errors import PluginError
from imagekit.plan.routes.registry import Registry
from imagekit.plugins.claims import (
    Claim,
    family_names,
    host_names,
    instances,
    offer_names,
    rivals,
    wire_names,
)
from imagekit.plugins.finding import (
    ALLOW,
    BLOCK,
    Plugin,
    allowed,
    claimed_by,
    entry_points_here,
    listed_names,
)
from imagekit.plugins.members import Members
from imagekit.plugins.memory import Memory, ground_of
from imagekit.settings.config import HostSettings

__all__ = ["Plugins"]

_memory: Memory[Plugins] = Memory()


class Plugins(Members):
    """All plugins of one client, in a pinned order, and what they declare."""

    #: What was found and why, where another client may have the same; see `ground_of`.
    _ground: object = None

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
