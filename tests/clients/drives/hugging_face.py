"""huggingface_hub's client, with one of its hosts whose API for images is OpenAI's.

The address of a host is no setting there, so it is set in the table of hosts.
"""

from __future__ import annotations

import io

import asking
from huggingface_hub import InferenceClient
from huggingface_hub.hf_api import InferenceProviderMapping
from huggingface_hub.inference._providers import PROVIDERS
from huggingface_hub.inference._providers._common import HARDCODED_MODEL_INFERENCE_MAPPING

HOST = "nscale"
PROVIDERS[HOST]["text-to-image"].base_url = asking.URL.removesuffix("/v1")
for name in ("gpt-image-1", asking.LOST):
    HARDCODED_MODEL_INFERENCE_MAPPING[HOST][name] = InferenceProviderMapping(
        provider=HOST, hf_model_id=name, providerId=name, task="text-to-image", status="live"
    )
client = InferenceClient(provider=HOST, api_key=asking.KEY)


def run(model: str, prompt: str, **given: int) -> bytes:
    made = io.BytesIO()
    client.text_to_image(prompt, model=model, **given).save(made, "PNG")
    return made.getvalue()


@asking.makes
def generate(prompt: str) -> bytes:
    return run("gpt-image-1", prompt)


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    width, height = map(int, asking.TOO_SMALL.split("x"))
    return run("gpt-image-1", prompt, width=width, height=height)


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return run(asking.LOST, prompt)


asking.tell("huggingface_hub")
