"""What is neither a picture nor a record: health, numbers, the description, the page."""

from __future__ import annotations

from functools import cache
from importlib import resources

from werkzeug.wrappers import Response

from imagekit_gateway.refusals import Refused
from imagekit_gateway.visit import Visit, as_json

__all__ = ["alive", "metrics", "no_variations", "page", "ready"]


def alive(visit: Visit) -> Response:
    """The process answers."""
    return as_json({"status": "ok"})


def ready(visit: Visit) -> Response:
    """Requests are welcome: the store answers, and nobody has told the gateway to end.

    Raises:
        Refused: they are not.
        ImagekitError: the store does not answer.
    """
    if visit.gateway.draining.is_set():
        raise Refused(503, "draining", "the gateway is about to end", "server_error")
    visit.gateway.store.requests(limit=1)
    return as_json({"status": "ok"})


def metrics(visit: Visit) -> Response:
    """Numbers for Prometheus."""
    told = visit.gateway.meters.text()
    if told is None:
        why = "nothing is counted here; pip install imagekit-gateway[metrics]"
        raise Refused(404, "not_installed", why)
    return Response(told[0], content_type=told[1])


def no_variations(visit: Visit) -> Response:
    """Not made here: what is answered says what to ask for instead.

    Raises:
        Refused: always.
    """
    why = "variations are not made here: POST /v1/images/edits with the picture, and a prompt"
    raise Refused(404, "not_supported", why)


@cache
def _page() -> bytes:
    return (resources.files("imagekit_gateway") / "page" / "index.html").read_bytes()


def page(visit: Visit) -> Response:
    """What a browser shows."""
    return Response(_page(), mimetype="text/html")
