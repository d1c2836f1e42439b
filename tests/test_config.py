"""The configuration: what it may say, what it changes, and what is wrong with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    Alias,
    Bearer,
    Client,
    Config,
    ConfigurationError,
    Enum,
    Fact,
    Family,
    Host,
    HostSettings,
    InvalidConfiguration,
    MissingCredential,
    Model,
    Offer,
    Parameter,
    Plugins,
    Problem,
    SecretReference,
    Sizes,
    State,
    UnknownModel,
    UsageError,
    hookimpl,
    spell,
)
from imagekit.config.file import candidates, find, parse, read
from imagekit.testing import Answer, Loopback

GUESS = Fact("a rumour", "2026-11-21", State.UNVERIFIED)

ROSE = Family(
    "rose",
    "Rose",
    (
        Model(
            "rose-1",
            "Rose 1",
            aliases=("rose-one",),
            parameters=(
                Parameter("prompt", str),
                Parameter("quality", str, (Enum(("low", "high")),), fact=GUESS),
                Parameter("n", int, fact=GUESS),
                Parameter("thorns", int),
                Parameter("scent", str),
            ),
            sizes=Sizes(
                tiers=("1K", "2K"),
                table={"2K": {"1:1": (2048, 2048), "16:9": (2560, 1440)}},
                max_pixels=4096 * 4096,
            ),
        ),
    ),
)
SPELLS = spell("size watermark seed thorns scent") + spell("quality n", GUESS)


class Meadow(Host):
    """A host with a quirk that is no data: it takes no prompt about winter."""

    @hookimpl
    def imagekit_validate_request(self, call: Any) -> list[Problem]:
        wintry = "winter" in call.prompt
        return [Problem("prompt", f"{call.route.host.name} knows no winter")] if wintry else []


def host(name: str, kind: type[Host] = Host) -> Host:
    return kind(
        name,
        name.title(),
        f"https://{name}.invalid/v1",
        Bearer((f"{name.upper()}_API_KEY",)),
        (Offer("rose-1", f"rose-of-{name}", "openai-images", SPELLS, id_fact=GUESS),),
    )


class Keypair(Bearer):
    """Two fields instead of one."""

    @property
    def variables(self) -> dict[str, tuple[str, ...]]:
        return {"access_key": ("A",), "secret_key": ("S",)}

    def headers(self, credential: Any, now: float) -> dict[str, str]:
        return {"Authorization": f"{credential['access_key']}:{credential['secret_key']}"}


class Roses:
    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [ROSE]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        pair = evolve(host("brook"), auth=Keypair(()))
        return [host("meadow", Meadow), host("field"), pair]


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """``client(toml)``: a client of that configuration, which lies in a file."""
    clients: list[Client] = []

    def make(config: Any = None, **options: Any) -> Client:
        options = {"plugins": Plugins.of(Roses()), "environment": {}, **options}
        clients.append(Client(config=config, **options))
        return clients[-1]

    yield make
    for one in clients:
        one.close()


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# --- one line switches the provider ----------------------------------------------------------


def program(path: Path) -> Any:
    """A program of somebody who knows nothing of hosts."""
    with Client(config=path, plugins=Plugins.of(Roses()), environment={}) as client:
        return client.generate("a rose", model="poster")


def test_one_line_switches_the_provider_and_no_line_of_code(toml, tmp_path, drawn):
    with Loopback(Answer(json=drawn)) as first, Loopback(Answer(json=drawn)) as second:
        (tmp_path / "key").write_text("key-of-both\n")
        text = f"""
            [models.poster]
            model = "rose-1"
            hosts = ["meadow"]

            [hosts.meadow]
            base_url = "{first.url}"
            credential = {{ file = "key" }}

            [hosts.field]
            base_url = "{second.url}"
            credential = {{ file = "key" }}
        """
        before = program(toml(text))
        after = program(toml(text.replace('hosts = ["meadow"]', 'hosts = ["field"]')))
        assert (before.host, after.host) == ("meadow", "field")
        assert [len(server.seen) for server in (first, second)] == [1, 1]
        assert second.seen[0].headers["authorization"] == "Bearer key-of-both"
        assert second.seen[0].json["model"] == "rose-of-field"


# --- aliases and defaults --------------------------------------------------------------------


POSTER = """
[models.poster]
model = "meadow:rose-1"
defaults = { size = "2K", watermark = false, options = { thorns = 3 }, native = { style = "x" } }
"""


def given(plan: Any) -> dict[str, tuple[Any, str]]:
    return {line.parameter: (line.value, line.by) for line in plan.receipt.lines}


def test_the_receipt_tells_what_an_alias_gave(client, toml):
    plan = client(toml(POSTER)).plan("a rose", model="poster", seed=7, options={"scent": "tea"})
    assert given(plan) == {
        "model": ("poster", "caller"),
        "prompt": ("a rose", "caller"),
        "size": ("2K", "alias"),
        "watermark": (False, "alias"),
        "seed": (7, "caller"),
        "thorns": (3, "alias"),
        "scent": ("tea", "caller"),
        "native.style": ("x", "alias"),
    }
    body = json.loads(plan.request.body)
    assert (body["model"], body["watermark"], body["style"]) == ("rose-of-meadow", False, "x")


def test_what_the_caller_gives_wins_over_an_alias(client, toml):
    plan = client(toml(POSTER)).plan(
        "x", model="poster", watermark=True, options={"thorns": 0}, native={"style": "y"}
    )
    told = given(plan)
    assert told["watermark"] == (True, "caller")
    assert told["thorns"] == (0, "caller")
    assert told["native.style"] == ("y", "caller")


@pytest.mark.parametrize(
    ("default", "asked", "sent"),
    [
        ('size = "2K"', {"ratio": "16:9"}, "2560x1440"),  # they go together
        ('size = "2K"', {"size": "1024x768"}, "1024x768"),
        ('resolution = "2K"', {"size": "1K"}, "1K"),  # they contradict: the caller's counts
        ('ratio = "16:9"', {"size": "2048x2048"}, "2048x2048"),
        ('size = "2560x1440"', {"ratio": "1:1", "resolution": "2K"}, "2048x2048"),
    ],
)
def test_a_default_shape_gives_way_to_the_callers_where_they_differ(
    client, toml, default, asked, sent
):
    text = f'[models.poster]\nmodel = "meadow:rose-1"\ndefaults = {{ {default} }}'
    plan = client(toml(text)).plan("x", model="poster", **asked)
    assert plan.problems == ()
    assert json.loads(plan.request.body)["size"] == sent


def test_an_alias_of_an_alias_adds_to_it_and_counts_first(client):
    config = Config(
        models={
            "big": Alias("rose-1", ("field",), {"size": "2K", "seed": 1}),
            "poster": Alias("big", ("meadow",), {"seed": 2}),
        }
    )
    plan = client(config).plan("x", model="poster")
    assert plan.host == "meadow"
    assert given(plan)["seed"] == (2, "alias")
    assert given(plan)["size"] == ("2K", "alias")


def test_a_host_before_an_alias_wins_over_the_aliass_own(client, toml):
    assert client(toml(POSTER)).plan("x", model="field:poster").host == "field"


def test_the_first_host_of_an_alias_that_has_a_key_is_asked(client):
    config = Config(models={"poster": Alias("rose-1", ("meadow", "field"))})
    assert client(config, credentials={"field": "k"}).route("poster").host.name == "field"
    assert client(config, credentials={"field": "k", "meadow": "k"}).route("poster").host.name == (
        "meadow"
    )


def test_the_default_model_is_for_calls_that_name_none(client, toml):
    plan = client(toml(f'default_model = "poster"\n{POSTER}')).plan("a rose")
    assert (plan.model, plan.host) == ("rose-1", "meadow")
    assert given(plan)["model"] == ("poster", "configuration")


def test_without_a_model_and_a_default_one_the_call_says_what_to_do(client):
    with pytest.raises(UsageError, match="set default_model"):
        client().generate("a rose")


def test_a_misspelt_alias_is_met_with_the_one_that_is_there(client, toml):
    with pytest.raises(UnknownModel, match="did you mean poster") as caught:
        client(toml(POSTER)).generate("a rose", model="postr")
    assert caught.value.nearest[0] == "poster"


def test_on_unsupported_comes_from_the_call_then_the_alias_then_the_top(client):
    config = Config(
        on_unsupported="drop",
        models={"strict": Alias("meadow:rose-1", defaults={"on_unsupported": "error"})},
    )
    make = client(config)
    assert make.plan("x", model="meadow:rose-1", user="u").problems == ()
    assert make.plan("x", model="strict", user="u").problems != ()
    assert make.plan("x", model="strict", user="u", on_unsupported="drop").problems == ()


def test_prefer_decides_between_hosts(client, toml):
    path = toml('prefer = ["field", "meadow"]')
    keys = {"meadow": "k", "field": "k"}
    assert client(path, credentials=keys).route("rose-1").host.name == "field"
    assert client(path, credentials=keys, prefer=["meadow"]).route("rose-1").host.name == "meadow"


# --- several instances of one kind -----------------------------------------------------------


TWO = """
[hosts.work]
kind = "meadow"
base_url = "{first}"
credential = {{ env = "WORK_KEY" }}

