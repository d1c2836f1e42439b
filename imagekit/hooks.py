"""The hooks of one route, bound once: composed at run time, called like plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pluggy
from attrs import define, evolve

from imagekit.errors import Charged, ImagekitError, PluginError
from imagekit.spelling import Call
from imagekit.values import Problem, Request, Response

__all__ = ["RouteHooks", "bind"]


def bind(route: str, caller: Callable[[str], pluggy.HookCaller]) -> RouteHooks:
    """The per-call hooks behind ``caller``, which finds a hook by name."""
    prepare = tuple(
        (impl.plugin_name, _by_name(impl))
        for impl in reversed(caller("imagekit_prepare_call").get_hookimpls())
    )
    return RouteHooks(
        route,
        prepare,
        _direct(caller("imagekit_validate_request"), ("call",), single=True),
        _direct(caller("imagekit_shape_request"), ("call",)),
        _direct(caller("imagekit_decode_response"), ("call", "response")),
    )


@define(frozen=True)
class RouteHooks:
    """The per-call hooks of one route, bound to plain functions where only one answers.

    What a plugin raises or returns wrongly becomes a `PluginError` that names the hook
    and the route; an `ImagekitError` passes through.
    """

    route: str
    _prepare: tuple[tuple[str, Callable[[Call], Call | None]], ...]
    _validate: Callable[..., Any]
    _shape: Callable[..., Any]
    _decode: Callable[..., Any]

    def prepare(self, call: Call) -> Call:
        """Fold the call through every policy, noting on the receipt who changed what."""
        for name, implementation in self._prepare:
            changed = self._guard("imagekit_prepare_call", implementation, call)
            if changed is None:
                continue
            self._expect("imagekit_prepare_call", changed, Call)
            authors = dict(call.authors)
            for parameter, value in changed.given.items():
                if call.given.get(parameter) != value:
                    authors[parameter] = f"policy:{name}"
            call = evolve(changed, authors=authors).change()
        return call

    def validate(self, call: Call) -> list[Problem]:
        answers = self._guard("imagekit_validate_request", self._validate, call)
        return [problem for answer in answers for problem in answer]

    def shape(self, call: Call) -> Request:
        request = self._guard("imagekit_shape_request", self._shape, call)
        self._expect("imagekit_shape_request", request, Request)
        return request  # type: ignore[no-any-return]

    def decode(self, call: Call, response: Response) -> Any:
        return self._guard("imagekit_decode_response", self._decode, call, response)

    def _guard(self, hook: str, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except ImagekitError:
            raise
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise self._broken(hook, f"raised {what}") from error

    def _expect(self, hook: str, value: object, kind: type) -> None:
        if not isinstance(value, kind):
            raise self._broken(hook, f"gave {value!r}, not a {kind.__name__}")

    def _broken(self, hook: str, what: str) -> PluginError:
        paid = Charged.MAYBE if hook == "imagekit_decode_response" else Charged.NO
        return PluginError(f"a plugin on {self.route} is broken: {hook} {what}", charged=paid)


def _by_name(impl: pluggy.HookImpl) -> Callable[[Call], Call | None]:
    function = cast("Callable[..., Call | None]", impl.function)
    return lambda call: function(**dict.fromkeys(impl.argnames, call))


def _direct(
    caller: pluggy.HookCaller, arguments: tuple[str, ...], single: bool = False
) -> Callable[..., Any]:
    """The one plain function behind a hook, or the hook itself when there are several.

    ``single`` wraps a lone answer in a list, as pluggy does for hooks that collect.
    """
    impls = caller.get_hookimpls()
    if len(impls) == 1 and not (impls[0].wrapper or impls[0].hookwrapper):
        impl = impls[0]
        if tuple(impl.argnames) == arguments:
            function: Callable[..., Any] = impl.function
            return (lambda *args: (function(*args),)) if single else function
    return lambda *args: caller(**dict(zip(arguments, args, strict=True)))
