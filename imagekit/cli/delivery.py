"""The end of ``generate`` and ``resume``: what there is, what is not, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from attrs import evolve

from imagekit import Action, Image, RecordError, Result
from imagekit.cli import exits, output
from imagekit.cli.files import destination
from imagekit.cli.jobs import Kept, tell_how_to_resume
from imagekit.cli.saving import Saver

__all__ = ["deliver", "interrupted"]


#: What is left of the jobs behind a result, once these pictures (by index) are delivered.
Settle = Callable[[Result, Collection[int]], list[Kept]]


def deliver(
    result: Result, saver: Saver, settle: Settle, *, embed: bool, explain: bool, as_json: bool
) -> int:
    """Save every picture that is not saved yet, then say what there is and what is not.

    Returns:
        The exit code.
    """
    keep = _recording(result) if embed else None
    if saver.place is None and len(result.images) == 1:
        image = keep(result.image) if keep else result.image
        _to_stdout(image)
        _tell_rest(evolve(result, images=(image,)), [image], saver, explain)
        tell_how_to_resume(settle(result, [image.index]))
        return exits.PARTIAL if result.failures else 0
    result = _save_rest(result, saver, keep)
    here = [image for image in result.images if image.index in saver.saved]
    _tell_rest(result, here, saver, explain)
    kept = settle(result, saver.saved)
    tell_how_to_resume(kept)
    if as_json:
        output.json_answer(_record(result, saver, kept))
    else:
        for image in here:
            _tell_path(saver, saver.saved[image.index])
    if saver.stopped:
        return exits.interrupted(saver.stopped)
    if not here:
        return exits.LOST
    return 0 if _is_whole(result, saver) and saver.place else exits.PARTIAL


def _tell_path(saver: Saver, path: Path) -> None:
    if saver.place is None:  # stdout was to be a picture, so that no path belongs there
        output.note(str(path))
    else:
        output.tell_path(path)


def _is_whole(result: Result, saver: Saver) -> bool:
    """Whether everything that was asked for is here."""
    return not (saver.lost or result.failures or _is_short(result))


def _is_short(result: Result) -> bool:
    """Whether the host made fewer than were asked for, and gave no reason."""
    asked = [
        line.value
        for line in result.receipt.lines
        if line.parameter == "n" and line.action is not Action.DROPPED
    ]
    return any(len(result.images) < number for number in asked)


def interrupted(stop: BaseException, saver: Saver, kept: list[Kept], *, as_json: bool) -> int:
    """Ctrl-C and its like: say what has come, what may be paid for, and which jobs go on."""
    tasks = saver.progress.tasks
    if as_json:
        images = [{"path": str(path), "index": index} for index, path in saver.saved.items()]
        jobs = [one.record() for one in kept]
        output.json_answer({"interrupted": True, "images": images, "tasks": tasks, "jobs": jobs})
    else:
        for path in saver.saved.values():
            output.tell_path(path)
    if saver.saved:
        output.note(
            f"interrupted: {len(saver.saved)} saved; what had not come may have been carried out "
            "and charged"
        )
    elif saver.progress.sent:
        output.note(
            "interrupted: the request was sent and its pictures had not come; "
            "it may have been carried out and charged"
        )
    else:
        output.note("interrupted: nothing was sent that could be charged")
    if tasks:
        output.note(f"the host knows it as task {', '.join(tasks)}")
    tell_how_to_resume(kept)
    return exits.interrupted(stop)


def _save_rest(result: Result, saver: Saver, keep: Callable[[Image], Image] | None) -> Result:
    """The result with its pictures as they were saved."""
    place = saver.place
    if place is None:
        output.note(f"stdout takes one picture, and there are {len(result.images)}: saving them")
        place = destination(None, "stdout", force=False)
    images = list(result.images)
    with saver.progress:
        for at, image in enumerate(images):
            if image.index in saver.saved or image.index in saver.lost:
                continue
            try:
                images[at] = saver.save(place, image, f"{result.model} at {result.host}", keep)
            except KeyboardInterrupt:
                break
    return evolve(result, images=tuple(images))


def _recording(result: Result) -> Callable[[Image], Image]:
    """Puts the record of this result into a picture, where it fits."""
    from imagekit.provenance import embed, record_of

    def keep(image: Image) -> Image:
        try:
            return embed(image, record_of(result))
        except RecordError as error:
            output.note(f"picture {image.index + 1} is saved without its record: {error}")
            return image

    return keep


def _tell_rest(result: Result, here: list[Image], saver: Saver, explain: bool) -> None:
    """Everything but the answer itself. What became otherwise than it was asked for is told
    to those as well who want to hear nothing."""
    for text in [] if saver.progress.quiet else _notes(result, here):
        output.note(f"note: {text}")
    for index, why in saver.lost.items():
        output.note(f"picture {index + 1} could not be saved: {why}")
    for failure in result.failures:
        output.note(f"picture {failure.index + 1} was not made: {failure.message}")
    for row in output.receipt_rows(result.receipt, changed_only=not explain):
        output.note(row)
    if _is_whole(result, saver):
        saver.progress.note(f"done in {saver.progress.seconds:.1f} s")


def _notes(result: Result, here: list[Image]) -> list[str]:
    """The notes of the call and of the pictures that are here, each once."""
    notes = [*result.notes, *(image.note for image in here)]
    return list(dict.fromkeys(note for note in notes if note))


def _to_stdout(image: Image) -> None:
    for chunk in image.blob.chunks():
        sys.stdout.buffer.write(chunk)
    sys.stdout.flush()


def _record(result: Result, saver: Saver, kept: list[Kept]) -> dict[str, Any]:
    from imagekit.provenance import portable

    here = [image for image in result.images if image.index in saver.saved]
    return {
        "model": result.model,
        "host": result.host,
        "served_model": result.served_model,
        "created": result.created,
        "request_id": result.request_id,
        "images": [_picture(image, saver) for image in result.images],
        "failures": result.failures,
        "jobs": [one.record() for one in kept],
        "unsaved": {str(index): why for index, why in saver.lost.items()},
        "usage": result.usage,
        "provenance": result.provenance and portable(result.provenance),
        "receipt": result.receipt,
        "notes": _notes(result, here),
        "metadata": result.metadata,
    }


def _picture(image: Image, saver: Saver) -> dict[str, Any]:
    """Where it is and what it is. Its metadata is a stranger's: may it be left out alone."""
    from imagekit.convert import to_plain

    if image.index not in saver.saved:
        return {"path": None, "index": image.index, "url": image.url}
    plain = to_plain(evolve(image, metadata={}))
    return {"path": str(saver.saved[image.index]), **plain, "metadata": image.metadata}
