"""How a client may be made: the types of its keywords."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from imagekit.declare.auth import Credential
    from imagekit.events import Observer
    from imagekit.journals import Journal
    from imagekit.plugins.loading import Plugins
    from imagekit.send.retry import Retry
    from imagekit.settings.config import HostSettings
    from imagekit.sharing import Shared
    from imagekit.values import Cost, Result
    from imagekit.values.budget import Budget

__all__ = ["ClientOptions"]


class ClientOptions(TypedDict, total=False):
    """The options of `Client` that a configuration leaves to the program."""

    hosts: Mapping[str, HostSettings] | None
    credentials: Mapping[str, str | Credential] | None
    prefer: Sequence[str]
    sandbox: bool
    plugins: Plugins | None
    environment: Mapping[str, str] | None
    concurrency: int
    retry: Retry | None
    observers: Iterable[Observer]
    sinks: Iterable[Callable[[Result], object]]
    journal: Journal | None
    sharing: Shared | None
    budget: str | Budget | None
    unknown_price: str | Cost | None
    strict: bool
    sleep: Callable[[float], object] | None
