"""What ``docs/moving.md`` makes of a configuration and a key of LiteLLM's, served: it draws."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from openai import OpenAI

from imagekit import Config, tools
from imagekit.testing import Answer, Loopback, picture
from imagekit_gateway.gateway.settings import settings_of

PAGE = Path(__file__).parents[3] / "docs" / "moving.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## From LiteLLM's proxy")[2]


def block(language: str) -> str:
    """The first one of the section."""
    found = re.search(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The page's configuration, as it stands there."""
    for name in ("OPENAI_API_KEY", "VENDOR_API_KEY", "STORE_URL"):
        monkeypatch.setenv(name, "anything")
    path = tmp_path / "imagekit.toml"
    path.write_text(block("toml"))
    return tools.configuration(tools.Choice(path=str(path)))


@pytest.fixture
def vendor() -> Iterator[str]:
    """The base URL of one who speaks as OpenAI does."""
    made = {"created": 0, "data": [{"b64_json": base64.b64encode(picture(64, 64)).decode()}]}
    with Loopback(Answer(json=made)) as loopback:
        yield f"{loopback.url}/v1"


@pytest.fixture
def client(theirs: Config, serving: Any, upstreams: Any, vendor: str) -> Iterator[OpenAI]:
    """An operator's, of a gateway whose hosts are played at other addresses."""
    places = {"openai": upstreams.hosts["openai"], "vendor": vendor}
    hosts = {name: evolve(one, base_url=places[name]) for name, one in theirs.hosts.items()}
    settings = settings_of(theirs)
    served = serving(
        hosts=hosts,
        models=theirs.models,
        deadline=settings.deadline,
        unknown_price=theirs.unknown_price,
    )
    key = served.new_key("boss", operator=True)
    with OpenAI(base_url=f"{served.url}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.mark.parametrize("model", ["poster", "sketch"])
def test_a_key_with_a_budget_gets_a_picture_of_each_model(
    client: Any, theirs: Config, model: str
) -> None:
    page: dict[str, Any] = {"client": client}
    exec(block("python"), page)
    studio = client.with_options(api_key=page["studio"]["key"])
    made = studio.images.generate(model=model, prompt="a corgi", response_format="b64_json")
    assert base64.b64decode(made.data[0].b64_json).startswith(b"\x89PNG")
    assert made.metadata["route"] == theirs.models[model].model
