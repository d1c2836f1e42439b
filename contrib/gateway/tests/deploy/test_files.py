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
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from imagekit import Config, Plugins
from imagekit.cli.app import run
from imagekit_gateway.commands.gateway import gateway
from imagekit_gateway.serving.routes import ROUTES
from imagekit_gateway.gateway.settings import Settings, address, settings_of

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


#: What is run beside a language model, and not by a gateway.
ELSEWHERE = {"example-plugin", "langchain", "llm", "mcp"}


def test_the_image_has_every_distribution_that_a_gateway_uses() -> None:
    wheels = next(line for line in instructions("RUN") if line.startswith("pip wheel"))
    patterns = [word for word in shlex.split(wheels) if word.startswith(".")]
    built = {path for pattern in patterns[1:] for path in ROOT.glob(pattern.removeprefix("./"))}
    setups = {path.parent for path in ROOT.glob("*/*/setup.cfg")} | {
        path.parent for path in ROOT.glob("plugins/*/*/setup.cfg")
    }
    wanted = {path for path in setups if path.name not in ELSEWHERE}
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
    assert {*one["depends_on"]} == {*SERVICES} - {"gateway"}
    for name, when in one["depends_on"].items():
        assert when == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[name]


def test_no_container_may_do_what_it_need_not() -> None:
    for one in SERVICES.values():
        assert (one["cap_drop"], one["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert [name for name, one in SERVICES.items() if "cap_add" in one] == ["postgres"]


def test_the_gateway_is_served_as_the_image_does_it() -> None:
    assert SERVICES["gateway"]["command"] == yaml.safe_load(instructions("CMD")[-1])
    assert SERVICES["gateway"]["entrypoint"][-1:] == PROGRAM  # $0 of what stands before it
    assert 'exec imagekit "$$@"' in SERVICES["gateway"]["entrypoint"][2]


def test_of_all_addresses_that_of_this_machine_alone_is_a_proxy() -> None:
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    proxies = tomllib.loads(text("imagekit.toml"))["gateway"]["proxies"]
    assert proxies == [network["gateway"]]
    assert ip_address(network["gateway"]) in ip_network(network["subnet"])


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


def made(folder: Path) -> dict[str, str]:
    """What the script makes there: what stands in each file."""
    folder.mkdir(exist_ok=True)
    script = shutil.copy(DEPLOY / "secrets.sh", folder)
    subprocess.run(["/bin/sh", "-c", f"umask 022; {script}"], check=True)
    return {path.name: path.read_text() for path in (folder / "secrets").iterdir()}


def test_every_secret_is_made_at_random(tmp_path: Path) -> None:
    first, second = made(tmp_path / "one"), made(tmp_path / "two")
    declared = {name: one["file"] for name, one in COMPOSE["secrets"].items()}
    read = SERVICES["garage"]["env_file"]
    assert {*declared.values(), read} == {f"secrets/{name}" for name in first}
    assert all(path == f"secrets/{name}" for name, path in declared.items())
    assert {name for name, value in first.items() if not value} == {"token360", "powertokens"}
    values = {*filter(None, first.values()), *of_garage(first).values()}
    assert not values & {*second.values(), *of_garage(second).values()}
    assert [value for value in values if len(value) < 32] == []
    password = first["postgres-password"]
    assert password.isalnum()  # it stands in a URL
    assert first["store-url"] == f"postgresql://gateway:{password}@postgres/gateway"


def of_garage(files: dict[str, str]) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(\w+)$", files["garage.env"], re.MULTILINE))


def test_nobody_else_can_read_what_was_made_and_it_is_made_once(tmp_path: Path) -> None:
    first = made(tmp_path)
    folder = tmp_path / "secrets"
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {name for name, mode in modes.items() if mode != 0o644} == {"garage.env"}
    assert modes["garage.env"] == 0o600
    again = subprocess.run([tmp_path / "secrets.sh"], capture_output=True)
    assert again.returncode != 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == first


def test_no_container_is_given_a_secret_in_its_environment_but_garage() -> None:
    assert "${" not in text("compose.yaml")
    assert [name for name, one in SERVICES.items() if "env_file" in one] == ["garage"]
    said = {*re.findall(r"/run/secrets/([\w-]+)", text("compose.yaml") + text("imagekit.toml"))}
    assert said == {*COMPOSE["secrets"]}
    for name in ("gateway", "postgres"):
        one = SERVICES[name]
        read = yaml.dump(one) + (text("imagekit.toml") if name == "gateway" else "")
        assert {*re.findall(r"/run/secrets/([\w-]+)", read)} == {*one["secrets"]}


def test_garage_makes_the_bucket_that_the_gateway_names(tmp_path: Path) -> None:
    garage, told = SERVICES["garage"]["environment"], tomllib.loads(text("garage.toml"))
    pictures = tomllib.loads(text("imagekit.toml"))["store"]["pictures"]
    port = told["s3_api"]["api_bind_addr"].rpartition(":")[2]
    region = told["s3_api"]["s3_region"]
    bucket = garage["GARAGE_DEFAULT_BUCKET"]
    assert pictures == f"s3://{bucket}/gateway?endpoint=http://garage:{port}&region={region}"
    files = made(tmp_path)
    keys = of_garage(files)
    assert files["s3-access-key"] == keys["GARAGE_DEFAULT_ACCESS_KEY"]
    assert files["s3-secret-key"] == keys["GARAGE_DEFAULT_SECRET_KEY"]
    kept = [mount.split(":")[1] for mount in SERVICES["garage"]["volumes"]]
    assert {told["metadata_dir"], told["data_dir"]} <= {*kept}


def test_the_keys_of_hosts_are_named_as_the_hosts_look_for_them() -> None:
    hosts = tomllib.loads(text("imagekit.toml"))["hosts"]
    assert {*hosts} <= {*Plugins.load().registry().hosts}
    for name, said in hosts.items():
        assert said == {"credential": {"file": f"/run/secrets/{name}"}}
    names = {name for name in SECRET["stringData"] if name.endswith("_API_KEY")}
    assert names
    assert names <= variables()


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
    (where,) = told["store"]["url"].items()
    assert where in [("env", "STORE_URL"), ("file", "/run/secrets/store-url")]


def test_the_store_of_a_pod_is_in_its_secret() -> None:
    said = tomllib.loads(CONFIGURATION["data"]["imagekit.toml"])
    assert SECRET["stringData"][said["store"]["url"]["env"]].startswith("postgresql://gateway:")


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


def of_page(title: str) -> str:
    """A section of the page, with each command on one line."""
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    (found,) = [one for one in section if one.startswith(f"{title}\n")]
    return re.sub(r"\\\n\s*", "", found)


def test_the_unit_names_no_secret_that_has_to_be_there() -> None:
    assert of_unit("LoadCredential") == []
    assert all(one.startswith("-") for one in of_unit("EnvironmentFile"))


def test_the_page_makes_the_user_the_folder_and_the_files_that_are_named() -> None:
    page = of_page("systemd")
    (user,), (folder,) = of_unit("User"), of_unit("StateDirectory")
    (made,) = re.findall(r"^useradd (.*)$", page, re.MULTILINE)
    assert made.split()[-1] == user
    assert f"--home-dir /var/lib/{folder} " in made
    named = {*re.findall(r'file = "(\S+)"', page)}
    assert f"install -d -m 0750 -g {user} /etc/imagekit/credentials\n" in page
    assert {str(Path(path).parent) for path in named} == {"/etc/imagekit/credentials"}
    for path in named - {"/etc/imagekit/credentials/store-url"}:  # "made as the others"
        assert f"install -m 0640 -g {user} /dev/stdin {path} " in page


def test_the_command_line_is_the_same_user_in_the_same_environment() -> None:
    """By another name it would make its key in another store; and a unit with a directory of its
    own would take that of the one that runs."""
    (line,) = re.findall(r"^systemd-run .*$", of_page("systemd"), re.MULTILINE)
    words = shlex.split(line)
    assert [words[words.index("--uid") + 1]] == of_unit("User")
    assert [words[words.index("--property") + 1]] == [
        f"EnvironmentFile={one}" for one in of_unit("EnvironmentFile")
    ]
    assert words.count("--property") == 1
    assert of_unit("Environment") == []
    (started,) = of_unit("ExecStart")
    program = words.index("gateway") - 3
    assert words[program : program + 3] == shlex.split(started)[:3]


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


def test_no_key_is_made_where_what_is_printed_is_kept() -> None:
    """Everywhere by what prints to whoever types it: at a prompt, by ``exec``, by ``--pipe``."""
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    said = re.sub(r"\\\n\s*", "", page + text("kubernetes.yaml"))
    lines = re.findall(r"^.*\bgateway key add .*$", said, re.MULTILINE)
    assert len(lines) > 4
    assert [line for line in lines if not re.search(r"^\$ | exec | --pipe ", line)] == []
    assert {"docker exec", "compose exec", "kubectl exec"} <= {*re.findall(r"\w+ exec\b", said)}


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.iterdir() if path.is_file()))
def test_the_page_tells_of_every_file(name: str) -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page or f"/{name}" in page
