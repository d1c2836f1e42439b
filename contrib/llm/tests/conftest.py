"""The real ``llm``, with a model of ours that does as the prompt says, and hosts on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from imagekit_sandbox.serving import Upstreams
from imagekit_sandbox.serving.configuration import settings, toml

#: A model that calls the tool with the arguments in the prompt, and then repeats its answers.
PUPPET = """
import json
import llm

class Puppet(llm.Model):
    model_id = "puppet"
    supports_tools = True

    def execute(self, prompt, stream, response, conversation):
        if prompt.tool_results:
            yield from (f"{one.output}\\n" for one in prompt.tool_results)
            return
        for arguments in json.loads(prompt.prompt):
            response.add_tool_call(llm.ToolCall(name="imagekit_generate", arguments=arguments))
        yield ""

@llm.hookimpl
def register_models(register):
    register(Puppet())
"""
Llm = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def upstreams(request: pytest.FixtureRequest) -> Iterator[Upstreams]:
    """What goes wrong there may be given as a parameter."""
    with Upstreams(getattr(request, "param", ())) as running:
        yield running


@pytest.fixture
def llm(upstreams: Upstreams, tmp_path: Path) -> Llm:
    """Runs ``llm``; words in capitals are what the environment says."""
    site = tmp_path / "site"
    about = site / "puppet-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "puppet.py").write_text(PUPPET)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: puppet\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[llm]\npuppet = puppet\n")
    (tmp_path / "played.toml").write_text(toml(settings(upstreams.hosts), "played here"))
    environment = {
        **os.environ,
        "PYTHONPATH": str(site),
        "LLM_USER_PATH": str(tmp_path / "llm"),
        "IMAGEKIT_CONFIG": str(tmp_path / "played.toml"),
        "IMAGEKIT_STATE": str(tmp_path / "state"),
    }

    def run(*words: str, given: str = "", **said: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "llm", *words],
            cwd=tmp_path,
            env={**environment, **said},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
