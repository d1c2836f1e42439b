"""Who may import whom, and what importing imagekit costs and gives."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

import imagekit
from imagekit import Plugins

ROOT = Path(__file__).parent.parent
CORE = ROOT / "imagekit"

#: Rooms, lowest first: lower never imports higher, for types alone as little as for work.
ROOMS = [
    ["basics"],
    ["values"],
    ["errors"],
    ["events", "journals", "sharing", "declare", "documents"],
    ["settings"],
    ["plan"],
    ["hookspecs"],
    ["wires"],
    ["plugins"],
    ["send"],
    ["client"],
    ["testing"],
    ["cli"],
    ["tools"],
]
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}
#: The shop window: it shows names of every room, and only the rooms above all others look in.
WINDOW = "__init__"

house = SimpleNamespace(**runpy.run_path(str(ROOT / ".ci" / "house.py")))

#: What plugins and tools may import: everything else of the core is private.
DOORS = {
    "imagekit",
    *("imagekit.errors", "imagekit.events", "imagekit.testing", "imagekit.tools", "imagekit.wires"),
}

PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/*/setup.cfg"))
PACKAGES = sorted(
    path.parent
    for folder in ("plugins/*/*", "contrib/*")
    for path in ROOT.glob(f"{folder}/imagekit_*/__init__.py")
)
ARROWS = house.arrows(CORE)


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def code(path: Path) -> Iterator[ast.AST]:
    """Every node of a module but those under ``if TYPE_CHECKING``."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        yield node
        guarded = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        waiting += [] if guarded else ast.iter_child_nodes(node)


def imported_from(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of everything that a module imports by name, for types as well."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((str(node.module), alias.name) for alias in node.names)


def imported(path: Path) -> set[str]:
    """Full names of everything a module imports, functions' own imports included."""
    found: set[str] = set()
    for node in code(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    return house.room(".".join(path.relative_to(CORE).with_suffix("").parts))


def test_every_room_has_its_layer() -> None:
    assert {room(path) for path in modules(CORE)} - {WINDOW} == LEVEL.keys()


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_lower_rooms_never_import_higher_ones(path: Path) -> None:
    own = room(path)
    if own == WINDOW:
        return
    module = ".".join(path.relative_to(CORE).with_suffix("").parts)
    used = {house.room(name) for name in ARROWS[module.removesuffix(".__init__")]} - {own}
    through_the_window = WINDOW in used
    assert not through_the_window or own in {"cli", "testing"} or path.name == "transport.py"
    assert {name for name in used - {WINDOW} if LEVEL[name] >= LEVEL[own]} == set()


@pytest.mark.parametrize("package", [CORE, *PACKAGES], ids=lambda path: path.name)
def test_no_import_goes_in_a_circle(package: Path) -> None:
    """Not between modules, nor between the files and folders in any folder."""
    found = house.arrows(package)
    assert house.circle(found) == []
    for folder in house.folders(found):
        assert house.circle(house.between_rooms(found, folder)) == [], folder or package.name


def test_a_circle_of_types_alone_is_found(tmp_path: Path) -> None:
    package = tmp_path / "imagekit_round"
    (package / "low").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "high.py").write_text("def late():\n    import imagekit_round.low.desk\n")
    (package / "low" / "__init__.py").write_text("")
    desk, lamp = package / "low" / "desk.py", package / "low" / "lamp.py"
    desk.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nothing\n")
    lamp.write_text("")
    assert house.circle(house.arrows(package)) == []
    lamp.write_text("import imagekit_round.high\n")  # no module's circle, and yet one of rooms
    assert house.circle(house.arrows(package)) == []
    assert house.circle(house.between_rooms(house.arrows(package))) != []
    desk.write_text(desk.read_text().replace("nothing", "imagekit_round.high"))
    assert {"high", "low.desk"} == {*house.circle(house.arrows(package))}
    lamp.write_text("import imagekit_round.low.desk\n")
    assert house.arrows(package / "low")["lamp"] == {"desk"}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_plugins_and_tools_come_in_by_the_doors(package: Path) -> None:
    """docs/public-names.md has them; whatever lies behind may move."""
    for path in modules(package):
        used = {
            module for module, _ in imported_from(path) if module.partition(".")[0] == "imagekit"
        }
        assert used <= DOORS, path


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_core_imports_no_plugin_and_nothing_of_contrib(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not [top for top in tops if top.startswith("imagekit_") or top in {"plugins", "contrib"}]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_plugins_never_import_one_another(plugin: Path) -> None:
    own = f"imagekit_{plugin.name.replace('-', '_')}"
    for path in modules(plugin / own):
        tops = {name.split(".")[0] for name in imported(path)}
        assert {top for top in tops if top.startswith("imagekit_")} <= {own}, path


def test_the_page_of_public_names_has_every_door_and_every_private_room() -> None:
    page = (ROOT / "docs" / "public-names.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z.]+)` \|", page, re.M)
    doors = {door.partition(".")[2] for door in DOORS}
    rooms = [name for names in ROOMS for name in names if (CORE / name).is_dir()]
    assert named == [*sorted(DOORS), *(name for name in rooms if name not in doors)]


# --- core knows nobody by name ----------------------------------------------------------------


def literals(path: Path) -> Iterator[str]:
    """The strings of a module's code; docstrings, which explain by example, are not code."""
    nodes = list(code(path))
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


@cache
def names_of_plugins() -> set[str]:
    registry = Plugins.load({}).registry()
    aliases = {alias for model in registry.models.values() for alias in model.aliases}
    return {path.name for path in PLUGINS} | {*registry.hosts, *registry.models} | aliases


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_core_knows_no_host_and_no_model_by_name(path: Path) -> None:
    """The command line's help may show examples; nothing may compare with a name."""
    names = names_of_plugins()
    assert {"token360", "seedream", "seedream-4.5", "seedream-4-5-251128"} <= names
    found = list(literals(path))
    assert set(found) & names == set()
    if room(path) != "cli":
        word = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(names)))})(?![\w.-])")
        assert [text for text in found if word.search(text)] == []


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_classes_of_core_are_made_in_one_way(path: Path) -> None:
    """`imagekit.basics.classes` has what attrs does with classes, only quicker."""
    if path != CORE / "basics" / "classes.py":
        assert imported(path) & {"attrs", "attrs.define", "attrs.evolve", "attrs.frozen"} <= {
            "attrs"
        }


