"""What every error of the tree keeps, whoever has something to add to it."""

from __future__ import annotations

import pickle
import traceback

import pytest

from imagekit import errors
from imagekit.errors import HostError, ImagekitError
from imagekit.values import Charged

TREE: list[type[ImagekitError]] = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: str(kind.__name__))
def test_every_detail_of_a_class_is_one_that_errors_have(kind: type[ImagekitError]) -> None:
    """So that type checkers find a misspelt one."""
    assert set(kind.details) <= errors.Details.__annotations__.keys()
    for name in kind.details:
        getattr(kind("it went wrong"), name)


def test_every_detail_is_one_of_some_class() -> None:
    assert errors.Details.__annotations__.keys() == {d for kind in TREE for d in kind.details}


def test_a_misspelt_detail_is_a_mistake_however_it_is_told() -> None:
    with pytest.raises(TypeError, match=r"HostError has no attribute \['chraged'\]"):
        HostError("no", chraged=Charged.NO)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"ImagekitError has no attribute \['final'\]"):
        ImagekitError("no").with_details(final=True)


def test_whoever_adds_to_an_error_raises_the_same_one() -> None:
    """One error, with its first traceback, its cause and its notes; nothing in between."""
    seen: list[HostError] = []
    with pytest.raises(HostError, match="no, really") as raised:
        _told_more(seen)
    known = raised.value
    assert [known] == seen
    assert (known.message, known.charged, known.status) == ("no, really", Charged.NO, 429)
    assert known.__notes__ == ["asked twice"]
    assert isinstance(known.__cause__, LookupError)
    assert known.__context__ is known.__cause__
    assert "_refused" in "".join(traceback.format_exception(known))


def test_what_was_added_travels_to_other_processes() -> None:
    error = HostError("no", status=429).with_details("no, really", attempts=3, charged=Charged.YES)
    error.add_note("asked twice")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is HostError
    assert (str(copy), copy.__dict__) == ("no, really", error.__dict__)
    assert copy.__notes__ == ["asked twice"]


def test_what_is_said_of_one_error_is_said_of_no_other() -> None:
    HostError("no").with_details(charged=Charged.NO, attempts=7)
    assert (HostError("no").charged, HostError("no").attempts) == (Charged.MAYBE, 1)


def _refused() -> None:
    try:
        raise LookupError("what lies below")
    except LookupError as below:
        error = HostError("no", status=429)
        error.add_note("asked twice")
        raise error from below


def _told_more(seen: list[HostError]) -> None:
    try:
        _refused()
    except HostError as error:
        seen.append(error)
        error.with_details("no, really", charged=Charged.NO)
        raise
