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
        self.service = services["gateway"]
        self.folder = folder
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        for name in self.service["secrets"]:  # no host has a key, so that the sandbox draws
            (self.secrets / name).write_text("")
        (self.secrets / "store-url").write_text(database)
        (self.secrets / "s3-access-key").write_text("any")
        (self.secrets / "s3-secret-key").write_text("any")
        config = self._here((DEPLOY / "imagekit.toml").read_text(encoding="utf-8"))
        config = config.replace("http://garage:3900", s3)
        (folder / "imagekit.toml").write_text(config.replace("region=garage", "region=us-east-1"))
        self.environment = {
            **self.service["environment"],
            "IMAGEKIT_CONFIG": f"{folder}/imagekit.toml",
            "HOME": str(folder),
            "XDG_DATA_HOME": f"{folder}/data",
            "XDG_CONFIG_HOME": f"{folder}/data/config",
            "PATH": f"{image}/bin:{os.environ['PATH']}",
        }

    def _here(self, text: str) -> str:
        return text.replace("/run/secrets", str(self.secrets))

    @property
    def _entrypoint(self) -> list[str]:
        return [self._here(word).replace("$$", "$") for word in self.service["entrypoint"]]

    def run(self, *words: str) -> str:
        """What another container of the image prints: ``docker compose run gateway ...``."""
        return self._said([*self._entrypoint, *words])

    def execute(self, *words: str) -> str:
        """What a program prints in this one: ``docker compose exec gateway ...``."""
        return self._said([*words])

    def _said(self, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        words = [
            word.replace("0.0.0.0:8700", f"127.0.0.1:{port}") for word in self.service["command"]
        ]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*self._entrypoint, *words],
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
    process = container.serve(free_port)
    try:
        while not container.is_healthy(free_port):
            assert process.poll() is None, (container.folder / "log").read_text()
            time.sleep(0.1)
        told = json.loads(
            container.execute("imagekit", "gateway", "key", "add", "mary", "--operator", "--json")
        )
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
