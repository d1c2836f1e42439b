"""A store in a web application, opened and used before its workers are forked."""

from __future__ import annotations

import re
import signal
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest

from imagekit_store import RequestState

pytest.importorskip("gunicorn", reason="gunicorn is not installed")

APPLICATION = """
import os
from imagekit import Client
from imagekit_store import Store

store = Store(os.environ["STORE"], pictures=os.environ["PICTURES"])
client = Client.from_config(os.environ["OWN"], journal=store)
client.generate("before", model="powertokens:seedream-4.5", id="before")

def app(environ, start_response):
    id = environ["PATH_INFO"].strip("/")
    client.generate(id, model="powertokens:seedream-4.5", id=id)
    assert store.picture(id).pixels
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""


@pytest.fixture
def site(program, tmp_path):
    """Where it is served, by two workers of eight threads each."""
    (tmp_path / "herons.py").write_text(APPLICATION)
    options = ["--preload", "--workers=2", "--threads=8", "--bind=127.0.0.1:0"]
    server = program("-m", "gunicorn", *options, "herons:app")
    said = ""
    while not (found := re.search(r"Listening at: (http://[\d.:]+)", said)):
        line = server.stdout.readline()
        assert line, said
        said += line
    yield found[1]
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=60)
    assert server.returncode == 0


def test_workers_that_gunicorn_has_forked_keep_what_they_buy(site, store, upstreams):
    asked, workers = ["before"], set()
    with ThreadPoolExecutor(16) as threads:
        while len(workers) < 2:
            some = [f"heron{len(asked) + number}" for number in range(16)]
            asked += some
            workers |= set(threads.map(lambda id: urlopen(f"{site}/{id}").read(), some))
    entries = list(store.requests(limit=1000))
    assert sorted(entry.id for entry in entries) == sorted(asked)
    assert {entry.state for entry in entries} == {RequestState.DONE}
    assert len(upstreams.ledger.entries) == len(asked)
