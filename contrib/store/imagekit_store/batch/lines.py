"""The lines of a file: one request each, in our words or in those of OpenAI's batch format."""

from __future__ import annotations

import csv
import difflib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from attrs import field, frozen

from imagekit import UsageError, tools
from imagekit_store.batch.cells import Types, typed
from imagekit_store.batch.openai_lines import asked_of_openai, is_of_openai
from imagekit_store.schema.words import is_readable

__all__ = ["Line", "Lines", "NotALine", "count_in"]

#: Characters of a line: a data URL of a large picture fits.
LONGEST = 64 << 20
LONGEST_NAME = 256
#: What a command decides, or the store.
NOT_OF_LINES = ("deadline", "fetch", "id", "part", "streamed", "streaming")
REFERENCES = ("image", "mask")
#: As imagekit reads them; whatever else is a path.
LINKS = ("http://", "https://", "data:")


@frozen
class Line:
    """One request.

    Attributes:
        number: of its line in the file, from 1.
        name: its ``custom_id``, or ``line-NUMBER``.
        prompt, model, parameters: as `imagekit.Client.generate` takes them.
    """

    number: int
    name: str
    prompt: str
    model: str
    parameters: Mapping[str, Any] = field(repr=False)

    @property
    def asked(self) -> Mapping[str, Any]:
        """All of it, as `imagekit.Client.generate` takes it."""
        return {"prompt": self.prompt, "model": self.model, **self.parameters}

    @property
    def digest(self) -> str:
        """The sha256 of what it asks for, however it is spelled."""
        plain = [self.prompt, self.model, self.parameters]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@frozen
class NotALine:
    """A line that is no request, and why."""

    number: int
    why: str


@frozen
class Lines:
    """Those of one file, read anew each time: never all at once.

    Attributes:
        path: of the file; references are named relative to it.
        roots: folders below which references may be, as they really are: the file may be somebody
            else's, and a picture that it names goes to a host.
        is_mine: whether it may say what hosts are sent unchecked, and whom they call back.
        model: of the lines that name none.
        types: the types of the parameters of a model, for the cells of a CSV.
    """

    path: Path
    roots: Sequence[Path]
    is_mine: bool
    model: str | None
    types: Types

    def __iter__(self) -> Iterator[Line | NotALine]:
        """
        Raises:
            UsageError: the file can't be read, or is no text in UTF-8.
        """
        read: Callable[[IO[str]], Iterator[tuple[int, Any]]]
        read = self._table if self.path.suffix.lower() == ".csv" else _objects
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                for number, found in read(file):
                    yield self._line(number, found)
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{self.path} is no text in UTF-8") from None

    def _line(self, number: int, found: Any) -> Line | NotALine:
        if isinstance(found, NotALine):
            return found
        try:
            return self._asked(number, found)
        except (UsageError, ValueError) as error:
            return NotALine(number, str(error))

    def _asked(self, number: int, found: Any) -> Line:
        """
        Raises:
            UsageError, ValueError: it is no request.
        """
        if isinstance(found, str):
            found = _object(found)
        if "custom_id" not in found and (hint := _hint("custom_id", found)):
            raise UsageError(f"there is no custom_id{hint}")
        name = _name(number, found.pop("custom_id", None))
        asked = asked_of_openai(found) if is_of_openai(found) else found
        prompt, model = asked.pop("prompt", None), asked.pop("model", None) or self.model
        if not isinstance(prompt, str) or not prompt.strip():
            example = 'there is no prompt; a line is such as {"prompt": "a corgi"}'
            raise UsageError(f"{example}{_hint('prompt', asked)}")
        if not isinstance(model, str):
            example = 'there is no model; say "model" on the line, --model, or default_model'
            raise UsageError(f"{example}{_hint('model', asked)}")
        if wrong := sorted(asked.keys() & {*NOT_OF_LINES}):
            raise UsageError(f"{', '.join(wrong)}: not said on a line")
        given = {key: value for key, value in asked.items() if value is not None}
        if not self.is_mine:
            _refuse_unchecked(given)
        return Line(number, name, prompt, model, self._beside(given))

    def _beside(self, given: dict[str, Any]) -> dict[str, Any]:
        """References that are files lie beside the file that names them.

        Raises:
            UsageError: one is nowhere where it may be.
        """
        for name in given.keys() & {*REFERENCES}:
            value = given[name]
            several = isinstance(value, list)
            places = [self._place(name, one) for one in (value if several else [value])]
            given[name] = places if several else places[0]
        return given

    def _place(self, name: str, source: Any) -> Any:
        if not isinstance(source, str) or source.lower().startswith(LINKS):
            return source
        place = self.path.parent.absolute() / source
        real = Path(os.path.realpath(place))  # wherever links lead
        if not any(real.is_relative_to(root) for root in self.roots):
            folders = " or ".join(map(str, dict.fromkeys(self.roots)))
            raise UsageError(
                f"{name}: {source!r:.200} is not below {folders}; --root says where else "
                "references may be read"
            )
        return str(place)

    def _table(self, file: IO[str]) -> Iterator[tuple[int, Any]]:
        """
        Raises:
            UsageError: it has no head that names parameters.
        """
        rows = csv.reader(file, strict=True)
        try:
            head = [cell.strip() for cell in next(rows, [])]
            if "prompt" not in head or "" in head or len({*head}) < len(head):
                told = "the first line of a CSV names its columns, each once, and one is prompt"
                hint = "" if "prompt" in head else _hint("prompt", head)
                raise UsageError(f"{self.path}: {told}{hint}")
            for row in rows:
                if row:
                    yield rows.line_num, self._row(rows.line_num, head, row)
        except csv.Error as error:
            raise UsageError(f"{self.path}, line {rows.line_num}: {error}") from None

    def _row(self, number: int, head: list[str], row: list[str]) -> Any:
        if len(row) > len(head):
            return NotALine(number, f"it has {len(row)} cells, and the head has {len(head)}")
        cells = {name: cell for name, cell in zip(head, row, strict=False) if cell.strip()}
        return typed(cells, self.types, cells.get("model") or self.model)


