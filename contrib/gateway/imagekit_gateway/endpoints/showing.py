"""What is neither a picture nor a record: health, numbers, what is not made here."""

from __future__ import annotations

from werkzeug.wrappers import Response

from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import Refused

__all__ = ["alive", "metrics", "no_variations", "ready"]


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
