"""The end of ``generate`` and ``resume``: what there is, what is not, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imagekit import Action, Image, Result
from imagekit.basics.classes import evolve
from imagekit.cli import exits, output
from imagekit.cli.saving.saver import Saver
from imagekit.cli.unfinished.journaling import CallJournal
from imagekit.cli.unfinished.report import records, tell_what_is_left

__all__ = ["code_of", "deliver", "interrupted", "record", "tell_paths"]


def deliver(result: Result, saver: Saver, *, explain: bool) -> None:
    """Say what there is and what is not; the paths of what was saved are the answer."""
    here = [image for image in result.images if saver.has(image)]
    for text in [] if saver.progress.quiet else _notes(result, here):
        if not _is_told_as_lost(text, result, saver):
            output.note(f"note: {text}")
    for index, why in saver.lost.items():
        output.note(f"picture {index + 1} could not be saved: {why}")
    for failure in result.failures:
        output.note(f"picture {failure.index + 1} was not made: {failure.message}")
    # What became otherwise than asked for is told to those as well who want to hear nothing.
    for row in output.receipt_rows(result.receipt, changed_only=not explain):
        output.note(row)
    cost = f"{result.cost}" if result.cost.amount else ""
    if _is_whole(result, saver):
        done = f"done in {saver.progress.seconds:.1f} s"
        saver.progress.note(f"{done}; cost: {cost}" if cost else done)
    elif cost:
        saver.progress.note(f"cost: {cost}")


def _is_told_as_lost(note: str, result: Result, saver: Saver) -> bool:
    """Whether a note says of a picture no more than is said when its link is told."""
    errors = [str(image.error) for image in result.images if image.error]
    return any(note.endswith(why) for why in errors if why in "\n".join(saver.lost.values()))


def tell_paths(result: Result, saver: Saver) -> None:
    """The answer, where it is not JSON."""
    for image in result.images:
        if image.index in saver.saved:
            _tell_path(saver, saver.saved[image.index])


def code_of(result: Result, saver: Saver) -> int:
    """The exit code of a call that made pictures."""
    if not any(_is_picture(image, saver) for image in result.images):
        return exits.LOST
    in_place = saver.place is not None or not saver.saved
    return 0 if in_place and _is_whole(result, saver) else exits.PARTIAL


def _tell_path(saver: Saver, path: Path) -> None:
    if saver.place is None:  # stdout was to be a picture, so that no path belongs there
        output.note(str(path))
    else:
        output.tell_path(path)


def _is_whole(result: Result, saver: Saver) -> bool:
    """Whether everything that was asked for is here, and is what was asked for: a picture."""
    strange = [one for one in result.images if saver.has(one) and not _is_picture(one, saver)]
    return not (saver.lost or result.failures or strange or _is_short(result))


def _is_picture(image: Image, saver: Saver) -> bool:
    """Whether it is here, and no page of HTML or the like: that is paid for, and so saved, too."""
    return saver.has(image) and image.media_type is not None


def _is_short(result: Result) -> bool:
    """Whether the host made fewer than were asked for, and gave no reason."""
    asked = [
        line.value
        for line in result.receipt.lines
        if line.parameter == "n" and line.action is not Action.DROPPED
    ]
    return any(len(result.images) < number for number in asked)


def interrupted(stop: BaseException, saver: Saver, journal: CallJournal, *, as_json: bool) -> int:
    """Ctrl-C and its like: say what has come, what may be paid for, and which jobs go on."""
    tasks = saver.progress.tasks
    with saver.lock:  # what is being written now is whole in a moment
        saved = dict(saver.saved)
    if as_json:
        images = [{"path": str(path), "index": index} for index, path in saved.items()]
        jobs = records(entry for entry in journal.open if entry.asks)
        output.json_answer({"interrupted": True, "images": images, "tasks": tasks, "jobs": jobs})
    else:
        for path in saved.values():
            output.tell_path(path)
    rest = _cost_of_the_rest(journal)
    if saved:
        output.note(f"interrupted: {len(saved)} saved; what had not come {rest}")
    elif saver.progress.sent:
        output.note(f"interrupted: the request was sent and its pictures had not come; it {rest}")
    else:
        output.note("interrupted: nothing was sent that could be charged")
    if tasks:
        output.note(f"the host knows it as task {', '.join(tasks)}")
    tell_what_is_left(journal)
    return exits.interrupted(stop)


def _cost_of_the_rest(journal: CallJournal) -> str:
    """Whose answer has come, with its links, was certainly carried out."""
    certain = bool(journal.open) and all(entry.pictures for entry in journal.open)
    return f"{'was' if certain else 'may have been'} carried out and charged"


def _notes(result: Result, here: list[Image]) -> list[str]:
    """The notes of the call and of the pictures that are here, each once."""
    notes = [*result.notes, *(image.note for image in here)]
    return list(dict.fromkeys(note for note in notes if note))


def record(result: Result, saver: Saver, journal: CallJournal, **drawn: bool) -> dict[str, Any]:
    """The whole answer, for JSON. ``drawn`` says whether a model was involved."""
    from imagekit.plan.provenance import portable

    here = [image for image in result.images if saver.has(image)]
    return {
        "model": result.model,
        "host": result.host,
        **drawn,
        "served_model": result.served_model,
        "created": result.created,
        "request_id": result.request_id,
        "images": [_picture(image, saver) for image in result.images],
        "failures": result.failures,
        "jobs": records(journal.open),
        "unsaved": {str(index): why for index, why in saver.lost.items()},
        "usage": result.usage,
        "cost": result.cost,
        "provenance": result.provenance and portable(result.provenance),
        "receipt": result.receipt,
        "notes": _notes(result, here),
        "metadata": result.metadata,
    }


def _picture(image: Image, saver: Saver) -> dict[str, Any]:
    """Where it is and what it is. Its metadata is a stranger's: may it be left out alone."""
    from imagekit.values.plain.convert import to_plain

    if image.index not in saver.saved:
        return {"path": None, "index": image.index, "url": image.url}
    plain = to_plain(evolve(saver.images[image.index], metadata={}))
    return {"path": str(saver.saved[image.index]), **plain, "metadata": image.metadata}
