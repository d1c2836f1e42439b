"""The bytes of a picture, over HTTP: whole, or a range of them."""

from __future__ import annotations

from collections.abc import Iterator

from imagekit_store import Entry, NoThumbnail
from werkzeug.http import is_resource_modified, parse_range_header
from werkzeug.wrappers import Response

from imagekit import Blob
from imagekit_gateway.answers.made import Drawn
from imagekit_gateway.gateway.visit import Visit
from imagekit_gateway.refusals import Refused

__all__ = ["LONGEST", "sent", "small"]

PIECE = 1 << 18
#: Pixels on the longer side of small pictures: few, since each is kept.
LONGEST = (128, 256, 512, 1024)
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
#: What a browser shows. Whatever else comes is kept, and only ever saved.
SHOWN = frozenset(EXTENSIONS)

#: Of a picture that is kept, which never changes: whoever has it has it for good.
FOR_GOOD = "private, max-age=31536000, immutable"


def small(visit: Visit, entry: Entry, drawn: Drawn, longest: int) -> Response:
    """A small picture of it, for lists; itself, where none can be made."""
    try:
        blob = visit.gateway.store.thumbnail(entry.id, drawn.place, longest).blob
    except (LookupError, ModuleNotFoundError, NoThumbnail):
        return sent(visit, entry, drawn)
    response = Response(_pieces(blob, 0, blob.size), mimetype="image/webp")
    response.headers["Cache-Control"] = FOR_GOOD
    response.content_length = blob.size
    return response


def sent(visit: Visit, entry: Entry, drawn: Drawn) -> Response:
    """A picture that is kept never changes, so whoever has it has it for good."""
    if drawn.blob is None:
        raise Refused(404, "not_kept", f"the picture of {entry.id} is not kept here")
    etag = _digest(entry, drawn.place)
    kind = drawn.media_type if drawn.media_type in SHOWN else "application/octet-stream"
    name = f"{entry.id}-{drawn.place}.{EXTENSIONS.get(drawn.media_type or '', 'bin')}"
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": FOR_GOOD,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Accept-Ranges": "bytes",
    }
    if not is_resource_modified(visit.request.environ, etag=etag, ignore_if_range=False):
        return Response(status=304, headers=headers)
    response = Response(mimetype=kind, headers=headers)
    start, stop = _range(visit, drawn.length, etag)
    if (start, stop) != (0, drawn.length):
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{drawn.length}"
    response.content_length = stop - start
    if visit.request.method != "HEAD":
        response.response = _pieces(drawn.blob(), start, stop)
    return response


def _digest(entry: Entry, place: int) -> str:
    return next(one.sha256 or "" for one in entry.pictures if one.place == place)


def _range(visit: Visit, length: int, etag: str) -> tuple[int, int]:
    """From where to where; all of it where nothing else is asked for, or several ranges are."""
    given = parse_range_header(visit.request.headers.get("Range"))
    wanted = visit.request.headers.get("If-Range")
    if wanted is not None and wanted != f'"{etag}"':  # of another picture than this
        return 0, length
    if given is None or given.units != "bytes" or len(given.ranges) > 1:
        return 0, length
    found = given.range_for_length(length)
    if found is None:
        headers = {"Content-Range": f"bytes */{length}"}
        raise Refused(416, "range_not_satisfiable", "there is no such range", headers=headers)
    return found


def _pieces(blob: Blob, start: int, stop: int) -> Iterator[bytes]:
    for at in range(start, stop, PIECE):
        yield blob.read_at(at, min(PIECE, stop - at))
