"""The values that travel through one call. All are frozen but `Image`, whose bytes may come later;
none does I/O on its own.
"""

from imagekit.values.body import Body
from imagekit.values.charged import Charged
from imagekit.values.cost import Cost
from imagekit.values.http import Reply, Request, Response, ServerEvent, Stream
from imagekit.values.pending import Pending
from imagekit.values.pictures import UNNUMBERED, Failure, Image, Result, Usage
from imagekit.values.provenance import Provenance
from imagekit.values.purchase import Purchase
from imagekit.values.receipt import Action, Added, Line, Problem, Receipt
from imagekit.values.trouble import Trouble

__all__ = [
    "UNNUMBERED",
    "Action",
    "Added",
    "Body",
    "Charged",
    "Cost",
    "Failure",
    "Image",
    "Line",
    "Pending",
    "Problem",
    "Provenance",
    "Purchase",
    "Receipt",
    "Reply",
    "Request",
    "Response",
    "Result",
    "ServerEvent",
    "Stream",
    "Trouble",
    "Usage",
]
