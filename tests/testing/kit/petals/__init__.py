"""A healthy plugin that brings a wire: the Images API under another name and path.

The tests make copies of it with one mistake each; "petals" is another name in every copy.
"""

from collections.abc import Iterable

from imagekit import Call, NoPictures, Pending, Request, Response, Result, Spell, Wire, hookimpl
from imagekit.wires import OpenAIImages, body_of, json_body


class Petals(OpenAIImages):
    def __init__(self) -> None:
        Wire.__init__(
            self,
            name="petals",
            blobs=frozenset({"b64_json"}),
            links=frozenset({"url"}),
            paths={"generate": "/petals"},
            spells=(Spell("model"), Spell("prompt")),
            answers="petals.words:Words",
        )

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        headers = {"Content-Type": "application/json", **call.headers}
        body = dict(body_of(call))
        return Request("POST", call.route.url(), headers, json_body(body))

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        found = response.document if isinstance(response.document, dict) else {}
        if found.get("state") == "budding":
            url = f"{call.route.url()}/{found['id']}"
            look = Request("GET", url, step="poll", repeatable=True)
            return Pending(look, wait=1.0, task=found["id"])
        if found.get("state") == "wilted":
            raise NoPictures("it wilted", final=True)
        return OpenAIImages().imagekit_decode_response(call, response)


@hookimpl
def imagekit_wires() -> Iterable[Wire]:
    return [Petals()]
