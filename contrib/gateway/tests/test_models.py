"""What is told of models that have names of somebody's own."""

from __future__ import annotations

from typing import Any

from imagekit import Alias


def test_an_alias_for_a_model_that_nobody_lists_is_told_of(serving: Any) -> None:
    served = serving(models={"sketch": Alias("openai:gpt-image-2")})
    told = served.get("/v1/models/sketch").json
    assert (told["id"], told["owned_by"]) == ("sketch", "openai")
    assert told["imagekit"]["route"] == "openai:gpt-image-2"
    listed = served.get("/v1/models?capabilities=true").json["data"]
    assert told in listed
