"""The WSGI application: who asks, what for, and what is answered."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from secrets import token_hex
from typing import Any

from attrs import define
from imagekit_store import Key, Keys, NoSuchKey
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Request, Response

from imagekit import Charged, ImagekitError
from imagekit_gateway.gateway import tracing
from imagekit_gateway.gateway.callers import bad_key
from imagekit_gateway.gateway.forwarded import address_of
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.gateway.visit import Visit
from imagekit_gateway.openapi.route import Route
from imagekit_gateway.refusals import Refused, refusal_of
from imagekit_gateway.serving import crossing
from imagekit_gateway.serving.routes import MATCHER

__all__ = ["Application"]

log = logging.getLogger("imagekit.gateway")
audit = logging.getLogger("imagekit.gateway.audit")

#: On every answer: nothing of the gateway is a page of anybody else's, or runs what it shows.
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"  # no text becomes HTML
    ),
}

#: As a client names us; what links are made of. HTTP/1.0 has none.
HOST = re.compile(r"|[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:\d{1,5})?")

Start = Callable[..., Any]


@define
class Application:
    """A gateway, as a server calls it: WSGI, for as many threads as `Settings.threads`. Below a
    path (``SCRIPT_NAME``) its links are below that, too.

    Whoever calls it closes what it gives, as WSGI has it: only then is a request over.
    """

    gateway: Gateway

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        began = time.perf_counter()
        visit = Visit(self.gateway, Request(environ), _new_id())
        self.gateway.under_way.begin(visit.id)
        with self.gateway.tracing.around(visit.request, visit.id) as visit.span:
            response = self._response(visit)
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = visit.id
        if self.gateway.settings.cors and _may_cross(visit.request):
            crossing.allow(self.gateway.settings.cors, visit.request, response)
        response.call_on_close(lambda: self._over(visit, response, time.perf_counter() - began))
        return response(environ, start)

    def _response(self, visit: Visit) -> Response:
        try:
            return self._answered(visit)
        except Refused as refused:
            return _refusal(visit, refused)
        except ImagekitError as error:
            return _refusal(visit, refusal_of(error, visit.id if visit.sent else None))
        except Exception:
            log.exception("%s: a bug", visit.id)
            return _refusal(visit, _bug(visit))

    def _answered(self, visit: Visit) -> Response:
        request = visit.request
        if request.method == "OPTIONS":
            return crossing.preflight(self.gateway.settings.cors, request)
        try:
            route, given = MATCHER.match(request.path, request.method)
        except (HTTPException, RequestRedirect) as error:
            raise _no_route(request, error) from None
        visit.about["route_name"] = route.name
        if not HOST.fullmatch(request.headers.get("Host", "")):
            raise Refused(400, "invalid_host", "the header Host is no name of a server")
        self._let_in(visit, route, given)
        _refuse_unknown(request, route)
        answer: Response = route.handler(visit, **given)
        return answer

    def _let_in(self, visit: Visit, route: Route, given: Mapping[str, Any]) -> None:
        """
        Raises:
            Refused: they may not come in by this door.
        """
        if route.door == "open":
            return
        if route.door == "link" and self._has_link(visit, **given):
            self._take(visit, "")
            return
        carried = visit.request.headers.get("Authorization")
        visit.key, visit.rights = self.gateway.callers.of(carried)
        visit.about["key"] = visit.key.name
        self._take(visit, visit.key.name, visit.key.limits.at_once)
        if route.door == "operator":
            if not visit.rights.operator:
                why = "this needs an operator's key"
                raise Refused(403, "not_allowed", why, "permission_error")
            self._refuse_revoked(visit.key)

    def _refuse_revoked(self, key: Key) -> None:
        """What was good when it was looked up a second ago: an operator may have been revoked
        because of what they do.

        Raises:
            Refused: it is good no more.
        """
        with suppress(NoSuchKey):  # keys of another system than the store are as that says
            if (state := Keys(self.gateway.store).named(key.name).state) != "active":
                raise bad_key(f"this API key is {state}")

    def _take(self, visit: Visit, caller: str, at_once: int | None = None) -> None:
        """
        Raises:
            Refused: all that it may have at once is under way.
        """
        self.gateway.shares.take(caller, at_once)
        visit.caller = caller

    def _has_link(self, visit: Visit, id: str) -> bool:
        """Whether the address itself lets them in.

        Raises:
            Refused: it did, and does not any more; or it was altered.
        """
        args = visit.request.args
        if "sig" not in args:
            return False
        place = visit.number("place", 0, 0, 1000)
        if not self.gateway.links.holds(id, place, args.get("exp", ""), args["sig"]):
            raise Refused(403, "invalid_link", "this link has expired, or is not as it was made")
        return True

    def _over(self, visit: Visit, response: Response, seconds: float) -> None:
        """Its answer has been sent, or its client has gone."""
        if visit.caller is not None:
            self.gateway.shares.give(visit.caller)
        try:
            self._write_down(visit, response, seconds)
        finally:
            self.gateway.under_way.end(visit.id)

    def _write_down(self, visit: Visit, response: Response, seconds: float) -> None:
        """Who asked for what and what came of it, without a prompt or a picture."""
        about = visit.about
        route = str(about.pop("route_name", "none"))
        self.gateway.meters.request(route, response.status_code, seconds)
        if visit.span is not None:
            tracing.over(visit.span, route, response.status_code)
        if audit.isEnabledFor(logging.INFO):
            told = {
                "id": visit.id,
                "from": address_of(visit.request, self.gateway.settings.proxies),
                "method": visit.request.method,
                "path": visit.request.path[:200],
                "status": response.status_code,
                "seconds": round(seconds, 3),
                **{name: str(value) for name, value in about.items() if value is not None},
            }
            audit.info("%s", json.dumps(told))


def _new_id() -> str:
    """Random, after the time: records then lie in the order in which they were asked for."""
    return f"img_{time.time_ns() // 1000:014x}{token_hex(9)}"


def _may_cross(request: Request) -> bool:
    """What operators may do is for no page but the gateway's own."""
    method = request.method
    if method == "OPTIONS":
        method = request.headers.get("Access-Control-Request-Method", "GET")
    try:
        route, _ = MATCHER.match(request.path, method)
    except (HTTPException, RequestRedirect):
        return True
    return bool(route.door != "operator")


