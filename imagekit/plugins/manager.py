"""pluggy's manager of imagekit's hooks, stricter: what could never be called is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pluggy

from imagekit import hookspecs
from imagekit.basics.closest import closest
from imagekit.errors import PluginError

__all__ = ["Manager"]


class Manager(pluggy.PluginManager):
    """Knows every hook there is."""

    def __init__(self) -> None:
        super().__init__("imagekit")
        self.add_hookspecs(hookspecs)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Passes over the thirty names that every object has, and no hook: each client registers
        every host, family and wire there is."""
        return None if name.startswith("__") else super().parse_hookimpl_opts(plugin, name)

    def admit(self, plugin: object, name: str) -> None:
        """Register, refusing what pluggy would let pass: unknown hooks and lost arguments.

        Raises:
            PluginError: saying which.
        """
        self.register(plugin, name)
        for caller in self.get_hookcallers(plugin) or []:
            impl = next(impl for impl in caller.get_hookimpls() if impl.plugin is plugin)
            mistake = _mistake(caller, impl)
            if mistake:
                self.unregister(plugin)
                raise PluginError(mistake)

    def with_more(self, more: Mapping[str, object]) -> Manager:
        """One with the same plugins in the same order, and these by name after them."""
        twin = Manager()
        for name, plugin in [*self.list_name_plugin(), *more.items()]:
            if plugin is not None:
                twin.register(plugin, name)
        return twin


def _mistake(caller: pluggy.HookCaller, impl: pluggy.HookImpl) -> str | None:
    if not caller.has_spec():
        near = closest(caller.name, vars(hookspecs))
        hint = f"; did you mean {near[0]}?" if near else ""
        return None if impl.optionalhook else f"there is no hook {caller.name}{hint}"
    if impl.kwargnames:
        lost = ", ".join(impl.kwargnames)
        return f"{caller.name} would never be passed {lost}: it has a default"
    return None
