"""Files of the user's own, which nobody else may read or change: where they are, and how they
are read and written."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from imagekit.basics.atomic import write_whole
from imagekit.errors import ConfigurationError

__all__ = ["directory", "load", "store"]

_FORBIDDEN = 0o077  # what group and others may do with them: nothing


def directory() -> Path:
    """The user's directory for imagekit's configuration; perhaps not there yet."""
    import platformdirs  # for those who have no path of their own

    return platformdirs.user_config_path("imagekit", appauthor=False)


def load(path: Path) -> Any:
    """The JSON in a private file; ``{}`` when there is no file, None when it is no JSON.

    Raises:
        ConfigurationError: others can use the file, or it can't be read.
    """
    if path.exists() and not path.is_file():  # a FIFO would wait for ever
        raise ConfigurationError(f"{path} is not a regular file")
    try:
        with path.open(encoding="utf-8") as file:
            _check(path, os.fstat(file.fileno()))
            return json.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError):  # it may quote what it found
        return None


def store(path: Path, document: Any) -> None:
    """All or nothing, and never open to others, not even for a moment.

    Raises:
        ConfigurationError: it can't be written.
    """
    target = path.resolve()  # a link stays a link
    text = json.dumps(document, indent=2).encode()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(target, lambda file: file.write(text), overwrite=True, private=True)
    except OSError as error:
        raise ConfigurationError(f"{target} can't be written: {error.strerror}") from None


def _check(path: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "posix" and mode & _FORBIDDEN:
        raise ConfigurationError(
            f"others can use {path}, which is for you alone (mode {mode:04o}); "
            f"run: chmod 600 {path}"
        )
