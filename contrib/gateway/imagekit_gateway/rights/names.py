"""The names by which models are asked for: their own, those of the configuration, and those that
other people's programs have built in."""

from __future__ import annotations

from collections.abc import Collection

from attrs import define, field

from imagekit import AmbiguousHost, Client, Host, ImagekitError, Route

__all__ = ["Names"]

#: Asked for by programs that let nobody choose; see docs/clients.md.
EVERYBODYS = ("gpt-image-1", "gpt-image-2", "dall-e-3", "dall-e-2")
#: What such programs send unasked. Whoever draws for them has to take it.
UNASKED = ("1024x1024", "1536x1024")
#: Models that do, in the order in which they are preferred.
DRAWERS = ("seedream-4.0", "nano-banana", "nano-banana-pro", "seedream-4.5")

#: What a client says of a host where no key is needed.
KEYLESS = "none needed"


@define(eq=False)
class Names:
    """
    Attributes:
        default: asked for by whoever names no model; may be empty.
        built_in: name -> the address that it stands for.
    """

    client: Client
    default: str = ""
    built_in: dict[str, str] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        drawer = self._drawer()
        own = self.client.config.models
        if drawer:
            self.built_in = {name: drawer for name in EVERYBODYS if name not in own}
        self.default = self.default or self.client.config.default_model or drawer or ""

    def route(self, name: str) -> Route:
        """Where it leads.

        Raises:
            ImagekitError: nowhere, as of `imagekit.Client.route`.
        """
        return self.client.route(self.address(name))

    def address(self, name: str) -> str:
        """What `imagekit.Client.generate` is told for it."""
        return self.built_in.get(name, name)

    def defaults(self, name: str) -> frozenset[str]:
        """The parameters that an alias gives, or one that it stands for."""
        given, seen, waiting = set[str](), set[str](), [name]
        while waiting:
            name = waiting.pop()
            alias = self.client.config.models.get(name)
            if alias and name not in seen:
                seen.add(name)
                given |= alias.defaults.keys()
                waiting += alias.models
        return frozenset(given)

    def all(self) -> list[str]:
        """Every name that leads to a model at a host with a key: aliases, models, and models at
        one host each."""
        registry, own = self.client.registry, self.client.config
        aliases = [*own.models, *self.built_in]
        models = [name for name in sorted(registry.models) if self._led(name)]
        asked = {*own.hosts, *(self.route(name).host.name for name in models)}
        routes = [one.name for one in registry.routes if self._is_set_up(one.host, asked)]
        return [*dict.fromkeys([*aliases, *models, *sorted(routes)])]

    def _is_set_up(self, host: Host, asked: Collection[str]) -> bool:
        """Whether somebody has a key of it. Where none is needed it is most often a server of one's
        own, and nobody has one: it counts when it is configured, or is asked anyway."""
        source = self.client.credential_source(host)
        return host.name in asked if source == KEYLESS else source is not None

    def routes(self) -> list[tuple[str, Route]]:
        """Every name that leads somewhere, and where."""
        led = [(name, self._led(name)) for name in self.all()]
        return [(name, route) for name, route in led if route is not None]

    def _led(self, name: str) -> Route | None:
        try:
            return self.route(name)
        except ImagekitError:
            return None

    def _drawer(self) -> str | None:
        """A model that takes what is sent unasked; the configuration's own comes first."""
        default = self.client.config.default_model
        for address in ([default] if default else []) + [*DRAWERS]:
            try:
                if self._draws(address):
                    return address
            except AmbiguousHost as error:  # which `serve` and `check` tell
                address = f"{error.hosts[0]}:{address}"
                if self._draws(address):
                    return address
        return None

    def _draws(self, address: str) -> bool:
        """Whether it takes what is sent unasked, at a host with a key.

        Raises:
            AmbiguousHost: several hosts have one.
        """
        try:
            self.client.route(address)
            plans = [self.client.plan("a", model=address, size=size) for size in UNASKED]
        except AmbiguousHost:
            raise
        except ImagekitError:
            return False
        return not any(plan.problems for plan in plans)