#: Besides the command line: what is run as a program of its own.
PROGRAMS = {
    CORE / "testing" / name for name in ("__main__.py", "kit/conformance.py", "kit/probe.py")
}


def test_core_prints_nothing_outside_the_command_line() -> None:
    printing = [
        path
        for path in modules(CORE)
        if room(path) != "cli" and path not in PROGRAMS
        for node in code(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "sys.stdout.write"}
    ]
    assert printing == []


# --- what `import imagekit` costs and gives ---------------------------------------------------


def test_importing_imagekit_leaves_what_only_some_use() -> None:
    heavy = ["click", "rich", "cattrs", "PIL", "platformdirs", "anyio"]
    program = f"import sys, imagekit; print([m for m in {heavy} if m in sys.modules])"
    # -S: an editable install's own .pth files import things, too.
    path = [str(ROOT), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    result = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {path}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"


#: What a client may never need: loaded by those who use it, or by the first client.
NOT_AT_FIRST = {
    "imagekit.client.async_client",
    "imagekit.client.event_stream",
    "imagekit.client.plan",
    "imagekit.declare.cross_rules",
    "imagekit.events",
    "imagekit.plan.parameters",
    "imagekit.plan.references",
    "imagekit.plan.splitting",
    "imagekit.send.concurrent_calls",
    "imagekit.send.download",
    "imagekit.send.journal.directory",
    "imagekit.send.reading.salvage",
    "imagekit.send.reading.sse",
    "imagekit.settings.config_file",
    "imagekit.values.left",
}


def test_importing_the_client_loads_no_more_than_every_call_needs() -> None:
    program = "import sys; from imagekit import Client; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name for name in result.stdout.split() if name.split(".")[0] == "imagekit"}
    assert loaded & NOT_AT_FIRST == set()
    assert all(find_spec(name) for name in NOT_AT_FIRST)
    assert len(loaded) <= 134  # each takes 0.2 ms, and each class in it as much again


def test_importing_imagekit_leaves_the_loggers_of_others_alone() -> None:
    """A program's logs of its own HTTP are its own business, whoever else uses urllib3."""
    program = (
        "import logging, imagekit.send.transport, imagekit.send.download\n"
        "there = {n: logging.getLogger(n) for n in logging.root.manager.loggerDict}\n"
        "print('urllib3' in there, [n for n, log in there.items() if log.filters or log.level])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "True []"


def test_every_name_is_where_the_window_says() -> None:
    """`__init__.pyi` is the one list of names: type checkers read it, and so does the program."""
    tree = ast.parse((CORE / "__init__.pyi").read_text(encoding="utf-8"))
    shown = {
        (node.module, alias.asname)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert shown == {(module, name) for name, module in imagekit._HOME.items()}
    assert imagekit.__all__ == sorted(set(imagekit.__all__))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Cleint'"):
        imagekit.Cleint  # noqa: B018


@pytest.mark.parametrize("name", imagekit.__all__)
def test_what_is_public_can_be_imported_and_explains_itself(name: str) -> None:
    value = getattr(imagekit, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        own = inspect.getdoc(value) or ""
        assert own.strip()
        assert not re.match(rf"Method generated by attrs|{name}\(", own)
        inherited = [inspect.getdoc(base) for base in getattr(value, "__mro__", ())[1:]]
        assert own not in inherited
