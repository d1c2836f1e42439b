"""Where the pictures of a batch are saved: under names made of what their lines say, in one
folder, and never in the place of another file."""

from __future__ import annotations

import difflib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from string import Formatter

from attrs import field, frozen

from imagekit import Image, UsageError
from imagekit_store.batch.lines import Line
from imagekit_store.store import Store, new_id
from imagekit_store.values.entries import Entry, StoredPicture

__all__ = ["FIELDS", "Filing", "name_of"]

FIELDS = ("custom_id", "line", "index", "model", "host", "prompt", "id")
DEFAULT = "{custom_id}"
#: Bytes of what one field becomes; file systems take 255 of a name.
LONGEST = 80
#: Names tried until one is free.
NUMBERS = 10_000
#: What Windows has for devices.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")


@frozen
class Filing:
    """
    Attributes:
        folder: of the pictures; nothing is written outside of it. It may be a link itself, and none
            in it is followed: it may have come with a repository.
        template: of their names, without the extension; with ``/`` for folders in it.

    Raises:
        UsageError: there is no such template.
    """

    folder: Path
    template: str = DEFAULT
    _parts: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        _refuse_unknown(self.template)
        parts = PurePosixPath(self.template).parts
        if not parts or self.template.startswith("/") or {"..", "\\"} & {*self.template, *parts}:
            raise UsageError(f"--name {self.template!r:.80} does not stay below the folder of -o")
        object.__setattr__(self, "_parts", parts)

    def obstacle(self, line: Line, host: str, model: str) -> str:
        """Why no picture of a line could be saved, as far as that is known before it is asked for;
        empty: it can."""
        return self._obstacle(self._parts_of(_words(line, host, model, new_id())))

    def save(self, store: Store, line: Line, entry: Entry, picture: StoredPicture) -> Path:
        """Its file, which may have been there already; relative to the folder.

        Raises:
            OSError: the disk does not take it, or the picture is not where it is kept.
            LookupError: it is not kept.
        """
        image = store.picture(entry.id, picture.place)
        several = len(entry.pictures) > 1 or line.parameters.get("n", 1) != 1
        parts = self._parts_of(_words(line, entry.host, entry.model, entry.id, picture.place))
        if several and "{index}" not in self.template:
            parts[-1] += f"-{picture.place + 1}"
        if why := self._obstacle(parts):
            raise OSError(why)
        place = self.folder.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        for path in _names(place, image.extension):
            if _saved(image, path, picture):
                return path.relative_to(self.folder)
        raise FileExistsError(f"{path} and all that are numbered after it are there already")

    def _parts_of(self, words: Mapping[str, str]) -> list[str]:
        return [name_of(part.format_map(words)) for part in self._parts]

    def _obstacle(self, parts: Sequence[str]) -> str:
        place = self.folder
        for part in parts[:-1]:
            place /= part
            if place.is_symlink():
                return f"{place} is a link, which leads out of the folder"
            if place.exists() and not place.is_dir():
                return f"{place} is there already, and no folder"
        return ""


def _names(place: Path, extension: str) -> Iterator[Path]:
    """The name, and what is tried after it."""
    yield place.with_name(f"{place.name}{extension}")
    for number in range(2, NUMBERS):
        yield place.with_name(f"{place.name}-{number}{extension}")


def _refuse_unknown(template: str) -> None:
    """
    Raises:
        UsageError: it has no such fields.
    """
    try:
        parsed = [*Formatter().parse(template)]
    except ValueError as error:
        raise UsageError(f"--name {template!r:.80}: {error}") from None
    for _, name, form, conversion in parsed:
        if name is not None and (name not in FIELDS or form or conversion):
            near = difflib.get_close_matches(name, FIELDS, 1)
            known = "there are " + ", ".join(f"{{{one}}}" for one in FIELDS)
            hint = f"did you mean {{{near[0]}}}?" if near and name not in FIELDS else known
            raise UsageError(f"--name: no such field {{{name:.40}}}; {hint}")


def _words(line: Line, host: str, model: str, id: str, place: int = 0) -> dict[str, str]:
    return {
        "custom_id": name_of(line.name),
        "line": f"{line.number:06}",
        "index": str(place + 1),
        "model": name_of(model),
        "host": name_of(host),
        "prompt": name_of(" ".join(line.prompt.split()[:8]).lower().replace(" ", "-")),
        "id": id,
    }


def name_of(text: str) -> str:
    """A text as the name of a file, in whatever script it is: what systems don't take of it is
    an underscore."""
    plain = unicodedata.normalize("NFC", text)
    safe = "".join(one if _is_safe(one) else "_" for one in plain).strip(" .")
    safe = safe.encode()[:LONGEST].decode(errors="ignore").strip(" .")
    return f"_{safe}" if not safe or DEVICES.fullmatch(safe.partition(".")[0]) else safe


def _is_safe(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in "-_.+=@,() "


def _saved(image: Image, path: Path, picture: StoredPicture) -> bool:
    """Whether the picture has this name now. What is there already keeps it, also if it is a link
    or a device."""
    try:
        if not os.path.lexists(path):
            image.save(path)
            return True
    except FileExistsError:  # somebody else was quicker
        pass
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    there = path.lstat()
    is_file = stat.S_ISREG(there.st_mode) and there.st_size == picture.bytes
    return is_file and image.blob.sha256 == _digest(path)


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