[hosts.home]
kind = "meadow"
base_url = "{second}"
credential = {{ env = "HOME_KEY" }}
"""


def test_instances_of_one_kind_have_addresses_and_keys_of_their_own(client, toml, drawn):
    environment = {"WORK_KEY": "at-work", "HOME_KEY": "at-home"}
    with Loopback(Answer(json=drawn)) as first, Loopback(Answer(json=drawn)) as second:
        path = toml(TWO.format(first=first.url, second=second.url))
        made = client(path, environment=environment)
        results = [made.generate("x", model=f"{name}:rose-1") for name in ("work", "home")]
        assert [result.host for result in results] == ["work", "home"]
        assert first.seen[0].headers["authorization"] == "Bearer at-work"
        assert second.seen[0].headers["authorization"] == "Bearer at-home"


def test_an_instance_keeps_the_hooks_of_its_kind_and_is_asked_only_on_its_own_routes(client):
    config = Config(hosts={"work": HostSettings(kind="meadow")})
    made = client(config)
    for name, problems in (
        ("work", ["prompt: work knows no winter"]),
        ("meadow", ["prompt: meadow knows no winter"]),
        ("field", []),
    ):
        plan = made.plan("winter", model=f"{name}:rose-1")
        assert [str(problem) for problem in plan.problems] == problems


def test_offers_that_others_make_for_a_host_hold_at_its_instances(client):
    class More:
        @hookimpl
        def imagekit_families(self) -> list[Family]:
            return [Family("moss", "Moss", (Model("moss-1", "Moss 1"),))]

        @hookimpl
        def imagekit_offers(self) -> list[Offer]:
            return [Offer("moss-1", "moss", "openai-images", host="meadow")]

    config = Config(hosts={"work": HostSettings(kind="meadow")})
    made = client(config, plugins=Plugins.of(Roses(), More()))
    assert made.plan("x", model="work:moss-1").request is not None


def test_two_clients_of_the_same_plugins_do_not_meet_one_anothers_instances(client):
    plugins = Plugins.of(Roses())
    one = client(Config(hosts={"work": HostSettings(kind="meadow")}), plugins=plugins)
    two = client(Config(hosts={"work": HostSettings(kind="field")}), plugins=plugins)
    assert (one.registry.host("work").kind, two.registry.host("work").kind) == ("meadow", "field")
    assert [str(p) for p in one.plan("winter", model="work:rose-1").problems] != []
    assert [str(p) for p in two.plan("winter", model="work:rose-1").problems] == []
    assert "work" not in client(plugins=plugins).registry.hosts


# --- what the user knows better --------------------------------------------------------------


KNOWN = """
[hosts.meadow]
remote_ids = { rose-1 = "rose-in-truth" }

