"""The hooks: every way in which a plugin takes part.

A plugin is a module named by an entry point of the group ``imagekit``. It marks
functions with `hookimpl`::

    from imagekit import Family, hookimpl

    @hookimpl
    def imagekit_families():
        return [Family("lily", "Lily", models=(...))]

The objects it returns are plugins themselves: a `Family`, `Wire` or `Host` subclass
may carry ``@hookimpl`` methods for the per-call hooks, and those are asked only on
routes the object is part of. An implementation may take fewer arguments than the
specification, never more, and none with a default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from imagekit.declare.auth import Credential
    from imagekit.declare.family import Family
    from imagekit.declare.host import Host, Offer
    from imagekit.declare.wire import Wire
    from imagekit.events import Event, Observer
    from imagekit.journals import Journal
    from imagekit.plan.call import Call
    from imagekit.settings.config import Config
    from imagekit.sharing import Shared
    from imagekit.values import Pending, Problem, Reply, Request, Response, Result, ServerEvent
    from imagekit.values.check import Check

__all__ = ["hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("imagekit")
hookimpl = pluggy.HookimplMarker("imagekit")


# --- registration: called once, when a client is made; pure ---------------------------


@hookspec
def imagekit_families() -> Iterable[Family]:  # type: ignore[empty-body]
    """Declare model families.

    Called by the plugin loader once for the clients of a process, before anything is sent, and
    anew when something was installed or removed since. Must be pure and quick: no environment,
    file, socket or clock. A raised exception disables the plugin and is reported by
    ``imagekit plugins``.

    :returns: the families; model names and aliases must be unique over all plugins.
    """


@hookspec
def imagekit_wires() -> Iterable[Wire]:  # type: ignore[empty-body]
    """Declare wires: dialects of HTTP that hosts may speak.

    Called by the plugin loader once, as `imagekit_families`; pure and quick like it.

    :returns: the wires; their names must be unique over all plugins.
    """


@hookspec
def imagekit_hosts() -> Iterable[Host]:  # type: ignore[empty-body]
    """Declare hosts and what they offer.

    Called by the plugin loader once, as `imagekit_families`; pure and quick like it.
    An offer whose model or wire is not installed is listed as dangling, not an error.

    :returns: the hosts; their names must be unique over all plugins.
    """


@hookspec
def imagekit_offers() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Declare that a host of another plugin serves a model.

    Called by the plugin loader once, as `imagekit_families`; pure and quick like it.

    :returns: offers with ``host`` set.
    """


# --- build time: called while a client is made, or at a host's first use ---------------


@hookspec(firstresult=True)
def imagekit_credential(host: Host) -> Credential | None:
    """Find the credential of a host.

    Called by the client at the host's first call, until one succeeds. Stops at the
    first that is not None; where nobody finds one, the host's environment variables
    are read. What the caller passed to ``Client``, what the configuration refers to and
    the keys file are used before any hook is asked.

    :param host: the host that needs a credential.
    :returns: the credential, or None to leave it to the next.
    """


@hookspec
def imagekit_transport_wrapper(
    host: Host,
) -> Callable[[Callable[[Request], Reply]], Callable[[Request], Reply]] | None:
    """Wrap how requests of a host are sent.

    Called by the client once per host, at its first call. The wrappers are folded in
    the order of plugin names, the first outermost, and then fixed. A wrapper sees
    signed requests, downloads included, and may answer without sending; one that sends
    by itself adds the request's ``signed_query`` to its address.

    :param host: the host whose requests would pass through.
    :returns: a function from one ``send`` to another, or None.
    """


@hookspec
def imagekit_observers() -> Iterable[Observer]:  # type: ignore[empty-body]
    """Provide observers: callables that are told every event of every call.

    Called by the client once, when it is made. An observer that raises is logged and
    changes nothing; it must not block.

    :returns: callables taking one `imagekit.events.Event`.
    """


@hookspec
def imagekit_check_settings(table: str, config: Config) -> Iterable[Problem] | None:
    """Say what is wrong with a plugin's table of a configuration: ``[store]`` or ``[gateway]``.

    Called by the client once for each that the configuration has, when it is made with one, for
    the plugin that it is for. Where there is no such plugin, the configuration is refused. Must
    be pure: nothing is opened or read yet.

    :param table: which: ``store`` or ``gateway``.
    :param config: the configuration; ``config.table(table)`` has the settings by name.
    :returns: problems, with places such as ``store.url``; none when all is well. None if the
        table is another plugin's.
    """


