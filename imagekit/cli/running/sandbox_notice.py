"""The sandbox draws for somebody who has no key yet. Nobody is to take that for what they
would have paid for, whoever reads the answer."""

from __future__ import annotations

from imagekit import Client, Result
from imagekit.cli import output

__all__ = ["is_drawn", "tell_of_stand_in"]


def is_drawn(client: Client, result: Result) -> bool:
    """Whether no model was involved."""
    host = client.registry.hosts.get(result.host)
    return host is not None and not host.real


def tell_of_stand_in(client: Client, model: str | None, result: Result) -> None:
    """Said also to those who want to hear nothing, unless they have asked for it by name."""
    if is_drawn(client, result) and not _named(client, model, result.host):
        output.note(
            f"note: there is no key for any host, so {result.host} drew this and no model was "
            f"involved; imagekit hosts shows how to give one, and -m {result.host}:... asks for "
            "drawings"
        )


def _named(client: Client, model: str | None, host: str) -> bool:
    """Whether the call or the configuration says that this host is to be asked."""
    return _leads_to(client, client.config.default_model if model is None else model, host)


def _leads_to(client: Client, address: str | None, host: str) -> bool:
    """Whether an address, or an alias on its way, names this host."""
    named, name = client.registry.split(address) if address else (None, "")
    alias = client.config.models.get(name)
    if named or (alias and host in alias.hosts):
        return True
    models = alias.models if alias else ()
    return host in client.config.prefer or any(_leads_to(client, one, host) for one in models)
