"""The page that a browser shows: these files, and nothing else of this machine.

The page is a client like any other. It has no key until somebody gives it one, asks by the same
addresses as programs do, and runs nothing that is not here: no library, no other origin.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from werkzeug.wrappers import Response

from imagekit_gateway.gateway.visit import Visit
from imagekit_gateway.refusals import Refused

__all__ = ["FILES", "file", "page"]

_SCRIPT = "text/javascript"
#: Every file that there is, and its type.
FILES = {
    "index.html": "text/html",
    "style.css": "text/css",
    "icon.svg": "image/svg+xml",
    "start.js": _SCRIPT,
    "api.js": _SCRIPT,
    "session.js": _SCRIPT,
    "element.js": _SCRIPT,
    "make.js": _SCRIPT,
    "controls.js": _SCRIPT,
    "control.js": _SCRIPT,
    "fields.js": _SCRIPT,
    "files.js": _SCRIPT,
    "shapes.js": _SCRIPT,
    "references.js": _SCRIPT,
    "planning.js": _SCRIPT,
    "result.js": _SCRIPT,
    "trouble.js": _SCRIPT,
    "outcome.js": _SCRIPT,
    "code.js": _SCRIPT,
    "gallery.js": _SCRIPT,
    "unfinished.js": _SCRIPT,
    "one.js": _SCRIPT,
    "admin.js": _SCRIPT,
    "keys.js": _SCRIPT,
    "keyform.js": _SCRIPT,
    "sure.js": _SCRIPT,
    "costs.js": _SCRIPT,
    "chart.js": _SCRIPT,
    "open.js": _SCRIPT,
}


def page(visit: Visit) -> Response:
    """The page: make pictures, look at them, find them again."""
    if not visit.request.environ["PATH_INFO"]:  # below a path its files are, and not beside that
        return Response(status=308, headers={"Location": f"{visit.base}/"})
    return _sent(visit, "index.html")


def file(visit: Visit, name: str) -> Response:
    """A file of the page.

    Raises:
        Refused: there is none of this name.
    """
    if name not in FILES:
        raise Refused(404, "not_found", f"the page has no file {name!r:.60}")
    return _sent(visit, name)


def _sent(visit: Visit, name: str) -> Response:
    """Asked for each time, and sent when it is another than the browser has."""
    content = _content(name)
    response = Response(content, mimetype=FILES[name])
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.make_conditional(visit.request)
    return response


@cache
def _content(name: str) -> bytes:
    return (resources.files("imagekit_gateway") / "page" / name).read_bytes()
