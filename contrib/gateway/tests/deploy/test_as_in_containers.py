"""The image's own commands, run here without a container: built, installed, served on PostgreSQL
and S3 by the configuration that containers have, and asked how it does."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3
import yaml

pytestmark = [pytest.mark.outside, pytest.mark.slow]

ROOT = Path(__file__).parents[4]
DEPLOY = ROOT / "contrib" / "gateway" / "deploy"
LINES = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
PATIENCE = 60.0


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, let_in: Callable[[Path], set[str]]) -> Path:
    """What stands in /imagekit of the image: made by its commands, elsewhere, of what its list of
    files lets in. pip may use what it has downloaded before, and the setuptools that is here."""
    folder = tmp_path_factory.mktemp("image")
    for path in let_in(ROOT):
        target = folder / "checkout" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    build, install = [
        line for line in re.findall(r"^RUN (.*)$", LINES, re.MULTILINE) if "pip" in line
    ]
    bins = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": bins, "PIP_NO_BUILD_ISOLATION": "false"}
    for line in (build, install):
        here = re.sub(r"(?<=[\s=(])/(?=wheels|imagekit)", f"{folder}/", line)
        here = here.replace("--no-cache-dir", "--disable-pip-version-check -q")
        subprocess.run(
            ["/bin/sh", "-ec", here], cwd=folder / "checkout", env=environment, check=True
        )
    return folder / "imagekit"


class Container:
    """What runs in one: the command of the image, by the environment of ``compose.yaml``."""

    def __init__(self, image: Path, folder: Path, database: str, s3: str) -> None:
        services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
        named = services["gateway"]["environment"]
        config = (DEPLOY / "imagekit.toml").read_text(encoding="utf-8")
        config = config.replace("http://garage:3900", s3).replace(
            "region=garage", "region=us-east-1"
        )
        (folder / "imagekit.toml").write_text(config)
        self.environment = {
            **dict.fromkeys(named, ""),  # no host has a key, so that the sandbox draws
            "IMAGEKIT_CONFIG": f"{folder}/imagekit.toml",
            "STORE_URL": database,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "HOME": str(folder),
            "XDG_DATA_HOME": f"{folder}/data",
            "XDG_CONFIG_HOME": f"{folder}/data/config",
            "PATH": f"{image}/bin:{os.environ['PATH']}",
        }
        self.folder = folder

    def run(self, *words: str) -> str:
        """What another container of the image prints: ``docker compose run gateway ...``."""
        done = subprocess.run(
            ["imagekit", *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        command = yaml.safe_load(re.findall(r"^CMD (.*)$", LINES, re.MULTILINE)[0])
        command = [word.replace("0.0.0.0:8700", f"127.0.0.1:{port}") for word in command]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                ["imagekit", *command],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def is_healthy(self, port: int) -> bool:
        """By the image's own check."""
        (check,) = re.findall(r"^HEALTHCHECK .* CMD (.*)$", LINES, re.MULTILINE)
        program, *words = [word.replace(":8700/", f":{port}/") for word in yaml.safe_load(check)]
        done = subprocess.run([program, *words], env=self.environment, capture_output=True)
        return done.returncode == 0


@pytest.fixture
def container(image: Path, postgresql: str, s3: str, tmp_path: Path) -> Container:
    return Container(image, tmp_path, postgresql, s3)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_the_image_serves_on_postgresql_and_s3_and_ends_when_it_is_told_to(
    container: Container, free_port: int
) -> None:
    told = json.loads(container.run("gateway", "key", "add", "mary", "--json"))
    process = container.serve(free_port)
    try:
        while not container.is_healthy(free_port):
            assert process.poll() is None, (container.folder / "log").read_text()
            time.sleep(0.1)
        base = f"http://127.0.0.1:{free_port}"
        headers = {"Authorization": f"Bearer {told['key']}"}
        with urllib3.PoolManager(retries=False, timeout=PATIENCE) as pool:
            asked = {"model": "seedream-4.5", "prompt": "a corgi", "size": "2K"}
            made = pool.request(
                "POST", f"{base}/v1/images/generations", json=asked, headers=headers
            )
            assert made.status == 200, made.data
            link = made.json()["data"][0]["url"]
            assert link.startswith("https://images.example.com/v1/images/")
            got = pool.request("GET", link.replace("https://images.example.com", base))
            assert (got.status, got.headers["Content-Type"]) == (200, "image/png")
            page = pool.request("GET", f"{base}/")
            assert page.headers["Content-Type"].startswith("text/html")
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
    assert code == 0
    log = (container.folder / "log").read_text()
    assert told["key"] not in log
    assert "a corgi" not in log
    assert "s3://pictures/gateway" in container.run("gateway", "check")
