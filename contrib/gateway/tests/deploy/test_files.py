"""The files of ``deploy/``: what they name is there, and what they say agrees."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from imagekit import Config, Plugins
from imagekit.cli.app import run
from imagekit_gateway.commands.gateway import gateway
from imagekit_gateway.routes import ROUTES
from imagekit_gateway.settings import Settings, address, settings_of

ROOT = Path(__file__).parents[4]
DEPLOY = ROOT / "contrib" / "gateway" / "deploy"
PORT = address(Settings().listen)[1]
#: What stands before the words of a command in each of the files.
PROGRAM = ["imagekit"]


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def seconds(said: str) -> int:
    return int(str(said).removesuffix("s"))


def served(words: list[str]) -> click.Context:
    """What a command of the gateway is told by these words; which it has to know."""
    assert words[0] == "gateway", words
    command = gateway.get_command(click.Context(gateway), words[1])
    assert command is not None
    return command.make_context(words[1], words[2:])


# --- the image -----------------------------------------------------------------------------------

LINES = re.sub(r"\\\n\s*", "", text("Dockerfile"))


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", LINES, re.MULTILINE)


def test_the_image_serves_on_the_port_that_it_names_and_as_nobody_in_particular() -> None:
    command = [
        *yaml.safe_load(instructions("ENTRYPOINT")[0]),
        *yaml.safe_load(instructions("CMD")[-1]),
    ]
    assert command[:1] == PROGRAM
    told = served(command[1:]).params
    assert (told["listen"], told["no_key"]) == (f"0.0.0.0:{PORT}", True)
    assert instructions("EXPOSE") == [str(PORT)]
    assert f"127.0.0.1:{PORT}/healthz" in instructions("HEALTHCHECK")[0]
    assert instructions("USER") == ["imagekit"]
    assert "GET /healthz" in [route.name for route in ROUTES]


def test_the_image_has_every_distribution_that_is_no_example() -> None:
    wheels = next(line for line in instructions("RUN") if line.startswith("pip wheel"))
    patterns = [word for word in shlex.split(wheels) if word.startswith(".")]
    built = {path for pattern in patterns[1:] for path in ROOT.glob(pattern.removeprefix("./"))}
    setups = {path.parent for path in ROOT.glob("*/*/setup.cfg")} | {
        path.parent for path in ROOT.glob("plugins/*/*/setup.cfg")
    }
    wanted = {path for path in setups if path.name != "example-plugin"}
    assert patterns[0] == "."
    assert {path for path in built if (path / "setup.cfg").exists()} == wanted


def test_the_extras_of_the_image_are_those_that_there_are() -> None:
    said = re.findall(r"\[([\w,]+)\]", instructions("RUN")[1])[0].split(",")
    parser = ConfigParser()
    parser.read(DEPLOY.parent / "setup.cfg")
    assert {*said} == {*parser["options.extras_require"]}


#: What may go in: the package of a distribution, and what it is built by.
BUILT = re.compile(
    r"(plugins/[^/]+/[^/]+/|contrib/(gateway|store|tracing)/)?"
    r"(LICENSE|README\.md|pyproject\.toml|setup\.cfg|imagekit(_\w+)?/.+)"
)
#: What may lie about: in the top of a checkout, of a distribution, of a package, and elsewhere.
SECRETS = [".env", ".env.mine", "store.db", "store.db-wal", "tls.pem", "my.key", "imagekit.toml"]
PLACES = [
    "",
    "imagekit",
    "imagekit/cli",
    "plugins",
    "plugins/hosts/zai",
    "plugins/hosts/zai/imagekit_zai",
    "contrib",
    "contrib/gateway",
    "contrib/gateway/imagekit_gateway/page",
    "contrib/gateway/deploy",
]
OTHERS = [
    ".git/config",
    ".venv/lib/one.py",
    "contrib/gateway/deploy/secrets/store-url",
    "contrib/gateway/notes",
    "contrib/example-plugin/setup.cfg",
    "contrib/store/store-pictures/one.png",
    "contrib/store/tests/test_one.py",
    "plugins/hosts/zai/notes",
    "store-pictures/one.png",
]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout of git")
def test_the_image_is_built_of_packages_and_of_nothing_that_lies_about(
    let_in: Callable[[Path], set[str]], tmp_path: Path
) -> None:
    listed = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    lying = [f"{place}/{name}".lstrip("/") for place in PLACES for name in SECRETS]
    for path in (*listed, *lying, *OTHERS):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert let_in(tmp_path) == {path for path in listed if BUILT.fullmatch(path)}


def test_git_takes_no_secret_of_a_deployment() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".env", "contrib/gateway/deploy/secrets/"} <= {*lines}


# --- Compose -------------------------------------------------------------------------------------

COMPOSE = yaml.safe_load(text("compose.yaml"))
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_the_gateway_ends_before_it_is_ended_and_after_what_it_needs() -> None:
    one = SERVICES["gateway"]
    assert seconds(one["stop_grace_period"]) > Settings().drain
    assert one["read_only"] is True
    assert (one["cap_drop"], one["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert {*one["depends_on"]} == {*SERVICES} - {"gateway"}
    for name, when in one["depends_on"].items():
        assert when == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[name]


def test_it_listens_on_this_machine_alone() -> None:
    published = [port for one in SERVICES.values() for port in one.get("ports", ())]
    assert published == [f"127.0.0.1:{PORT}:{PORT}"]


def test_what_is_mounted_is_there() -> None:
    mounts = [mount.split(":") for one in SERVICES.values() for mount in one["volumes"]]
    for source, _, *_ in mounts:
        if source.startswith("."):
            assert (DEPLOY / source).is_file(), source
        else:
            assert source in COMPOSE["volumes"]
    build = SERVICES["gateway"]["build"]
    context = DEPLOY / build["context"]
    assert (context / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert context.resolve() == ROOT


def test_every_secret_is_made_at_random() -> None:
    wanted = {*re.findall(r"\$\{(\w+):?", text("compose.yaml"))}
    runs = [
        subprocess.run([DEPLOY / "secrets.sh"], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    first, second = (dict(re.findall(r"^(\w+)=(.*)$", one, re.MULTILINE)) for one in runs)
    assert {*first} == wanted
    made = {name for name, value in first.items() if value}
    assert made == {*re.findall(r"\$\{(\w+):\?", text("compose.yaml"))}
    assert [name for name in made if first[name] == second[name] or len(first[name]) < 32] == []
    assert all(re.fullmatch("[A-Za-z0-9]+", first[name]) for name in made)  # they stand in a URL


def test_garage_makes_the_bucket_that_the_gateway_names() -> None:
    garage, told = SERVICES["garage"]["environment"], tomllib.loads(text("garage.toml"))
    pictures = tomllib.loads(text("imagekit.toml"))["store"]["pictures"]
    port = told["s3_api"]["api_bind_addr"].rpartition(":")[2]
    region = told["s3_api"]["s3_region"]
    bucket = garage["GARAGE_DEFAULT_BUCKET"]
    assert pictures == f"s3://{bucket}/gateway?endpoint=http://garage:{port}&region={region}"
    mine = SERVICES["gateway"]["environment"]
    assert mine["AWS_ACCESS_KEY_ID"] == garage["GARAGE_DEFAULT_ACCESS_KEY"]
    assert mine["AWS_SECRET_ACCESS_KEY"] == garage["GARAGE_DEFAULT_SECRET_KEY"]
    kept = [mount.split(":")[1] for mount in SERVICES["garage"]["volumes"]]
    assert {told["metadata_dir"], told["data_dir"]} <= {*kept}


def test_the_keys_of_hosts_are_named_as_the_hosts_look_for_them() -> None:
    known = variables()
    for environment in (SERVICES["gateway"]["environment"], SECRET["stringData"]):
        names = {name for name in environment if name.endswith("_API_KEY")}
        assert names
        assert names <= known


def variables() -> set[str]:
    """The variables of the environment in which hosts look for their keys."""
    hosts = Plugins.load().registry().hosts.values()
    every = [host.auth.variables.values() for host in hosts if host.auth is not None]
    return {name for fields in every for names in fields for name in names}


# --- configurations ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["imagekit.toml", "kubernetes.yaml"])
def test_the_configuration_has_no_mistake(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = text(name) if name.endswith(".toml") else CONFIGURATION["data"]["imagekit.toml"]
    (tmp_path / "my.toml").write_text(said)
    assert run(["--config", f"{tmp_path}/my.toml", "config", "check"]) == 0, capsys.readouterr()
    told = tomllib.loads(said)
    tables = {
        key: tuple(one) if isinstance(one, list) else one for key, one in told["gateway"].items()
    }
    settings = settings_of(Config(gateway=tables))
    assert settings.public_url == "https://images.example.com"
    assert settings.proxies
    assert told["store"]["url"] == {"env": "STORE_URL"}
    for environment in (SERVICES["gateway"]["environment"], SECRET["stringData"]):
        assert environment["STORE_URL"].startswith("postgresql://gateway:")


# --- systemd -------------------------------------------------------------------------------------

UNIT = text("imagekit-gateway.service")


def of_unit(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def test_the_unit_starts_what_there_is_and_waits_for_its_end() -> None:
    (command,) = of_unit("ExecStart")
    program, config, path, *words = shlex.split(command)
    assert (Path(program).name, config, path) == (
        "imagekit",
        "--config",
        "/etc/imagekit/gateway.toml",
    )
    assert served(words).params["no_key"]  # else the first one would be in the journal
    assert seconds(of_unit("TimeoutStopSec")[0]) > Settings().drain
    assert of_unit("KillMode") == ["mixed"]  # the first process alone is told to end


def test_the_page_names_the_credentials_of_the_unit() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    folder = "/run/credentials/imagekit-gateway.service/"
    named = re.findall(rf'file = "{folder}([\w-]+)"', page)
    assert {*named} == {one.partition(":")[0] for one in of_unit("LoadCredential")}
    assert f"{folder}store-url" in UNIT


@pytest.mark.outside
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_finds_nothing_wrong_with_the_unit_and_little_exposed(tmp_path: Path) -> None:
    (command,) = of_unit("ExecStart")
    here = UNIT.replace(shlex.split(command)[0], sys.executable)  # what is started has to be there
    path = tmp_path / "imagekit-gateway.service"
    path.write_text(here)
    for words in (["verify"], ["security", "--offline=true", "--threshold=20", "--no-pager"]):
        told = subprocess.run(["systemd-analyze", *words, path], capture_output=True, text=True)
        assert told.returncode == 0, told.stdout + told.stderr
        if words == ["verify"]:
            assert "imagekit-gateway" not in told.stderr, told.stderr


# --- Kubernetes ----------------------------------------------------------------------------------

OBJECTS = {one["kind"]: one for one in yaml.safe_load_all(text("kubernetes.yaml"))}
SECRET, CONFIGURATION = OBJECTS["Secret"], OBJECTS["ConfigMap"]
POD = OBJECTS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


def test_the_probes_ask_for_what_there_is_and_a_pod_has_time_to_end() -> None:
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = CONTAINER[probe]["httpGet"]
        assert f"GET {asked['path']}" in [route.name for route in ROUTES]
        assert asked["port"] == CONTAINER["ports"][0]["name"]
    assert CONTAINER["ports"][0]["containerPort"] == PORT
    told = served(CONTAINER["args"]).params
    assert (told["listen"], told["no_key"]) == (f"0.0.0.0:{PORT}", True)
    (pause,) = re.findall(r"sleep\((\d+)\)", str(CONTAINER["lifecycle"]))
    assert POD["terminationGracePeriodSeconds"] > Settings().drain + int(pause)


def test_the_objects_mean_each_other() -> None:
    names = {one["metadata"]["name"] for one in OBJECTS.values()}
    assert names == {"imagekit-gateway"}
    labels = OBJECTS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert OBJECTS["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert OBJECTS["Service"]["spec"]["selector"] == labels
    assert OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    mounted = {one["name"]: one["mountPath"] for one in CONTAINER["volumeMounts"]}
    assert {one["name"] for one in POD["volumes"]} == {*mounted}
    path = {one["name"]: one["value"] for one in CONTAINER["env"]}["IMAGEKIT_CONFIG"]
    assert path == f"{mounted['configuration']}/{next(iter(CONFIGURATION['data']))}"


def test_a_pod_may_do_no_more_than_the_image_needs() -> None:
    (uid,) = re.findall(r"--uid (\d+)", LINES)
    assert POD["securityContext"]["runAsUser"] == int(uid)
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    (data,) = re.findall(r"XDG_DATA_HOME=(\S+)", LINES)
    assert {data, "/tmp"} <= {one["mountPath"] for one in CONTAINER["volumeMounts"]}
    assert {data, "/tmp"} == {one.partition(":")[0] for one in SERVICES["gateway"]["tmpfs"]}


# --- proxies -------------------------------------------------------------------------------------


def test_nginx_passes_bodies_as_large_as_the_gateway_takes_them() -> None:
    (most,) = re.findall(r"client_max_body_size (\d+)m;", text("nginx.conf"))
    assert int(most) << 20 == Settings().most_body


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_asks_no_other_gateway_for_what_one_has_heard(name: str) -> None:
    lines = [line.partition("#")[0] for line in text(name).splitlines()]
    said = "\n".join(lines)
    assert re.findall(r"proxy_next_upstream (.*);", said) == (
        ["error timeout"] if name == "nginx.conf" else []
    )
    assert [
        one for one in ("lb_", "fail_duration", "keepalive 6", "non_idempotent") if one in said
    ] == []


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.iterdir()))
def test_the_page_tells_of_every_file(name: str) -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page or f"/{name}" in page
