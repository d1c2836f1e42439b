"""The classes of core say, compare and hash what attrs' own would, one for all."""

from __future__ import annotations

import pickle
from functools import cached_property
from typing import Any

import attrs
import pytest
from attrs import field, validators
from attrs.exceptions import FrozenInstanceError

from imagekit.basics.classes import define, evolve, frozen


def shouted(text: str) -> str:
    return text.upper()


def a_class(decorator: Any) -> Any:
    """A class with everything that fields may say, named alike by every decorator."""

    class Boat:
        name: str = field(repr=shouted)
        crew: tuple[str, ...] = ()
        key: str = field(default="", repr=False)
        seen: int = field(default=0, eq=False)

    Boat.__qualname__ = "Boat"
    return decorator(Boat)


OURS, THEIRS = a_class(frozen), a_class(attrs.frozen)
GIVEN = [("Ida",), ("Ida", ("Bo",)), ("Ida", ("Bo",), "secret"), ("Ida", ("Bo",), "secret", 7)]


@frozen
class Kept:
    name: str
    others: list[Any] = field(factory=list)


@pytest.mark.parametrize("given", GIVEN)
def test_a_repr_says_what_that_of_attrs_does(given: tuple[Any, ...]) -> None:
    assert repr(OURS(*given)) == repr(THEIRS(*given))
    assert "secret" not in repr(OURS(*given))


@pytest.mark.parametrize("one", GIVEN)
@pytest.mark.parametrize("other", GIVEN)
def test_the_same_are_equal_and_have_one_hash(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    same = THEIRS(*one) == THEIRS(*other)
    assert (OURS(*one) == OURS(*other)) is same
    assert (OURS(*one) != OURS(*other)) is not same
    assert len({OURS(*one), OURS(*other)}) == (1 if same else 2)


def test_nothing_of_another_class_is_equal() -> None:
    @frozen
    class Ship(OURS):  # type: ignore[misc]
        pass

    assert OURS("Ida") != THEIRS("Ida")
    assert OURS("Ida") != Ship("Ida")
    assert Ship("Ida") == Ship("Ida")


def test_what_is_frozen_stays_so_and_is_changed_by_evolving() -> None:
    boat = OURS("Ida")
    with pytest.raises(FrozenInstanceError):
        boat.name = "Bo"
    assert evolve(boat, name="Bo") == OURS("Bo")


def test_a_class_made_of_another_is_evolved_with_all_of_its_fields() -> None:
    assert evolve(Kept("a"), others=[1]) == Kept("a", [1])

    @attrs.frozen
    class More(Kept):
        _hidden: int = 0

    more = evolve(More("a", hidden=3), name="b")
    assert (more.name, more._hidden) == ("b", 3)
    assert evolve(more, hidden=4)._hidden == 4
    with pytest.raises(TypeError, match="no_such_field"):
        evolve(more, no_such_field=1)  # type: ignore[call-arg]


def test_what_may_change_has_no_hash() -> None:
    boat = a_class(define)("Ida")
    boat.name = "Bo"
    assert boat == type(boat)("Bo")
    with pytest.raises(TypeError, match="unhashable"):
        hash(boat)


def test_things_that_are_themselves_alone_compare_by_identity() -> None:
    @frozen(eq=False)
    class Door:
        name: str

    one, other = Door("front"), Door("front")
    assert one != other
    assert len({one, other, one}) == 2


def test_a_method_that_a_class_writes_itself_is_kept() -> None:
    @frozen
    class Loud:
        name: str

        def __repr__(self) -> str:
            return "LOUD"

        def __eq__(self, other: object) -> bool:
            return True

    assert repr(Loud("a")) == "LOUD"
    assert Loud("a") == Loud("b") == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Loud("a"))


def test_a_repr_of_what_holds_itself_ends() -> None:
    kept = Kept("a")
    kept.others.append(kept)
    assert repr(kept) == "Kept(name='a', others=[...])"


def test_they_are_pickled_as_they_are() -> None:
    assert pickle.loads(pickle.dumps(Kept("a", [1]))) == Kept("a", [1])


def test_what_is_made_or_remembered_of_the_fields_is_made_anew() -> None:
    @frozen
    class Boat:
        name: str = field(converter=str.strip)
        oars: int = 2

        @cached_property
        def shout(self) -> str:
            return f"{self.name}, all {self.oars}!"

    @frozen
    class Raft:
        name: str = field(converter=str.strip)
        oars: int = field(default=2, validator=validators.ge(0))

    boat = Boat("Ida")
    assert boat.shout == "Ida, all 2!"
    assert evolve(boat, oars=4).shout == "Ida, all 4!"
    assert evolve(Raft("Ida"), name=" Bo ").name == "Bo"
    with pytest.raises(ValueError, match="oars"):
        evolve(Raft("Ida"), oars=-1)
