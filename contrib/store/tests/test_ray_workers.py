"""Workers on a Ray cluster, as far as that needs none: `tests/chaos/store` has one."""

from __future__ import annotations

import sys
import time
from functools import partial
from types import SimpleNamespace

import pytest

from imagekit import ConfigurationError
from imagekit.cli import exits
from imagekit_store import RayWorkers, RequestState, StoreUnavailable
from imagekit_store.ray_workers import crew as crews, hand as hands
from imagekit_store.ray_workers.hand import Hand
from imagekit_store.ray_workers.joining import joined

MODEL = "powertokens:seedream-4.5"


def until(how, hand):
    """How it is, once that is so."""
    end = time.monotonic() + 60
    while not how(now := hand.how()):
        assert time.monotonic() < end, now
        time.sleep(0.02)
    return now


@pytest.fixture
def hand(own):
    made = []

    def make(path=own, threads=2):
        made.append(Hand(str(path), threads))
        return made[-1]

    yield make
    for one in made:
        one.stop()
        until(lambda how: how.over, one)


# --- on a node -----------------------------------------------------------------------------------


def test_a_hand_waits_to_be_told_works_and_tells_of_what_is_done(hand, kept):
    ids = [kept.ask("a heron", model=MODEL) for _ in range(4)]
    mine = hand()
    seen = until(lambda how: how.store, mine)
    assert "powertokens" in seen.hosts
    assert seen.marker in dict(kept.keeping.announced())
    assert kept.request(ids[0]).state == RequestState.QUEUED
    mine.begin()
    done = set()
    while len(done) < len(ids):
        done |= {*until(lambda how: how.done, mine).done}
    assert done == {*ids}
    assert not dict(kept.keeping.announced())


def test_one_that_is_stopped_before_it_has_begun_does_nothing(hand, kept):
    id = kept.ask("a heron", model=MODEL)
    mine = hand()
    until(lambda how: how.store, mine)
    mine.stop()
    assert not until(lambda how: how.over, mine).begun
    assert kept.request(id).state == RequestState.QUEUED


def test_what_stands_in_the_way_is_said_and_tried_again(hand, own, kept, monkeypatch):
    monkeypatch.setattr(hands, "AGAIN", 0.02)
    there = own.with_name("later.toml")
    mine = hand(there)
    told = until(lambda how: how.trouble, mine)
    assert f"{there} can't be read" in told.trouble
    there.write_text(own.read_text())
    assert not until(lambda how: how.store, mine).trouble


def test_a_disk_and_a_bug_are_told_in_words_and_without_what_they_hold(hand, own, monkeypatch):
    monkeypatch.setattr(hands, "AGAIN", 0.02)
    wrong = [OSError(28, "No space left on device"), ValueError("a key")]

    def fails(config):
        raise wrong[0]

    monkeypatch.setattr(hands, "opened", fails)
    mine = hand()
    assert until(lambda how: how.trouble, mine).trouble == "No space left on device"
    del wrong[0]
    told = until(lambda how: "bug" in how.trouble, mine)
    assert told.trouble.startswith("ValueError, which is a bug")
    assert "a key" not in told.trouble


@pytest.mark.parametrize(("there", "has"), [({"HERON": "said"}, True), ({}, False)])
def test_a_host_has_its_key_where_its_secret_headers_are_too(there, has, hand, own, monkeypatch):
    for name, value in there.items():
        monkeypatch.setenv(name, value)
    header = '[hosts.powertokens.headers]\nX-Team = { env = "HERON" }\n'
    own.write_text(f"{own.read_text()}\n{header}")
    assert ("powertokens" in until(lambda how: how.store, hand()).hosts) is has


# --- seen from the machine that starts them -------------------------------------------------------


class Answer:
    """What a call of an actor gives: known at once."""

    def __init__(self, value=None, error=None):
        self.value, self.error = value, error


class Placed:
    """An actor that is an object of this process; another may be put into its place."""

    def __init__(self, make):
        self.make, self.actor, self.error = make, make(), None

    def __getattr__(self, name):
        return SimpleNamespace(remote=partial(self._call, name))

    def _call(self, name):
        return Answer(error=self.error) if self.error else Answer(getattr(self.actor, name)())


class RayHere:
    """As much of Ray as is used."""

    RayError = type("RayError", (Exception,), {})
    Unavailable = type("Unavailable", (RayError,), {})
    exceptions = SimpleNamespace(RayError=RayError, ActorUnavailableError=Unavailable)

    def __init__(self, error=None):
        self.error, self.placed = error, []

    def remote(self, kind):
        def place(*given):
            self.placed.append(Placed(partial(kind, *given)))
            self.placed[-1].error = self.error
            return self.placed[-1]

        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=place))

    def wait(self, answers, num_returns, timeout):
        return answers, []

    def get(self, answer):
        if answer.error:
            raise answer.error
        return answer.value

    def kill(self, placed):
        placed.actor.stop()
        until(lambda how: how.over, placed.actor)


@pytest.fixture
def crew(kept, monkeypatch):
    """Makes one, of which `told` gets the ids that are done."""
    made = []
    monkeypatch.setattr(hands, "LOOK", 0.02)

    def make(ray, hosts=()):
        told = []
        made.append(RayWorkers(ray, kept, frozenset(hosts), lambda entry: told.append(entry.id)))
        made[-1].told = told
        return made[-1]

    yield make
    for one in made:
        one.end()


def look_until(done, workers):
    end = time.monotonic() + 60
    while not done():
        workers.look(0.02)
        assert time.monotonic() < end


