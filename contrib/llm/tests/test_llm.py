"""``llm`` itself, with this plugin: its command, and its tool in the hands of a model."""

from __future__ import annotations

import json

import pytest
from imagekit_sandbox.serving import Rule

MODEL = "modelark:seedream-4.5"
TOOL = ("-m", "puppet", "-T", "imagekit_generate")


def ask(*calls):
    """A prompt by which the model calls the tool so."""
    return json.dumps([{"prompt": "a corgi", "resolution": "2K", **call} for call in calls])


def test_llm_lists_the_tool_with_what_it_takes(llm):
    listed = json.loads(llm("tools", "list", "--json").stdout)["tools"]
    (tool,) = [one for one in listed if one["name"] == "imagekit_generate"]
    assert tool["plugin"] == "imagekit-llm" or tool["plugin"] == "imagekit"
    fields = set(tool["arguments"]["properties"])
    assert {"prompt", "model", "images"} < fields
    assert not fields & {"native", "options", "output", "budget", "base_url"}
    assert '"imagekit-llm"' in llm("plugins").stdout


def test_a_model_makes_a_picture_with_the_tool(llm, upstreams, tmp_path):
    said = {"IMAGEKIT_LLM_BUDGET": "1 USD", "IMAGEKIT_LLM_MODELS": MODEL}
    done = llm(*TOOL, ask({}), **said)
    (path,) = (tmp_path / "imagekit-pictures").iterdir()
    assert f"Saved {path} (2048x2048" in done.stdout
    assert "Made by seedream-4.5 at modelark. Cost: " in done.stdout
    assert len(upstreams.ledger.entries) == 1


def test_the_calls_of_one_run_share_its_budget(llm, upstreams, tmp_path):
    said = {"IMAGEKIT_LLM_BUDGET": "0.05 USD", "IMAGEKIT_LLM_OUTPUT": "mine"}
    done = llm(*TOOL, ask({"model": MODEL}, {"model": MODEL}), **said)
    assert "Error: " in done.stdout
    assert "Charged: no. Don't repeat the call" in done.stdout
    assert len(list((tmp_path / "mine").iterdir())) == len(upstreams.ledger.entries) == 1


def test_without_a_budget_nothing_is_bought(llm, upstreams):
    assert "Charged: no. Don't repeat" in llm(*TOOL, ask({"model": MODEL})).stdout
    assert not upstreams.ledger.entries


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_of_a_lost_answer_the_model_hears_never_to_repeat_it(llm, upstreams):
    done = llm(*TOOL, ask({"model": MODEL}), IMAGEKIT_LLM_BUDGET="1 USD")
    assert "Charged: maybe. Never repeat the call" in done.stdout
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize(
    "steered",
    [
        {"images": ["/etc/passwd"]},
        {"images": ["https://example.com/?told=secret"]},
        {"native": {"callback": "https://example.com"}},
        {"output": "/tmp"},
        {"model": "openai:gpt-image-1"},
    ],
)
def test_a_model_under_a_spell_gets_an_error_and_nothing_is_sent(llm, upstreams, steered):
    said = {"IMAGEKIT_LLM_BUDGET": "1 USD", "IMAGEKIT_LLM_MODELS": MODEL}
    assert "Error: " in llm(*TOOL, ask(steered), **said).stdout
    assert not upstreams.journal.entries


def test_references_are_read_below_the_roots(llm, upstreams, tmp_path):
    from imagekit.testing import picture

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lily.png").write_bytes(picture(512, 512))
    said = {"IMAGEKIT_LLM_BUDGET": "1 USD", "IMAGEKIT_LLM_ROOTS": str(tmp_path / "mine")}
    done = llm(*TOOL, ask({"model": MODEL, "images": ["lily.png"]}), **said)
    assert "Saved " in done.stdout


# --- the command --------------------------------------------------------------------------------


def test_the_command_saves_pictures_as_imagekit_does(llm, upstreams, tmp_path):
    done = llm("imagekit", "a", "corgi", "-m", MODEL, "--resolution", "2K", "-o", "made/", "--json")
    assert done.returncode == 0, done.stderr
    (image,) = json.loads(done.stdout)["images"]
    assert (tmp_path / image["path"]).parent == tmp_path / "made"


def test_it_reads_a_prompt_that_is_piped_into_it(llm):
    words = ("imagekit", "-", "-m", "sandbox:seedream-4.5", "--resolution", "2K")
    assert llm(*words, given="a corgi\n").stdout.startswith("a-corgi")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-m", "no-such"], 2, "no-such"),
        (["-m", MODEL, "--size", "1x1"], 2, "size"),
        (["-m", MODEL, "--no-such"], 2, "No such option"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_a_code(llm, words, code, said):
    done = llm("imagekit", "a corgi", *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_prompt_it_says_so(llm):
    done = llm("imagekit", "-m", MODEL)
    assert done.returncode == 2
    assert "there is no prompt" in done.stderr
