"""The texts of a new plugin; contrib/example-plugin is what comes out, file by file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template

import imagekit

__all__ = ["KINDS", "name_problem", "plugin_files"]

#: kind -> (the module its data stands in, the hook that gives it, the suite that proves it).
KINDS = {
    "family": ("family", "imagekit_families", "FamilySuite"),
    "host": ("host", "imagekit_hosts", "HostSuite"),
    "wire": ("wire", "imagekit_wires", "WireSuite"),
}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def name_problem(name: str) -> str | None:
    """What is wrong with a plugin's name and what would be right, or None.

    The name becomes a distribution (``imagekit-my-pond``), a package (``imagekit_my_pond``)
    and what users write before the colon.
    """
    if name.startswith(("imagekit-", "imagekit_")):
        return f"leave the prefix away, it is added: {_right(name[9:])}"
    if _NAME.fullmatch(name):
        return None
    hint = _right(name)
    rule = "a name has lower-case letters, digits and single hyphens, and begins with a letter"
    return f"{rule}: {hint}" if hint else rule


def _right(name: str) -> str:
    """The nearest name that is allowed, or nothing."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower())
    return re.sub(r"^[0-9-]+", "", "-".join(words))


def plugin_files(name: str, kinds: Sequence[str], model: str, date: str) -> Mapping[str, str]:
    """path -> text of every file of a new plugin.

    Args:
        name: for which `name_problem` has nothing to say.
        kinds: of `KINDS`; a wire comes with the host that speaks it.
        model: what a host serves.
        date: the ISO date that its made-up facts were "read".
    """
    package = f"imagekit_{name.replace('-', '_')}"
    title = name.replace("-", " ").title()
    brings = {
        "family": "what its models accept",
        "host": "where it is, and what it serves",
        "wire": "the dialect that it speaks",
    }
    words = {
        "name": name,
        "title": title,
        "package": package,
        "variable": name.replace("-", "_").upper(),
        "brings": "; ".join(brings[kind] for kind in kinds),
        "class_name": title.replace(" ", ""),
        "wire": f"{name}-queue" if "wire" in kinds else "openai-images",
        "model": model,
        "date": date,
        "core": ".".join(imagekit.__version__.split(".")[:2]),
    }
    rendered = {
        f"{folder}{file}": Template(_template(file)).substitute(words)
        for folder, file in (
            ("", "README.md"),
            ("", "pyproject.toml"),
            ("", "setup.cfg"),
            *((f"{package}/", f"{KINDS[kind][0]}.py") for kind in kinds),
            *([(f"{package}/", "testing.py")] if "wire" in kinds else []),
        )
    }
    return rendered | {
        f"{package}/__init__.py": _package(title, package, kinds),
        f"{package}/py.typed": "",
        f"tests/test_{package.removeprefix('imagekit_')}.py": _tests(package, kinds),
    }


def _template(file: str) -> str:
    return (files(__package__) / f"{file}.in").read_text(encoding="utf-8")


def _package(title: str, package: str, kinds: Sequence[str]) -> str:
    """The package: it brings the hooks of its modules together, for the entry point."""
    lines = [
        f"from {package}.{module} import {hook} as {hook}"
        for module, hook, _ in (KINDS[kind] for kind in kinds)
    ]
    note = "# A hook is called where it is named here: whoever writes one more names it, too."
    return "\n".join([f'"""{title} for imagekit."""', "", note, *lines, ""])


def _tests(package: str, kinds: Sequence[str]) -> str:
    suites = [KINDS[kind][2] for kind in kinds]
    classes = [
        f"\n\nclass Test{suite.removesuffix('Suite')}({suite}):\n    plugin = {package}\n"
        for suite in suites
    ]
    head = f'"""What {package} declares, proven by imagekit\'s own suites."""\n\n'
    imports = f"from imagekit.testing import {', '.join(suites)}\n\nimport {package}\n"
    return head + imports + "".join(classes)
