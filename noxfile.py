"""`make matrix`: installed and tested on every Python that is declared, and once more with the
lowest version of everything that is declared. Pythons that aren't there are named and skipped.
"""

from __future__ import annotations

import tomllib
from configparser import ConfigParser
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.error_on_missing_interpreters = False

METADATA = ConfigParser()
METADATA.read("setup.cfg", encoding="utf-8")
BUILD = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["build-system"]
PYTHONS = [
    version
    for line in METADATA["metadata"]["classifiers"].splitlines()
    if "." in (version := line.rpartition(" ")[2])
]
PLUGINS = sorted(str(path.parent) for path in Path("plugins").glob("*/*/setup.cfg"))
CONTRIB = sorted(
    str(path.parent)
    for path in Path("contrib").glob("*/setup.cfg")
    if path.parent.name != "example-plugin"
)


@nox.session(python=PYTHONS)
def newest(session: nox.Session) -> None:
    install_and_test(session, "highest")


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """The lower bounds in every setup.cfg, those of extras, of the tools and of the build too."""
    install_and_test(session, "lowest-direct")


def install_and_test(session: nox.Session, resolution: str) -> None:
    install = ("--resolution", resolution, "--no-build-isolation")
    session.install(*install, "pip>=23.2", "wheel>=0.40", *BUILD["requires"])
    editable = [f"--editable={where}" for where in (".[dev,all,testing]", *PLUGINS, *CONTRIB)]
    session.install(*install, *editable)
    session.run("python", "-m", "pytest", *session.posargs)
