"""The hooks are a contract: their signatures, their page, and a test for each."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from imagekit import NoAuth, Plugins, hookimpl, hookspecs
from imagekit.plugins.manager import Manager

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
SPECS = {
    name: function for name, function in vars(hookspecs).items() if name.startswith("imagekit_")
}

# (signature, first result only). Adding an argument or a hook is fine; changing one that is
# here breaks every plugin that implements it.
SIGNATURES = [
    ("imagekit_families() -> Iterable[Family]", False),
    ("imagekit_wires() -> Iterable[Wire]", False),
    ("imagekit_hosts() -> Iterable[Host]", False),
    ("imagekit_offers() -> Iterable[Offer]", False),
    ("imagekit_credential(host) -> Credential | None", True),
    (
        "imagekit_transport_wrapper(host) -> "
        "Callable[[Callable[[Request], Reply]], Callable[[Request], Reply]] | None",
        False,
    ),
    ("imagekit_observers() -> Iterable[Observer]", False),
    ("imagekit_check_settings(table, config) -> Iterable[Problem] | None", False),
    ("imagekit_journal(config) -> Journal | None", False),
    ("imagekit_sharing(config) -> Shared | None", False),
    ("imagekit_sinks() -> Iterable[Callable[[Result], object]]", False),
    ("imagekit_commands() -> Iterable[Any]", False),
    ("imagekit_checks(config) -> Iterable[Check] | None", False),
    ("imagekit_prepare_call(call) -> Call | None", False),
    ("imagekit_validate_request(call) -> Iterable[Problem]", False),
    ("imagekit_shape_request(call) -> Request | None", True),
    ("imagekit_decode_response(call, response) -> Result | Pending | None", True),
    ("imagekit_decode_event(call, event) -> Iterable[Event] | None", True),
]


def signature(name: str) -> str:
    spec = inspect.signature(SPECS[name])
    return f"{name}({', '.join(spec.parameters)}) -> {spec.return_annotation}"


def section(name: str) -> str:
    """What the page says under the hook's own heading."""
    return PAGE.split(f"\n### {name}\n")[1].split("\n## ")[0].split("\n### ")[0]


def test_every_signature_is_pinned() -> None:
    manager = Manager()
    actual = [
        (signature(name), bool(getattr(manager.hook, name).spec.opts["firstresult"]))
        for name in SPECS
    ]
    assert actual == SIGNATURES


def test_the_page_has_a_section_for_each_hook_in_the_order_of_the_code() -> None:
    assert re.findall(r"^### (.*)$", PAGE, re.M) == list(SPECS)


def test_the_page_mentions_no_hook_that_does_not_exist() -> None:
    packages = {"imagekit_lily"}  # the page's own example of a package
    assert set(re.findall(r"\bimagekit_\w+", PAGE)) - packages == set(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_a_section_has_the_exact_signature_and_the_true_kind(name: str) -> None:
    text = section(name)
    assert f"\n`{signature(name)}`\n" in text
    first_result = dict(SIGNATURES)[signature(name)]
    (kind,) = re.findall(r"^\| kind \| (.*) \|$", text, re.M)
    assert ("first result" in kind) is first_result
    for row in ("called by", "gives", "may raise", "must not"):
        assert f"| {row} |" in text


@pytest.mark.parametrize("name", SPECS)
def test_a_section_s_example_is_a_plugin_that_loads(name: str) -> None:
    """It runs as it stands, and registers with the checks every plugin passes."""
    (code,) = re.findall(r"```python\n(.*?)```", section(name), re.S)
    module = ModuleType("example")
    exec(compile(code, f"docs/hooks.md {name}", "exec"), vars(module))
    if "Puddle" in vars(module):  # the hook is a method: a plugin that declares the object
        puddle = module.Puddle("puddle", "", "https://puddle.invalid", NoAuth())
        plugin = SimpleNamespace(imagekit_hosts=hookimpl(lambda: [puddle]))
        assert Plugins.of(plugin).registry().hosts["puddle"] is puddle
        assert vars(type(puddle))[name]
        return
    plugins = Plugins.of(module)
    plugins.registry()
    (plugin,) = plugins.installed
    assert (plugin.state, plugin.hooks) == ("loaded", (name,))
    if not inspect.signature(SPECS[name]).parameters:
        assert getattr(module, name)()


@pytest.mark.parametrize("name", SPECS)
def test_a_hookspec_says_who_calls_it_and_how_often(name: str) -> None:
    text = " ".join((SPECS[name].__doc__ or "").split())
    assert re.search(r"Called by the [^.]*\b(once|at|each)\b", text), text
    assert ":returns:" in text
    for argument in inspect.signature(SPECS[name]).parameters:
        assert f":param {argument}:" in text


def test_every_hook_is_used_in_some_test() -> None:
    """This file does not count: it names them all."""
    tests = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "plugins").rglob("test_*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in tests if path != Path(__file__))
    assert [name for name in SPECS if name not in text] == []
