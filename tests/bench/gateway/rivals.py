"""Gateways of other people: installed once, in the versions that are named here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from tests.bench.gateway.contestants import MODEL, Contestant, free_port, running
from tests.bench.gateway.upstream import ROOT

__all__ = ["LITELLM", "PORTKEY", "litellm", "portkey", "python_package"]

LITELLM, PORTKEY = "LiteLLM proxy 1.104.8", "Portkey gateway 1.15.2"
CACHE = ROOT / ".cache" / "bench-gateway"
KEY = "sk-any"

LITELLM_CONFIGURATION = """\
model_list:
  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: {upstream}/v1
      api_key: any
general_settings:
  master_key: {key}
"""


@contextmanager
def litellm(upstream: str, folder: Path) -> Iterator[Contestant]:
    """With a key of its own to be asked by; without a database, so it records nothing."""
    program = python_package("litellm-1.104.8", "litellm[proxy]==1.104.8") / "litellm"
    config, port = folder / "litellm.yaml", free_port()
    config.write_text(LITELLM_CONFIGURATION.format(model=MODEL, upstream=upstream, key=KEY))
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    with running(command, folder / "litellm.log", quiet) as process:
        url = f"http://127.0.0.1:{port}/v1/images/generations"
        found = Contestant(LITELLM, url, {"Authorization": f"Bearer {KEY}"}, process)
        found.wait()
        yield found


@contextmanager
def portkey(upstream: str, folder: Path) -> Iterator[Contestant]:
    """It knows no keys of its own and records nothing: it passes on what it is given."""
    script = _node_package("portkey-1.15.2", "@portkey-ai/gateway@1.15.2") / "build/start-server.js"
    port = free_port()
    command = ["node", str(script), "--headless", f"--port={port}"]
    with running(command, folder / "portkey.log", {"NODE_ENV": "production"}) as process:
        headers = {
            "Authorization": f"Bearer {KEY}",
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"{upstream}/v1",
        }
        url = f"http://127.0.0.1:{port}/v1/images/generations"
        found = Contestant(PORTKEY, url, headers, process)
        found.wait()
        yield found


def python_package(name: str, package: str) -> Path:
    """The folder of its programs, in an environment of its own."""
    home = CACHE / name
    if not (home / "whole").exists():
        print(f"installing {package}, which takes minutes", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", package], check=True)
        (home / "whole").touch()
    return home / "bin"


def _node_package(name: str, package: str) -> Path:
    """Its folder."""
    home = CACHE / name
    if not (home / "whole").exists():
        assert which("npm"), "npm is not here: install Node.js, or leave portkey out"
        print(f"installing {package}", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), package]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (home / "whole").touch()
    return home / "node_modules" / package.rpartition("@")[0]
