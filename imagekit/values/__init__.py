"""The values that travel through one call. All are frozen; none does I/O on its own."""

from imagekit.values.messages import Reply, Request, Response, ServerEvent, Stream
from imagekit.values.pictures import UNNUMBERED, Failure, Image, Pending, Result, Usage
from imagekit.values.provenance import Provenance
from imagekit.values.receipt import Action, Added, Line, Problem, Receipt

__all__ = [
    "UNNUMBERED",
    "Action",
    "Added",
    "Failure",
    "Image",
    "Line",
    "Pending",
    "Problem",
    "Provenance",
    "Receipt",
    "Reply",
    "Request",
    "Response",
    "Result",
    "ServerEvent",
    "Stream",
    "Usage",
]