def count_in(path: Path) -> int:
    """How many lines a file has, whatever is wrong with them.

    Raises:
        UsageError: it can't be read, or is no text in UTF-8.
    """
    return sum(1 for _ in Lines(path, (), True, None, lambda _: {}))


def _refuse_unchecked(given: Mapping[str, Any]) -> None:
    """
    Raises:
        UsageError: a host would be sent what nobody checks, such as an address to call back.
    """
    allow = "if it is yours, say --allow-native"
    if "native" in given:
        raise UsageError(f"native: nobody checks what it says to the host; {allow}")
    for name in ("options", "sequential_image_generation_options"):
        if not tools.is_only_words(given.get(name)):
            what = "numbers and plain words, and no address to be called back"
            raise UsageError(f"{name}: it takes {what}; {allow}")


def _hint(word: str, given: Iterable[str]) -> str:
    """A question, where what is given has hardly another word; else nothing."""
    lower = {name.lower(): name for name in given}
    near = difflib.get_close_matches(word, lower, 1, 0.8)
    return f"; did you mean {word} by {lower[near[0]]}?" if near else ""


def _objects(file: IO[str]) -> Iterator[tuple[int, Any]]:
    number = 0
    while text := file.readline(LONGEST):
        number += 1
        if text.strip():
            yield number, text


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text.rstrip(), parse_constant=_no_number)
    except json.JSONDecodeError as error:  # which counts lines, as if this were a whole file
        raise UsageError(f"it is no JSON: {error.msg} at character {error.pos + 1}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"it is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError('it is no JSON object, such as {"prompt": "a corgi"}')
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _name(number: int, given: Any) -> str:
    """
    Raises:
        UsageError: it can't be a name.
    """
    if given is None:
        return f"line-{number}"
    name = str(given) if type(given) is int else given
    if not isinstance(name, str) or not name.strip() or not is_readable(name):
        raise UsageError(f"custom_id: {given!r:.60} is no name; one is a text")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"custom_id has {len(name):,} characters; {LONGEST_NAME} are the most")
    return name
