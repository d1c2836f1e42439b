"""OpenAI and the servers that speak its Images API: what is sent, and what comes back.

``requests/`` and ``replies/`` are in the shapes that their pages and sources document,
``facts.json`` has spellings and refusals a second time.
"""

import json
from email.parser import BytesParser

import imagekit_openai_compatible

from imagekit.testing import HostSuite, WireSuite

BASE64_ALONE = "b64_json is what is sent without it, and the only word that is taken"


class TestOpenAICompatible(HostSuite):
    plugin = imagekit_openai_compatible
    relaxed = {
        f"test_every_spelled_parameter_reaches_exactly_its_target[{route}-response_format]": (
            BASE64_ALONE
        )
        for route in ("sglang:glm-image", "sglang:kit/model:1", "vllm-omni:kit/model:1")
    }

    def body_of(self, request):
        """A form's texts count as the values that JSON would have."""
        kind = request.headers["Content-Type"]
        if kind == "application/json":
            return json.loads(request.body.read())
        head = b"Content-Type: " + kind.encode() + b"\n\n"
        form = BytesParser().parsebytes(head + request.body.read())
        found = {}
        for part in form.get_payload():
            name = part.get_param("name", header="content-disposition")
            found.setdefault(name, []).append(_value(part.get_payload()))
        return {name: many[0] if len(many) == 1 else many for name, many in found.items()}


class TestOpenAIEdits(WireSuite):
    plugin = imagekit_openai_compatible


def _value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text
