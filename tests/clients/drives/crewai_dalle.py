"""CrewAI's tool for DALL-E, which reads nothing but links, and asks where its environment says."""

from __future__ import annotations

import json
import os

import asking

os.environ |= {"OPENAI_BASE_URL": asking.URL, "OPENAI_API_KEY": asking.KEY}
from crewai_tools import DallETool


@asking.makes
def link(prompt: str) -> str:
    return str(json.loads(DallETool().run(image_description=prompt))["image_url"])


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    # Its own sizes alone are let through, and one of them is too small.
    return DallETool(model="gpt-image-1", size="512x512").run(image_description=prompt)


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return DallETool(model=asking.LOST).run(image_description=prompt)


asking.tell("crewai-tools")