[hosts.meadow.models.rose-1]
parameters.quality = { enum = ["low", "best"] }
parameters.n = { range = [1, 2] }
sizes = { tiers = ["1K", "2K", "4K"], max_pixels = 20000000 }
"""


def test_facts_of_your_own_replace_rules_and_are_not_called_unverified(client, toml):
    asked = {"quality": "best", "n": 2, "size": "4K", "model": "meadow:rose-1"}
    plan = client(toml(KNOWN)).plan("x", **asked)
    assert (plan.problems, plan.notes) == ((), ())
    assert json.loads(plan.request.body)["model"] == "rose-in-truth"
    without = client().plan("x", **asked)
    assert {problem.field for problem in without.problems} == {"quality", "size"}
    assert "unverified" in " ".join(without.notes)


def test_facts_of_your_own_are_still_rules(client, toml):
    plan = client(toml(KNOWN)).plan(
        "x", model="meadow:rose-1", quality="high", n=3, size="9000x9000"
    )
    assert {problem.field for problem in plan.problems} == {"quality", "n", "size"}
    assert client(toml(KNOWN)).plan("x", model="field:rose-1", quality="high").problems == ()


# --- where secrets are -----------------------------------------------------------------------


def key_of(made: Client, name: str = "meadow") -> str:
    return made._keyring.get(made.registry.host(name))["api_key"]


def test_a_secret_may_be_in_the_environment_a_file_or_what_a_command_prints(client, tmp_path):
    (tmp_path / "key").write_text("from-file\nand a remark\n")
    program = (sys.executable, "-c", "print('from-command'); print('more')")
    for reference, secret in (
        (SecretReference(env="MINE"), "from-env"),
        (SecretReference(file=str(tmp_path / "key")), "from-file"),
        (SecretReference(command=program), "from-command"),
    ):
        config = Config(hosts={"meadow": HostSettings(credential=reference)})
        assert key_of(client(config, environment={"MINE": "from-env"})) == secret


def test_a_command_is_run_without_a_shell_and_only_when_its_key_is_needed(client, tmp_path):
    ran = tmp_path / "ran"
    script = f"import sys, pathlib; pathlib.Path({str(ran)!r}).touch(); print(sys.argv[1])"
    reference = SecretReference(command=(sys.executable, "-c", script, "$HOME;ls"))
    config = Config(hosts={"meadow": HostSettings(credential=reference)})
    made = client(config)
    made.plan("x", model="meadow:rose-1")
    assert made.credential_source(made.registry.host("meadow")).startswith("configuration: command")
    assert not ran.exists()
    assert key_of(made) == "$HOME;ls"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        (SecretReference(env="MINE"), "environment (MINE)"),
        (SecretReference(file="/no/such/key"), "file /no/such/key"),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_missing_key(client, reference, says):
    config = Config(hosts={"meadow": HostSettings(credential=reference)})
    made = client(config, environment={"MEADOW_API_KEY": "not asked for"})
    assert made.credential_source(made.registry.host("meadow")) is None
    with pytest.raises(MissingCredential) as caught:
        key_of(made)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (["/no/such/program"], "can't be run: No such file"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "failed with exit code 3"),
        ([sys.executable, "-c", "pass"], "empty first line"),
    ],
)
def test_a_command_that_fails_says_so(client, program, says):
    reference = SecretReference(command=tuple(program))
    config = Config(hosts={"meadow": HostSettings(credential=reference)})
    with pytest.raises(ConfigurationError, match=r"hosts\.meadow\.credential") as caught:
        key_of(client(config))
    assert says in str(caught.value)


def test_a_command_that_does_not_end_is_ended():
    endless = SecretReference(command=(sys.executable, "-c", "import time; time.sleep(60)"))
    with pytest.raises(ConfigurationError, match=r"took longer than 0\.1 s"):
        endless.read({}, patience=0.1)


def test_a_fifo_is_no_file_of_a_key(tmp_path):
    import os

    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        SecretReference(file=str(tmp_path / "fifo")).read({})


def test_every_field_of_a_credential_has_a_reference_of_its_own(client, toml, tmp_path, drawn):
    (tmp_path / "s").write_text("secret")
    with Loopback(Answer(json=drawn)) as server:
        path = toml(f"""
            [hosts.brook]
            base_url = "{server.url}"
            credential = {{ access_key = {{ env = "A_KEY" }}, secret_key = {{ file = "s" }} }}
        """)
        client(path, environment={"A_KEY": "access"}).generate("x", model="brook:rose-1")
        assert server.seen[0].headers["authorization"] == "access:secret"


def test_a_secret_header_is_sent_and_shown_nowhere(client, toml, drawn, caplog):
    caplog.set_level("DEBUG")
    with Loopback(Answer(json=drawn), Answer(401, {"error": {"message": "gate-0"}})) as server:
        path = toml(f"""
            [hosts.meadow]
            base_url = "{server.url}"
            headers = {{ X-Gate = {{ env = "GATE" }}, X-Team = "roses" }}
        """)
        made = client(path, environment={"GATE": "gate-0"}, credentials={"meadow": "k"})
        plan = made.plan("x", model="meadow:rose-1")
        result = made.generate("x", model="meadow:rose-1")
        sent = server.seen[0].headers
        assert (sent["x-gate"], sent["x-team"]) == ("gate-0", "roses")
        with pytest.raises(Exception, match=r"\*\*\*") as caught:
            made.generate("x", model="meadow:rose-1")
    assert ("header X-Gate", "(not shown)") in [(a.field, a.value) for a in result.receipt.added]
    shown = f"{result} {plan} {made.config} {caught.value} {vars(caught.value)} {caplog.text}"
    assert "gate-0" not in shown


# --- which file ------------------------------------------------------------------------------


def test_the_first_file_that_is_named_or_there_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    files = [
        Path("given.toml"),
        Path("named.toml"),
        Path("imagekit.toml"),
        tmp_path / "home" / "imagekit" / "config.toml",
    ]
    named = {"IMAGEKIT_CONFIG": "named.toml"}
    files[3].parent.mkdir(parents=True)
    for file in files:
        file.write_text(f'prefer = ["{file.stem}"]')
    assert [one.path for one in candidates("given.toml", named)] == files
    assert find("given.toml", named).path == files[0]
    assert find(None, named).path == files[1]
    assert find(None, {}).path == files[2]
    files[2].unlink()
    assert read(None, {}).prefer == ("config",)
    files[3].unlink()
    assert (find(None, {}), read(None, {})) == (None, Config())


def test_the_library_reads_no_file_unless_it_is_asked_to(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("imagekit.toml").write_text('default_model = "meadow:rose-1"')
    assert client().config.default_model is None
    options = {"plugins": Plugins.of(Roses()), "environment": {}}
    with closing(Client.from_config(**options)) as made:
        assert made.plan("x").host == "meadow"


def test_a_file_found_by_chance_runs_no_command(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("imagekit.toml").write_text('[hosts.meadow]\ncredential = { command = ["ls"] }')
    options = {"plugins": Plugins.of(Roses()), "environment": {}}
    with pytest.raises(InvalidConfiguration, match=r"hosts\.meadow\.credential: a command is run"):
        Client.from_config(**options)
    Client.from_config("imagekit.toml", **options).close()  # named: that is another matter


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("prefer = [", "is not TOML"),
        ("a = 1\nb 2\n", "line 2, column 3"),
        (b"\xff\xfe", "is not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none_says_why(client, tmp_path, text, says):
    path = tmp_path / "mine.toml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as caught:
        client(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_directory_is_no_configuration(client, tmp_path):
    with pytest.raises(ConfigurationError, match="not a regular file"):
        client(tmp_path)


# --- what is wrong ---------------------------------------------------------------------------


MISTAKES = {
    'prefre = ["meadow"]': "prefre: no such key; did you mean prefer?",
    'prefer = "meadow"': "prefer: must be a list, not text",
    'prefer = ["medow"]': "prefer[0]: no host is named 'medow'; did you mean meadow?",
    'on_unsupported = "adap"': "must be one of error, adapt, drop; did you mean adapt?",
    'default_model = "rose-2"': "default_model: no installed plugin knows the model 'rose-2'",
    "default_model = 4": "default_model: must be text, not a whole number",
    'hosts.meadow.base_ulr = "x"': "hosts.meadow.base_ulr: no such key; did you mean base_url?",
    'hosts.meadow.base_url = "x"': "hosts.meadow.base_url: must be an address",
    'hosts.meadow.base_url = "http://a:b@c"': "hosts.meadow.base_url: must be an address",
    'hosts.meadow.read_timeout = "9"': "hosts.meadow.read_timeout: must be a number, not text",
    "hosts.meadow.read_timeout = 0": "hosts.meadow.read_timeout: must be more than 0",
    "hosts.meadow.read_timeout = true": "must be a number, not true or false",
    'hosts.medow.base_url = "https://a"': "hosts.medow: no such host is installed; did you",
    'hosts.work.kind = "medow"': "hosts.work.kind: no host 'medow' is installed; did",
    'hosts.field.kind = "meadow"': "hosts.field.kind: field is an installed host itself",
    'hosts."a:b".kind = "meadow"': 'hosts."a:b": a host\'s name has no colon',
    'hosts = "meadow"': "hosts: must be a table, not text",
    'hosts.meadow = "x"': "hosts.meadow: must be a table, not text",
    'hosts.meadow.headers = ["a"]': "hosts.meadow.headers: must be a table, not a list",
    'hosts.meadow.headers."a b" = "x"': 'hosts.meadow.headers."a b": is no name of a header',
    'hosts.meadow.headers.a = "x\\ny"': "hosts.meadow.headers.a: has characters",
    'hosts.meadow.remote_ids.rose-9 = "x"': "hosts.meadow.remote_ids.rose-9: no installed plugin",
    'hosts.meadow.remote_ids.rose-one = "x"': "use its canonical name here: rose-1",
    "hosts.meadow.models.rose-1.parameters.qualty.enum = [1]": "did you mean quality?",
    "hosts.meadow.models.rose-1.parameters.quality.enum = [1]": "1 is not text",
    "hosts.meadow.models.rose-1.parameters.quality.range = [1, 2]": "is no number; use enum",
    "hosts.meadow.models.rose-1.parameters.n.range = [2, 1]": "the least comes first",
    "hosts.meadow.models.rose-1.parameters.n.range = [2]": "must be a list of 2, not of 1",
    "hosts.meadow.models.rose-1.parameters.n = {}": "needs enum = [...] or range",
    "hosts.meadow.models.rose-1.parameters.size.enum = ['1K']": "sizes have a table of their own",
    "hosts.meadow.models.rose-1.sizes.tiers = ['2k']": "'2k' is not a tier",
    "hosts.meadow.models.rose-1.sizes.max_ratio = 'wide'": "which is no WIDTH:HEIGHT",
    "hosts.meadow.models.rose-1.sizes.tier = ['2K']": "no such key; did you mean tiers?",
    "hosts.meadow.credential = {}": "credential: needs exactly one of env, file, command",
    "hosts.meadow.credential = {env='A', file='b'}": "needs exactly one of env, file, command",
    "hosts.meadow.credential = {evn='A'}": "no such key evn; did you mean env?",
    "hosts.meadow.credential = {command='ls'}": "credential.command: must be a list, not text",
    "hosts.meadow.credential = {password={env='A'}}": "no such field; known are api_key",
    "hosts.brook.credential = {env='A'}": "has several fields here: {access_key = {...}, secret",
    "hosts.brook.credential = {access_key={env='A'}}": "hosts.brook.credential: lacks secret_key",
    "models.poster.hosts = ['meadow']": "models.poster.model: is missing",
    "models.poster.model = 'rose'": "no installed plugin knows the model 'rose'; did you mean rose",
    "models.a.model = 'poser'\nmodels.poster.model = 'rose-1'": "'poser'; did you mean poster?",
    "models.poster = {model='rose-1', hots=['meadow']}": "models.poster.hots: no such key; did you",
    "models.poster = {model='rose-1', hosts=['pond']}": "models.poster.hosts[0]: no host is named",
    "models.poster = {model='field:rose-1', hosts=['meadow']}": "names its host already",
    "models.poster = {model='rose-1', defaults={sise='2K'}}": "did you mean size?",
    "models.poster = {model='rose-1', defaults={thorns=1}}": "a family's own go into options",
    "models.poster = {model='rose-1', defaults={n='2'}}": "models.poster.defaults.n: '2' is not",
    "models.poster = {model='rose-1', defaults={options={size='2K'}}}": "it goes into defaults",
    "models.poster = {model='rose-1', defaults={on_unsupported='x'}}": "must be one of error",
    "models.rose-1.model = 'rose-one'": "models.rose-1: is the name of Rose 1; choose another",
    "models.rose-one.model = 'rose-1'": "models.rose-one: is the name of Rose 1; choose another",
    "models.'a:b'.model = 'rose-1'": "an alias has no colon",
    "models.a.model = 'a'": "models.a.model: goes in a circle: a -> a",
    "models.a.model = 'b'\nmodels.b.model = 'a'": "models.a.model: goes in a circle: a -> b -> a",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(client, toml, text):
    with pytest.raises(InvalidConfiguration) as caught:
        client(toml(text))
    assert MISTAKES[text] in str(caught.value)


def test_all_mistakes_are_told_at_once_and_only_they(client, toml):
    path = toml("""
        prefre = []
        prefer = ["medow"]
        default_model = "poster"
        [models.poster]
        model = "rose-1"
        defaults = { n = "2" }
        [hosts.work]
        kind = "meadow"
        base_ulr = "x"
        connect_timeout = "soon"
        [hosts.field]
        credential = "sk-literally"
    """)
    with pytest.raises(InvalidConfiguration) as caught:
        client(path)
    assert [problem.field for problem in caught.value.problems] == [
        "hosts.work.connect_timeout",
        "hosts.work.base_ulr",
        "hosts.field.credential",
        "prefre",
        "prefer[0]",
        "models.poster.defaults.n",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'hosts.meadow.credential = "sk-literally"',
        'hosts.brook.credential.access_key = "sk-literally"',
        'hosts.meadow.headers.Authorization = "Bearer sk-literally"',
        'hosts.meadow.headers.X-Api-Key = "sk-literally"',
    ],
)
def test_a_literal_secret_is_refused_with_what_to_do_and_not_repeated(client, toml, text):
    with pytest.raises(InvalidConfiguration, match="a secret does not belong here") as caught:
        client(toml(text))
    assert '{env = "NAME"}' in str(caught.value).replace("{ env", "{env")
    assert "sk-literally" not in f"{caught.value} {caught.value.problems!r}"


def test_a_configuration_made_in_code_is_checked_as_well(client):
    with pytest.raises(InvalidConfiguration, match=r"the configuration can't be used"):
        client(Config(models={"rose-1": Alias("rose-1")}))


def test_what_a_file_says_right_is_read_in_spite_of_what_it_says_wrong(toml):
    config = parse(toml('prefer = ["meadow", 3]\n[hosts.work]\nkind = "meadow"\nhedders = {}'))
    assert config.hosts == {"work": HostSettings(kind="meadow")}
    assert [problem.field for problem in config.problems] == ["prefer[1]", "hosts.work.hedders"]