def test_workers_begin_tell_and_finish_what_they_have_in_hand(crew, own, kept):
    workers = crew(RayHere())
    ids = [kept.ask("a heron", model=MODEL) for _ in range(4)]
    workers.start(2, str(own), 1)
    assert workers.working
    look_until(lambda: sorted(workers.told) == sorted(ids), workers)
    workers.drain()
    assert workers.working == ()


def test_whoever_is_put_into_the_place_of_another_is_let_in(crew, own, kept, caplog):
    ray = RayHere()
    workers = crew(ray)
    workers.start(1, str(own), 1)
    (placed,) = ray.placed
    placed.actor.stop()
    placed.error = ray.Unavailable("gone")
    look_until(lambda: "puts another in its place" in caplog.text, workers)
    assert workers.working == ()
    placed.actor, placed.error = placed.make(), None
    id = kept.ask("a heron", model=MODEL)
    look_until(lambda: workers.told == [id], workers)


def test_one_that_is_silent_is_not_waited_for_for_ever(crew, own, monkeypatch):
    ray = RayHere()
    workers = crew(ray)
    workers.start(1, str(own), 1)
    ray.placed[0].error = ray.Unavailable("gone")
    monkeypatch.setattr(crews, "PATIENCE", 0.1)
    workers.drain()


def test_a_database_that_is_away_is_asked_again_for_what_to_tell(crew, own, kept, monkeypatch):
    workers, read = crew(RayHere()), kept.request
    id = kept.ask("a heron", model=MODEL)
    workers.start(1, str(own), 1)
    away = [StoreUnavailable("away")]

    def request(id, key=None):
        if away and sys._getframe(1).f_code.co_name == "_tell_done":
            raise away.pop()
        return read(id, key)

    monkeypatch.setattr(kept, "request", request)
    look_until(lambda: workers.told == [id], workers)
    assert not away


def test_nodes_without_imagekit_are_told_what_they_need(crew, own):
    workers = crew(RayHere(RayHere.RayError("it died\nNo module named 'imagekit_store'")))
    with pytest.raises(ConfigurationError) as told:
        workers.start(2, str(own), 1)
    assert "each node needs imagekit, imagekit-store and your plugins" in str(told.value)
    assert str(told.value).endswith("No module named 'imagekit_store'")


def test_a_cluster_without_room_is_told(crew, own, monkeypatch):
    ray = RayHere()
    monkeypatch.setattr(ray, "wait", lambda answers, num_returns, timeout: ([], answers))
    monkeypatch.setattr(crews, "PATIENCE", 0.1)
    with pytest.raises(ConfigurationError, match="it has had no room for one"):
        crew(ray).start(1, str(own), 1)


@pytest.mark.parametrize(
    ("url", "pictures", "why"),
    [
        ("other.db", "here", "its configuration names another store than the one here"),
        ("store.db", "elsewhere", "its pictures are not where those of this machine are"),
    ],
)
def test_who_has_another_store_is_given_no_work(url, pictures, why, crew, own, tmp_path):
    there = tmp_path / "there.toml"
    table = f'[store]\nurl = "sqlite:///{tmp_path}/{url}"\npictures = "{tmp_path / pictures}"\n'
    there.write_text(own.read_text().partition("[store]")[0] + table)
    with pytest.raises(ConfigurationError, match=why):
        crew(RayHere()).start(1, str(there), 1)


def test_who_lacks_a_key_is_given_no_work(crew, own):
    with pytest.raises(ConfigurationError, match="it has no key of herons, and this machine has"):
        crew(RayHere(), hosts=["herons"]).start(1, str(own), 1)


# --- at the command line --------------------------------------------------------------------------


def test_a_store_that_is_a_file_is_refused(kept, told):
    shown = told("work", "--ray", "auto", code=exits.CONFIGURATION)
    assert "is a file of this machine, which the nodes of a cluster can't share" in shown
    assert "PostgreSQL" in shown


@pytest.mark.parametrize("command", ["work", "batch run lines.jsonl -o pictures"])
def test_no_node_reads_a_configuration_that_was_only_found(
    command, own, kept, here, told, monkeypatch
):
    """A path is all that travels, and what a node reads there would count in full."""
    mine = own.parent / "xdg_config_home" / "imagekit" / "config.toml"
    mine.parent.mkdir(parents=True, exist_ok=True)
    own.rename(mine)
    monkeypatch.delenv("IMAGEKIT_CONFIG")
    monkeypatch.setenv("POWERTOKENS_API_KEY", "never-sent")
    (here / "imagekit.toml").write_text('[hosts.token360]\nbase_url = "http://127.0.0.1:1/v1"\n')
    (here / "lines.jsonl").write_text(f'{{"prompt": "a heron", "model": "{MODEL}"}}\n')
    shown = told(*command.split(), "--ray", "auto", code=exits.CONFIGURATION)
    assert "only found in this directory, and the nodes would go by all that it says" in shown


def test_workers_without_a_cluster_are_refused(told):
    assert "say --ray ADDRESS, too" in told("work", "--workers", "2", code=exits.USAGE)


def test_whoever_has_no_ray_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(ConfigurationError, match=r"pip install 'imagekit-store\[ray\]'"),
        joined("auto"),
    ):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:1", "herons"])
def test_an_address_that_leads_nowhere_is_told_at_once(address):
    pytest.importorskip("ray", reason="there is no Ray for this Python or this system")
    with (
        pytest.raises(ConfigurationError, match=f"Ray cluster {address} can't be joined"),
        joined(address),
    ):
        pass
