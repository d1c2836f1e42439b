"""Who may import whom, and what importing imagekit costs and gives."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import imagekit
from imagekit import Plugins

ROOT = Path(__file__).parent.parent
CORE = ROOT / "imagekit"

#: Lower never imports higher; those of one line do not import one another. A module of a
#: package may stand elsewhere than the rest of it.
LAYERS = [
    ["errors", "closest", "urls", "mentions", "memo", "config.places", "whole", "jpeg"],
    ["blob", "media", "statuses", "references.flaws", "config.secret", "config.strict"],
    ["credentials.hidden"],
    ["values", "references.pillow", "sockets"],
    ["limits", "credentials", "config", "retry", "transport", "events", "payload", "shortening"],
    ["family", "download", "deadline", "references", "references.drafting", "convert"],
    ["config.private"],
    ["config.found", "config.trust"],
    ["types", "references.fitting", "config.file", "send"],
    ["host", "jobs", "brokenoff", "credentials.keys", "scrubbing"],
    ["words", "pictures"],
    ["spelling", "hookspecs", "references.bodies", "credentials.keyring"],
    ["wire", "provenance", "numbering"],
    ["wires", "registry", "hooks", "streaming", "stream"],
    ["defaults", "describe", "observers", "routing", "config.checking", "parameters"],
    ["plugins", "exchange", "fetching"],
    ["polling", "inquiry"],
    ["engine"],
    ["fanout", "connections", "catalogue", "records"],
    ["asking", "arguments"],
    ["client"],
    ["async_client", "testing"],
    ["cli"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/*/setup.cfg"))


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


def imported(path: Path) -> set[str]:
    """Full names of everything a module imports, functions' own imports included."""
    found: set[str] = set()
    for node in code(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def place(module: str) -> str:
    """Where `LAYERS` has a module of core, e.g. ``config.file``: itself, or its package."""
    while module not in LEVEL and "." in module:
        module = module.rpartition(".")[0]
    return module


def layer(path: Path) -> str:
    parts = path.relative_to(CORE).with_suffix("").parts
    return place(".".join(parts).removesuffix(".__init__"))


def test_every_module_of_core_has_its_layer() -> None:
    assert {layer(path) for path in modules(CORE)} - {"__init__"} == LEVEL.keys()


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(CORE)))
def test_lower_layers_never_import_higher_ones(path: Path) -> None:
    own = layer(path)
    if own == "__init__":  # the shop window: it imports what it shows
        return
    names = [name for name in imported(path) if name.startswith("imagekit.")]
    used = {place(name.removeprefix("imagekit.")) for name in names} - {own}
    if own not in {"cli", "testing"}:
        through_the_window = used - LEVEL.keys()
        assert through_the_window == set(), "core imports from where a thing is defined"
    wrong = {name for name in used & LEVEL.keys() if LEVEL[name] >= LEVEL[own]}
    assert wrong == set()


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
    if layer(path) != "cli":
        word = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(names)))})(?![\w.-])")
        assert [text for text in found if word.search(text)] == []


#: Besides the command line: what is run as a program of its own.
PROGRAMS = {CORE / "testing" / f"{name}.py" for name in ("__main__", "conformance", "probe")}


def test_core_prints_nothing_outside_the_command_line() -> None:
    printing = [
        path
        for path in modules(CORE)
        if layer(path) != "cli" and path not in PROGRAMS
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


def test_type_checkers_are_shown_the_names_that_exist() -> None:
    """The names under TYPE_CHECKING and those found at run time are the same, in one home."""
    tree = ast.parse((CORE / "__init__.py").read_text(encoding="utf-8"))
    shown = {
        (node.module, alias.asname)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("imagekit.")
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
