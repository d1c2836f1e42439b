"""More pictures than one call makes: the calls it takes, and one receipt for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.declare.family import Parameter, is_group
from imagekit.declare.rules import Range
from imagekit.plan.call import Call, spell_call
from imagekit.plan.policies import OnUnsupported
from imagekit.plan.routes.route import Route
from imagekit.plan.value_checks import type_problem
from imagekit.values import Action, Line, Problem, Receipt

__all__ = ["MOST_CALLS", "calls_for", "receipt_of"]

#: Paid calls that one request may become. More is more likely a slip than a wish.
MOST_CALLS = 32


def calls_for(
    route: Route,
    given: Mapping[str, Any],
    on_unsupported: OnUnsupported,
    authors: Mapping[str, str],
) -> list[Call]:
    """The calls it takes to make ``n`` pictures; often just one.

    A seed that is given counts on from call to call, so that the pictures differ. A group
    stays one call: its model decides how many pictures it makes.
    """
    spelled = partial(spell_call, route, on_unsupported=on_unsupported, authors=authors)
    most, wanted = route.pictures_per_call, given.get("n")
    if most is None or wanted is None or is_group(given):
        return [spelled(given)]
    problem = _problem(wanted, most)
    if problem is not None:
        call = spelled({**given, "n": 1})
        return [evolve(call, problems=(*call.problems, problem))]
    if wanted <= most:
        return [spelled(given)]
    shares = [range(before, min(before + most, wanted)) for before in range(0, wanted, most)]
    calls = [spelled(_share(route, given, places)) for places in shares]
    spare = count(wanted)
    return [
        evolve(call, places=places, spare=spare, wanted=wanted)
        for call, places in zip(calls, shares, strict=True)
    ]


def _problem(wanted: Any, most: int) -> Problem | None:
    """What is wrong with a number of pictures where a call makes at most ``most``."""
    wrong = type_problem(Parameter("n", int), wanted, "n")
    if wrong is not None:
        return wrong
    calls = -(-wanted // most)
    if calls > MOST_CALLS:
        message = f"{wanted:,} pictures are {calls:,} calls here; at most {MOST_CALLS} are made"
        return Problem("n", message, wanted, MOST_CALLS * most)
    return Range(1, MOST_CALLS * most).check("n", wanted)


def _share(route: Route, given: Mapping[str, Any], places: range) -> dict[str, Any]:
    """The parameters of the call that makes the pictures at these places."""
    share = {**given, "n": len(places)}
    seed = given.get("seed")
    if type(seed) is int and not _stands_for_any(route, seed):
        share["seed"] = seed + places.start
    return share


def _stands_for_any(route: Route, seed: int) -> bool:
    """-1 does; but where lesser ones are taken, too, it is a seed like another."""
    parameter = route.parameters.get("seed")
    rules = parameter.rules if parameter else ()
    return seed == -1 and not any(isinstance(rule, Range) and rule.minimum < -1 for rule in rules)


def receipt_of(calls: Sequence[Call], given: Mapping[str, Any]) -> Receipt:
    """One receipt for all the calls: ``given`` is what the caller gave."""
    first = calls[0]
    told = {"n": _told_number(calls, given["n"])}
    if "seed" in given and given["seed"] != calls[-1].given["seed"]:
        told["seed"] = _told_seed(calls, first.receipt["seed"])
    lines = tuple(told.get(line.parameter, line) for line in first.receipt.lines)
    return evolve(first.receipt, lines=lines)


def _told_number(calls: Sequence[Call], wanted: int) -> Line:
    numbers = [call.given["n"] for call in calls]
    each = " + ".join(map(str, numbers))
    line = calls[0].receipt["n"]
    made = "one picture each" if set(numbers) == {1} else f"{each} pictures"
    return evolve(line, value=wanted, action=Action.MAPPED, note=f"{len(calls)} calls, {made}")


def _told_seed(calls: Sequence[Call], line: Line) -> Line:
    seeds = ", ".join(str(call.given["seed"]) for call in calls)
    return evolve(line, note=f"counts on from call to call: {seeds}")
