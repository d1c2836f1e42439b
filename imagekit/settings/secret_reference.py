"""Where a secret is kept: what a configuration says instead of the secret itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.errors import ConfigurationError

__all__ = ["WAYS", "SecretReference"]

#: How a secret can be referred to.
WAYS = ("env", "file", "command")
PATIENCE = 30.0  # seconds for a command: a password manager may ask its user something
_LONGEST = 65536  # characters of a file or an answer that are looked at


def _program(command: tuple[str, ...] | None) -> str:
    """A command's name; its arguments may say more than they should."""
    return repr(command and (*command[:1], "..."))


@frozen
class SecretReference:
    """A secret that is elsewhere; set exactly one.

    Attributes:
        env: the environment variable that holds it.
        file: the file whose first line it is; ``~`` is your home.
        command: a program and its arguments, run without a shell; the secret is the
            first line it prints. It reads no input and has half a minute.
    """

    env: str | None = None
    file: str | None = None
    command: tuple[str, ...] | None = field(default=None, repr=_program)

    def __attrs_post_init__(self) -> None:
        if sum(bool(getattr(self, way)) for way in WAYS) != 1:
            raise ValueError(f"needs exactly one of {', '.join(WAYS)}, and that not empty")

    def __str__(self) -> str:
        """Where it is, for people: what follows a command's name stays hidden."""
        if self.env:
            return f"environment ({self.env})"
        return f"file {self.file}" if self.file else f"command {(self.command or ('',))[0]}"

    def there(self, environment: Mapping[str, str]) -> bool:
        """Whether reading it could work: an empty file holds none. Runs nothing: a command counts
        as there."""
        if self.env:
            return bool(environment.get(self.env))
        return self.command is not None or _holds_something(_path(self.file))

    def read(self, environment: Mapping[str, str], patience: float = PATIENCE) -> str:
        """The secret.

        Raises:
            ConfigurationError: it is not there, or empty; says what would mend that.
        """
        if self.env:
            secret = environment.get(self.env, "")
        elif self.file:
            secret = _first_line(_content(_path(self.file)))
        else:
            secret = _first_line(_answer(self.command or (), patience))
        if not secret.strip():
            raise ConfigurationError(self._why_empty())
        return secret.strip()

    def _why_empty(self) -> str:
        if self.env:
            return f"the environment variable {self.env} is not set; export {self.env}=..."
        return f"the {self} gave an empty first line"


def _path(file: str | None) -> Path:
    return Path(file or "").expanduser()


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _content(path: Path) -> str:
    if path.exists() and not path.is_file():  # a FIFO would wait for ever
        raise ConfigurationError(f"{path} is not a regular file, so no key is read from it")
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LONGEST)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not text, so it holds no key") from None


def _answer(command: tuple[str, ...], patience: float) -> str:
    """What a command prints. Its complaints go where ours go: they may ask for something."""
    import subprocess  # for the few who have such a command

    name = command[0]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"the command {name} took longer than {patience:g} s") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such command line is possible"
        raise ConfigurationError(f"the command {name} can't be run: {why}") from None
    if done.returncode:
        raise ConfigurationError(f"the command {name} failed with exit code {done.returncode}")
    return done.stdout[:_LONGEST].decode("utf-8", "replace")
