"""``imagekit store init``."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import click

from imagekit import Config, InvalidConfiguration, SecretReference, UsageError, tools
from imagekit_store.commands.common import in_words
from imagekit_store.opening.configured import opened
from imagekit_store.opening.settings import problems

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit store init
  imagekit store init --url sqlite:////srv/studio/store.db --keep-days 90
  imagekit store init --url-env STORE_URL --pictures s3://bucket/pictures
  imagekit --config studio.toml store init
"""


@click.command("init", epilog=EXAMPLES)
@click.option(
    "--url", metavar="URL", help="Its database. [an SQLite file in your directory for data]"
)
@click.option(
    "--url-env", metavar="NAME", help="The environment variable that has the URL, for passwords."
)
@click.option("--pictures", metavar="FOLDER|URL", help="Where pictures are kept. [beside the file]")
@click.option(
    "--keep-days", type=click.FloatRange(min=0, min_open=True), help="For so long. [for ever]"
)
def command(
    url: str | None, url_env: str | None, pictures: str | None, keep_days: float | None
) -> None:
    """Write [store] into your own configuration, or into that of --config, and set the store up.

    From then on every paid call and every picture is kept there. What the file has already stays
    as it is, comments too.
    """
    if url and url_env:
        raise click.UsageError("--url and --url-env: leave one of them out")
    path = tools.own_config()
    text = _text(path)
    if "store" in _tables(path, text):
        raise UsageError(f"{path} has a [store] already; nothing was changed")
    settings: dict[str, Any] = {
        "url": {"env": url_env} if url_env else url or _usual(),
        **({"pictures": pictures} if pictures else {}),
        **({"keep_days": _short(keep_days)} if keep_days else {}),
    }
    store = opened(_checked(settings, path))
    with in_words():
        store.keeping.check()
    _write(path, _with_table(text, settings))
    tools.answer(str(path))
    tools.note(
        f"{path} has [store] now; calls and pictures are kept in {store.ledger.database.name}"
    )
    _tell_if_hidden(path)


def _usual() -> str:
    """A file of the user's own, in a directory that nobody else can look into."""
    import platformdirs

    folder = platformdirs.user_data_path("imagekit", appauthor=False)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'store.db'}"


def _checked(settings: dict[str, Any], path: Path) -> Config:
    """As it will be read."""
    url = settings["url"]
    meant = {**settings, "url": SecretReference(**url) if isinstance(url, dict) else url}
    config = Config(store=meant, path=path)
    found = tuple(problems(config))
    if found:
        raise InvalidConfiguration("\n  ".join(map(str, found)), problems=found)
    return config


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {error}") from None


def _tables(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(f"{path} is not TOML: {error}") from None


def _with_table(text: str, settings: dict[str, Any]) -> str:
    """The same text, and the table after it."""
    lines = "".join(f"{name} = {_toml(value)}\n" for name, value in settings.items())
    end = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    whole = f"{text}{end}[store]\n{lines}"
    assert tomllib.loads(whole)["store"] == settings
    return whole


def _toml(value: Any) -> str:
    """JSON's strings and numbers are TOML's, but for DEL, which stands in no path."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _short(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _write(path: Path, text: str) -> None:
    """The file, whole or as it was before; a link stays one, and its permissions its own."""
    target = path.resolve()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from None


def _tell_if_hidden(path: Path) -> None:
    used = tools.configuration().path
    if used is None or used.resolve() != path.resolve():
        tools.note(f"note: here {used} is read instead, which has no say of it yet")
