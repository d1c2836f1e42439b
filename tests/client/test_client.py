"""What a client decides before anything is sent, what it never shows, and how it saves."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import imagekit_kling
import imagekit_powertokens
import imagekit_sandbox
import imagekit_seedream
import imagekit_token360
import pytest

from imagekit import (
    Alias,
    AmbiguousHost,
    Blob,
    Client,
    Config,
    ConfigurationError,
    Credential,
    HostSettings,
    Image,
    InvalidRequest,
    MissingCredential,
    NotServed,
    Plugins,
    SinkError,
    UnknownHost,
    UnknownModel,
    UsageError,
    events,
    hookimpl,
)
from imagekit.testing import Answer, Loopback

Make = Callable[..., Client]
POWERTOKENS = {"POWERTOKENS_API_KEY": "key-of-powertokens"}
TOKEN360 = {"TOKEN360_API_KEY": "key-of-token360"}
GARDEN = {"GARDEN_API_KEY": "key-of-garden"}


@pytest.fixture
def client(toys: object) -> Iterator[Make]:
    """``client(environment, **options)`` with the seed plugins and the toy one; closed later."""
    clients: list[Client] = []
    plugins = (imagekit_powertokens, imagekit_sandbox, imagekit_seedream, imagekit_token360, toys)

    def make(environment: dict[str, str] | None = None, **options: Any) -> Client:
        of = Plugins.of(*plugins)
        clients.append(Client(plugins=of, environment=environment or {}, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


# --- which host ----------------------------------------------------------------------------


def test_the_one_host_with_a_key_is_chosen(client):
    assert client(POWERTOKENS).route("seedream-4.5").name == "powertokens:seedream-4.5"
    assert client(TOKEN360).route("seedream-4.5").name == "token360:seedream-4.5"


def test_a_key_given_as_an_argument_counts_as_well(client):
    keyed = client(credentials={"token360": "a-key"})
    assert keyed.route("seedream-4.5").host.name == "token360"


def test_several_keys_are_ambiguous_and_the_error_shows_what_to_write(client):
    with pytest.raises(AmbiguousHost, match=r"say which, e.g. powertokens:seedream-4.5") as caught:
        client(POWERTOKENS | TOKEN360).route("seedream-4.5")
    assert caught.value.hosts == ("powertokens", "token360")


@pytest.mark.parametrize(
    ("prefer", "environment", "chosen"),
    [
        (["token360"], POWERTOKENS | TOKEN360, "token360"),
        (["token360", "powertokens"], POWERTOKENS | TOKEN360, "token360"),
        (["token360", "powertokens"], POWERTOKENS, "powertokens"),
        (["garden"], POWERTOKENS, "powertokens"),
    ],
)
def test_the_first_preferred_host_that_serves_the_model_and_has_a_key_is_chosen(
    client, prefer, environment, chosen
):
    assert client(environment, prefer=prefer).route("seedream-4.5").host.name == chosen


@pytest.mark.parametrize(
    ("prefer", "environment", "hosts"),
    [
        (["token360", "powertokens"], POWERTOKENS | TOKEN360, ["token360", "powertokens"]),
        (["powertokens", "garden", "token360"], TOKEN360, ["token360"]),
        (["token360", "powertokens"], POWERTOKENS, ["powertokens"]),
        (["token360", "powertokens"], GARDEN, ["token360", "powertokens"]),
        (["token360"], POWERTOKENS | TOKEN360, ["token360"]),
        ([], POWERTOKENS, ["powertokens"]),
    ],
)
def test_routes_are_those_that_the_configuration_allows_in_its_order(
    client, prefer, environment, hosts
):
    asking = client(environment, prefer=prefer)
    routes = asking.routes("seedream-4.5")
    assert [route.name for route in routes] == [f"{host}:seedream-4.5" for host in hosts]
    assert routes[0] is asking.route("seedream-4.5")
    assert [asking.route(route.name) for route in routes] == list(routes)


def test_routes_of_an_address_are_its_host_alone_and_of_an_alias_its_hosts(client):
    alias = Alias("seedream-4.5", hosts=("powertokens", "token360"))
    config = Config(models={"poster": alias}, prefer=("token360", "powertokens"))
    asking = client(POWERTOKENS | TOKEN360, config=config)
    assert [r.host.name for r in asking.routes("poster")] == ["powertokens", "token360"]
    assert [r.host.name for r in asking.routes("token360:poster")] == ["token360"]
    assert [r.host.name for r in asking.routes("seedream-4.5")] == ["token360", "powertokens"]


def test_routes_are_refused_as_a_route_is(client):
    asking = client(POWERTOKENS | TOKEN360)
    for address, kind in (("seedream-4.5", AmbiguousHost), ("seadream", UnknownModel)):
        with pytest.raises(kind):
            asking.routes(address)
    with pytest.raises(UsageError, match="no model was named"):
        asking.routes()
    assert client(sandbox=True).routes("seedream-4.5")[0].host.name == "sandbox"


def test_a_preferred_host_without_a_key_is_not_replaced_by_another(client):
    """Who prefers a host wants to hear of its missing key, not pay elsewhere."""
    with pytest.raises(MissingCredential, match="export POWERTOKENS_API_KEY"):
        client(TOKEN360, prefer=["powertokens"]).generate("a corgi", model="seedream-4.5")


def test_without_a_key_a_program_is_told_so_and_nothing_is_drawn_in_its_place(client):
    """A container that lost its key would serve drawings, and nobody would notice."""
    with pytest.raises(MissingCredential) as caught:
        client().generate("a corgi", model="seedream-4.5")
    assert "or ask for sandbox:seedream-4.5, which draws for free" in str(caught.value)
    assert "kept by imagekit keys set counts for Client.from_config()" in str(caught.value)
    assert client().generate("a corgi", model="sandbox:seedream-4.5").host == "sandbox"


def test_without_any_key_the_sandbox_draws_where_it_may_stand_in(client):
    result = client(sandbox=True).generate("a corgi", model="seedream-4.5")
    assert result.host == "sandbox"
    assert "SANDBOX" in result.notes[0]


def test_with_a_key_for_another_host_the_sandbox_is_not_chosen_silently(client):
    """Instead the error says, for each host that serves the model, exactly what to set."""
    with pytest.raises(MissingCredential) as caught:
        client(GARDEN).generate("a corgi", model="seedream-4.5")
    for hint in (
        "export POWERTOKENS_API_KEY=...",
        "credentials={'powertokens': ...}",
        "https://powertokens.ai",
        "export TOKEN360_API_KEY=...",
        "sandbox:seedream-4.5",
    ):
        assert hint in str(caught.value)


def test_a_model_that_only_the_sandbox_serves_is_not_drawn_silently_for_who_has_a_key():
    modules = (imagekit_kling, imagekit_sandbox, imagekit_token360)
    plugins = Plugins.of(*modules)
    not_silently = pytest.raises(NotServed, match="for a free drawing ask for sandbox:kling-v3")
    with Client(plugins=plugins, environment=TOKEN360) as client, not_silently as caught:
        client.generate("a corgi", model="kling-v3")
    assert caught.value.hosts == ("sandbox",)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"on_unsupported": "droop"}, "on_unsupported: 'droop' is not one of error, adapt, drop"),
        ({"options": ["seed"]}, "options: ['seed'] is not an object"),
    ],
)
def test_nonsense_about_the_call_itself_is_refused(client, given, problem):
    with pytest.raises(InvalidRequest) as caught:
        client().generate("a corgi", model="sandbox:seedream-4.5", **given)
    assert [str(found) for found in caught.value.problems] == [problem]


@pytest.mark.parametrize("model", ["token360:seedream-4.5", "token360:dola-seedream-5.0-lite"])
def test_a_host_that_is_named_is_the_host(client, model):
    """Whatever the keys and preferences say."""
    named = client(POWERTOKENS, prefer=["powertokens"])
    assert named.route(model).host.name == "token360"
    with pytest.raises(MissingCredential, match="export TOKEN360_API_KEY"):
        named.generate("a corgi", model=model)


@pytest.mark.parametrize(
    ("model", "error", "says"),
    [
        ("seedream-4.6", UnknownModel, "did you mean seedream-4"),
        ("sedream-4.5", UnknownModel, "did you mean seedream-4.5"),
        ("garden:seedreem-4.5", UnknownModel, "did you mean seedream-4.5"),
        ("tokn360:seedream-4.5", UnknownHost, "token360"),
        ("powertokens:lily-1", NotServed, "garden and sandbox do"),
        ("", UnknownModel, "''"),
    ],
)
def test_a_name_that_leads_nowhere_says_what_would(client, model, error, says):
    with pytest.raises(error, match=says):
        client(POWERTOKENS).route(model)


@pytest.mark.parametrize("where", ["hosts", "credentials", "prefer"])
def test_a_misspelt_host_in_the_settings_is_an_error_at_once(client, where):
    settings = {"hosts": {"tokn360": HostSettings()}, "credentials": {"tokn360": "a-key"}}
    with pytest.raises(UnknownHost, match="token360"):
        client(**{where: settings.get(where, ["tokn360"])})


# --- plans -----------------------------------------------------------------------------------


def test_a_plan_needs_no_key_and_sends_nothing(client):
    with Loopback() as server:
        hosts = {"token360": HostSettings(base_url=server.url)}
        plan = client(hosts=hosts).plan("a corgi", model="token360:seedream-4.5", seed=7)
        assert server.connections == 0
    assert (plan.model, plan.host, plan.paid_calls) == ("seedream-4.5", "token360", 1)
    assert plan.request.url == f"{server.url}/images/generations"
    assert b'"seed":7' in plan.request.body.read()


def test_a_plan_shows_no_key(client):
    plan = client(TOKEN360).plan("a corgi", model="seedream-4.5")
    assert "key-of-token360" not in f"{plan!r} {plan.request.headers} {plan.request.body.read()!r}"
    assert "authorization" not in {name.lower() for name in plan.request.headers}


def test_a_drawing_of_the_sandbox_costs_nothing(client):
    plan = client().plan("a corgi", model="sandbox:seedream-4.5")
    assert (plan.problems, plan.paid_calls) == ((), 0)


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ({}, 1),
        ({"n": 3}, 3),
        ({"sequential_image_generation": "auto"}, 15),
    ],
)
def test_a_plan_says_how_many_pictures_may_come_of_all_its_calls(client, asked, most):
    assert client().plan("a corgi", model="token360:seedream-4.5", **asked).most_pictures == most


def test_a_plan_with_problems_would_cost_nothing(client):
    plan = client().plan("", model="token360:seedream-4.5", seed=2147483648)
    assert {problem.field for problem in plan.problems} == {"prompt", "seed"}
    assert (plan.request, plan.paid_calls) == (None, 0)


def test_what_a_plan_refuses_is_refused_before_a_key_is_asked_for(client):
    with pytest.raises(InvalidRequest) as caught:
        client().generate("", model="token360:seedream-4.5", seed=2147483648)
    assert len(caught.value.problems) == 2


# --- secrets -----------------------------------------------------------------------------------

SECRET = "sk-4711-do-not-show"


def everything_said(
    garden: Make, caplog: pytest.LogCaptureFixture, answer: Answer
) -> tuple[str, bytes]:
    """All that a call leaves behind, as text and pickled: results, errors, events, logs."""
    caplog.set_level(logging.DEBUG)
    said: list[object] = []
    pickles: list[bytes] = []

    class Curious:
        """A plugin that looks at every request."""

        @hookimpl
        def imagekit_transport_wrapper(self, host: object) -> Callable[..., Any]:
            def wrap(send: Callable[..., Any]) -> Callable[..., Any]:
                return lambda request: said.append(repr(request)) or send(request)

            return wrap

    with Loopback(answer) as server:
        credentials = {"garden": SECRET}
        watching = garden(server.url, Curious(), credentials=credentials, observers=[said.append])
        try:
            result = watching.generate("a lily", model="lily-1")
            pickles.append(pickle.dumps(result))
        except Exception as error:
            said += [error, vars(error), error.__cause__]
            pickles.append(pickle.dumps(error))
        assert server.seen[0].headers["authorization"] == f"Bearer {SECRET}"
    events_seen = [thing for thing in said if isinstance(thing, events.Event)]
    assert len(events_seen) >= 2
    said += [watching, vars(watching), watching.engine, watching.engine.exchange.connect]
    said += [str(thing) for thing in said]
    return repr(said) + caplog.text, b"".join(pickles)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(json={"data": [{"url": "https://h.invalid/1.png"}]}),
        Answer(401, {"error": {"code": "invalid_api_key", "message": "wrong key"}}),
        Answer(429),
        Answer(500, body=b"<html>"),
        Answer(body=b"{"),
        Answer(cut=0),
    ],
)
def test_a_key_is_in_no_repr_text_event_pickle_or_log(garden, caplog, answer):
    text, pickled = everything_said(garden, caplog, answer)
    assert "garden" in text
    assert SECRET not in text
    assert SECRET.encode() not in pickled


def test_a_credential_shows_its_names_and_can_not_be_stored():
    credential = Credential(access_key="a", secret_key=SECRET)
    assert repr(credential) == "<Credential access_key, secret_key from argument>"
    with pytest.raises(TypeError, match="not to be pickled"):
        pickle.dumps(credential)


@pytest.mark.parametrize(
    "key", ["", "  ", f"{SECRET} and more", f"{SECRET}\nX-Evil: 1", f"{SECRET}é", f"\0{SECRET}"]
)
def test_a_malformed_key_is_refused_without_showing_it(client, key):
    with pytest.raises(ConfigurationError, match="api_key") as caught:
        client(credentials={"token360": key})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("key", [None, b"bytes", 7])
def test_a_key_that_is_no_text_is_refused(client, key):
    """``credentials={"token360": os.environ.get(...)}`` is None when it is not set."""
    with pytest.raises(ConfigurationError, match="the api_key from argument is not text"):
        client(credentials={"token360": key})


def test_a_malformed_key_of_the_environment_is_found_and_named(client):
    """It counts as a key: the sandbox must not hide the mistake."""
    with pytest.raises(ConfigurationError, match="TOKEN360_API_KEY") as caught:
        client({"TOKEN360_API_KEY": f"{SECRET} {SECRET}"}).generate("x", model="seedream-4.5")
    assert SECRET not in str(caught.value)


def test_white_space_around_a_key_is_not_sent(garden, drawn):
    with Loopback(Answer(json=drawn)) as server:
        padded = garden(server.url, credentials={"garden": f" {SECRET}\n"})
        padded.generate("a lily", model="lily-1")
    assert server.seen[0].headers["authorization"] == f"Bearer {SECRET}"


# --- saving --------------------------------------------------------------------------------------


def picture(data: bytes) -> Image:
    return Image(0, blob=Blob.of(data))


def test_save_keeps_what_is_there(tmp_path, png):
    path = tmp_path / "1.png"
    assert picture(png).save(path) == path
    with pytest.raises(FileExistsError):
        picture(b"other").save(path)
    assert path.read_bytes() == png
    picture(b"other").save(path, overwrite=True)
    assert path.read_bytes() == b"other"


def test_overwriting_touches_no_other_file_and_keeps_permissions(tmp_path, png):
    real, stranger = tmp_path / "real.png", tmp_path / "real.png.part"
    real.write_bytes(b"old")
    real.chmod(0o640)
    stranger.write_bytes(b"somebody else's")
    picture(png).save(real, overwrite=True)
    assert real.read_bytes() == png
    assert real.stat().st_mode & 0o777 == 0o640
    assert stranger.read_bytes() == b"somebody else's"
    assert {path.name for path in tmp_path.iterdir()} == {"real.png", "real.png.part"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_link_points_to_is_never_written_to(tmp_path, png, overwrite):
    real, link = tmp_path / "real.png", tmp_path / "link.png"
    real.write_bytes(b"somebody else's")
    link.symlink_to(real)
    with contextlib.suppress(FileExistsError):
        picture(png).save(link, overwrite=overwrite)
    assert link.is_symlink() is not overwrite
    assert real.read_bytes() == b"somebody else's"


FULL_DISK = """
import resource, sys
from imagekit import Blob, Image

size = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))
image = Image(0, blob=Blob.of(bytes(size)))
try:
    image.save(sys.argv[1])
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on file sizes there")
@pytest.mark.parametrize("size", ["2000", "300000"], ids=["when closing", "when writing"])
def test_a_full_disk_leaves_no_part_of_a_picture_behind(tmp_path, size):
    script = [sys.executable, "-c", FULL_DISK, str(tmp_path / "1.png"), size]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_failed_save_removes_only_files_and_no_pipe_or_device(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: pipe.open("rb").close())
    reader.start()
    with pytest.raises(BrokenPipeError):
        picture(bytes(1_000_000)).save(pipe, overwrite=True)
    reader.join()
    assert pipe.is_fifo()


def test_a_result_with_links_and_the_error_that_carries_it_can_be_stored(garden):
    """What needs a client to fetch it stays behind; the link is kept."""
    stored: list[bytes] = []

    def store(result: Any) -> None:
        stored.append(pickle.dumps(result))
        raise OSError("no space left")

    answer = Answer(json={"data": [{"url": "https://h.invalid/1.png"}]})
    with Loopback(answer) as server, pytest.raises(SinkError) as caught:
        garden(server.url, sinks=[store]).generate("a lily", model="lily-1")
    stored.append(pickle.dumps(caught.value.result))
    copies = [pickle.loads(data) for data in stored]
    assert [copy.image.url for copy in copies] == 2 * ["https://h.invalid/1.png"]


def test_a_failed_overwrite_keeps_the_old_file(tmp_path, png):
    class Broken(Blob):
        def read_at(self, offset, length):
            raise OSError("unreadable")

    old = tmp_path / "a.png"
    old.write_bytes(b"precious")
    image = Image(0, blob=Broken(io.BytesIO(png), len(png), ""))
    with pytest.raises(OSError, match="unreadable"):
        image.save(old, overwrite=True)
    assert old.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [old]


def test_the_sandbox_makes_room_as_soon_as_there_is_a_key():
    environment = {"LANG": "C"}
    modules = (imagekit_sandbox, imagekit_seedream, imagekit_token360)
    plugins = Plugins.of(*modules)
    with Client(plugins=plugins, environment=environment, sandbox=True) as client:
        assert client.route("seedream-4.0").host.name == "sandbox"
        environment["TOKEN360_API_KEY"] = "sk-1"
        assert client.route("seedream-4.0").host.name == "token360"