def _no_route(request: Request, error: Exception) -> Refused:
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        why = f"{request.method} is not answered here; {allowed} is"
        return Refused(405, "method_not_allowed", why, headers={"Allow": allowed})
    if isinstance(error, RequestRedirect | NotFound):
        below = f"; /v1{request.path[:80]} is there" if _is_below_v1(request) else ""
        return Refused(404, "not_found", f"there is nothing at {request.path[:80]!r}{below}")
    return Refused(400, "bad_request", "this is no request that can be answered")


def _is_below_v1(request: Request) -> bool:
    """Whether a program was told a base URL without it."""
    try:
        MATCHER.match(f"/v1{request.path}", request.method)
    except (HTTPException, RequestRedirect):
        return False
    return True


def _refuse_unknown(request: Request, route: Route) -> None:
    """
    Raises:
        Refused: a field of the query is none of those that count here.
    """
    known = route.about.query
    for name in request.args if known else ():
        if name not in known:
            why = f"{name!r:.60} is no field of this query, which has {', '.join(known)}"
            raise Refused(400, "invalid_value", why)


def _bug(visit: Visit) -> Refused:
    """Of ours. What may have been sent by then may have been paid for."""
    message = f"a bug in the gateway; its log has it as {visit.id}"
    if not visit.sent:
        return Refused(500, "internal_error", message, "server_error")
    charged = Charged.MAYBE
    return Refused(
        424, "outcome_unknown", message, "server_error", charged=charged, record=visit.id
    )


def _refusal(visit: Visit, refused: Refused) -> Response:
    response = Response(
        json.dumps(refused.body(visit.id)),
        refused.status,
        [*refused.headers.items()],
        mimetype="application/json",
    )
    response.headers["x-should-retry"] = "true" if refused.again else "false"
    response.headers["Imagekit-Charged"] = str(refused.charged)
    if refused.record:
        response.headers["Imagekit-Record"] = refused.record
        response.headers["Location"] = visit.record(refused.record)
    if refused.wait is not None:
        response.headers["Retry-After"] = str(max(1, round(refused.wait)))
    visit.about |= {"error": refused.code, "charged": str(refused.charged)}
    return response