@hookspec
def imagekit_journal(config: Config) -> Journal | None:
    """Provide a journal: what is told of every paid call before it is sent, and at each step
    after that.

    Called by the client once, when it is made; a plugin that fails at it is fatal, since
    nothing may be bought without its journal. A `ConfigurationError` is its user's mistake, and
    told as it is. Every journal is written, the client's own
    first, then those of plugins by their names. It is loud: when it can't write that a call
    is about to be sent, nothing is sent.

    :param config: the client's configuration, an empty one where it has none.
    :returns: a `Journal`, or None for no journal.
    """


@hookspec
def imagekit_sharing(config: Config) -> Shared | None:
    """Provide what counts for all who share it: limits, budgets, and which hosts rest.

    Called by the client once, when it is made, if its configuration has a limit, a budget,
    ``failover`` or ``balance``, and its program has brought nothing itself (``sharing=...``). A
    plugin that fails at it is fatal, since its limits would not be kept; a `ConfigurationError` is
    its user's mistake, and told as it is. Two plugins that bring one are an error. Where nobody
    does, each client counts for itself.

    :param config: the client's configuration.
    :returns: a `Shared`, or None to leave it to others.
    """


@hookspec
def imagekit_sinks() -> Iterable[Callable[[Result], object]]:  # type: ignore[empty-body]
    """Provide sinks: callables that store the result of every paid call.

    Called by the client once, when it is made. Each sink gets a result before the
    caller does, of a request that is several calls each result by itself, as it comes, one
    at a time; if it raises, the caller gets a `SinkError` that carries the result.

    :returns: callables taking one `Result`.
    """


@hookspec
def imagekit_commands() -> Iterable[Any]:  # type: ignore[empty-body]
    """Provide commands for the ``imagekit`` command line.

    Called by the command line once per run. Import click inside the function, so that
    embedding imagekit does not need it.

    :returns: ``click.Command`` objects.
    """


@hookspec
def imagekit_checks(config: Config) -> Iterable[Check] | None:
    """Look whether what a plugin needs is as it should be.

    Called by the command line once for each run of ``imagekit doctor``, in a thread of its own,
    beside those who ask the hosts, and given up when it takes longer than they may. A plugin that
    fails at it is one failed check. Must buy nothing, mend nothing and make nothing that is not
    there.

    :param config: the client's configuration, an empty one where it has none; what is not trusted
        in it is not there.
    :returns: what was found, each a `Check`, without a secret; None for nothing.
    """


# --- per call ---------------------------------------------------------------------------


@hookspec
def imagekit_prepare_call(call: Call) -> Call | None:
    """Rewrite a call before it is validated: a prompt, a default, a policy.

    Called by the engine once per call. Implementations are folded in the order of
    their plugins' names: each gets what the one before returned. Use ``call.change``;
    the engine writes on the receipt which plugin changed what. May raise any
    `ImagekitError` to stop the call. Must not send anything.

    :param call: the call as it stands.
    :returns: the changed call, or None to leave it alone.
    """


@hookspec
def imagekit_validate_request(call: Call) -> Iterable[Problem]:  # type: ignore[empty-body]
    """Say what is wrong with a call.

    Called by the engine once per call, after `imagekit_prepare_call`. All answers are
    concatenated, core's own check of the declared rules among them. A problem that is
    advice becomes a note; any other stops the call before anything is sent.

    :param call: the call, spelled.
    :returns: problems; nothing when there are none.
    """


@hookspec(firstresult=True)
def imagekit_shape_request(call: Call) -> Request | None:
    """Make the HTTP request of a call.

    Called by the engine once per call that has no problems, and by ``Client.plan``.
    Stops at the first that is not None: usually the wire's; a host may answer first,
    or wrap it, for a quirk. Must be pure: no sending, clock or environment, and no
    credential: the engine signs.

    :param call: the validated call.
    :returns: the complete unsigned request.
    """


@hookspec(firstresult=True)
def imagekit_decode_response(call: Call, response: Response) -> Result | Pending | None:
    """Read the answer to a request, or to a poll.

    Called by the engine once per reply. Stops at the first that is not None. Raises
    the `HostError` that the answer means; `imagekit.wires.refuse` finds it in the
    host's error table. Must be pure.

    :param call: the call that was sent; of a job with the ``state`` that was noted with it.
    :param response: the reply, read to its end, whatever its status.
    :returns: the result, or a pending job to ask for again.
    """


@hookspec(firstresult=True)
def imagekit_decode_event(call: Call, event: ServerEvent) -> Iterable[Event] | None:
    """Read one event of a reply that is streamed (``text/event-stream``).

    Called by the engine for each event as it arrives, instead of
    `imagekit_decode_response`. Stops at the first that is not None. Raises the
    `HostError` that an error event means; pictures that came before it are kept. Must be
    pure: what an event means can't depend on those before it.

    :param call: the call that was sent.
    :param event: the event, its pictures decoded.
    :returns: what it means: `Picture`, `PictureFailed`, `Completed`; nothing for events
        that mean nothing here.
    """
