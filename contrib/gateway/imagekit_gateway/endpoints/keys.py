"""Keys over HTTP: of each key its own, and of an operator's all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve
from imagekit_store import Key, KeyChanged, KeyExists, Keys, NoSuchKey
from werkzeug.wrappers import Response

from imagekit import Problem, UsageError
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import Refused, unknown_word
from imagekit_gateway.requests.asked import table_of
from imagekit_gateway.rights.terms import Terms, terms_of, told

__all__ = ["add", "change", "every", "own", "revoke"]

#: How often a change is made anew because others make theirs.
TRIES = 5
#: Characters of a name in the log, as that of a key has no more; and of what was changed.
SHORT, LONGEST = 64, 1000


def own(visit: Visit) -> Response:
    """The key that asks: what it may do, how much, and what it has spent in this period."""
    assert visit.key is not None
    try:
        key = _keys(visit).named(visit.owner)  # what was found when it came in may be a second old
    except NoSuchKey:  # it is of another system than the store
        key = visit.key
    return as_json(told(evolve(key, settings=Terms(visit.rights).settings)))


def every(visit: Visit) -> Response:
    """All keys, by name; also expired and revoked ones."""
    keys = _keys(visit)
    last_asked = keys.last_asked()
    data = [told(key, last_asked.get(key.name)) for key in keys.all()]
    return as_json({"object": "list", "data": data})


def add(visit: Visit) -> Response:
    """Make a key. Its secret is in this answer, and nowhere else."""
    given = table_of(visit.request)
    name = given.pop("name", None)
    terms = Terms().changed(given)
    visit.about["of_key"] = str(name)[:SHORT]
    try:
        secret = _keys(visit).add(
            name, limits=terms.limits, settings=terms.settings, expires=terms.expires
        )
    except KeyExists as error:
        raise Refused(409, "key_exists", str(error)) from None
    except UsageError as error:
        raise unknown_word([Problem("name", str(error), name)]) from None
    visit.about["changed"] = json.dumps(given)[:LONGEST]
    document = {**told(_keys(visit).named(name)), "key": secret}
    return as_json(document, 201, Cache_Control="no-store")


def change(visit: Visit, name: str) -> Response:
    """Change what a key may do, how much, or until when. What is not given stays as it is."""
    given = table_of(visit.request)
    visit.about["changed"] = json.dumps(given)[:LONGEST]
    for _ in range(TRIES):
        with suppress(KeyChanged):
            return as_json(told(_changed(visit, _named(visit, name), given)))
    why = f"others change the key {name} all the time"
    raise Refused(409, "key_changed", why, again=True)


def _changed(visit: Visit, key: Key, given: Mapping[str, Any]) -> Key:
    """
    Raises:
        KeyChanged: somebody else has changed it since it was read.
        Refused: whoever asks would lock themselves out.
    """
    terms = terms_of(key).changed(given)
    if key.name == visit.owner and not terms.rights.operator:
        raise _own("stop being an operator's")
    if key.name == visit.owner and terms.expires not in (None, key.expires):
        raise _own("be given an end")
    return _keys(visit).change(
        key.name,
        limits=terms.limits,
        settings=terms.settings,
        expires=terms.expires,
        was=key,
    )


def revoke(visit: Visit, name: str) -> Response:
    """End a key. Its records stay, and its name is not used again."""
    if name == visit.owner:
        raise _own("be revoked")
    _named(visit, name)
    return as_json(told(_keys(visit).revoke(name)))


def _keys(visit: Visit) -> Keys:
    return Keys(visit.gateway.store)


def _named(visit: Visit, name: str) -> Key:
    """
    Raises:
        Refused: there is none.
    """
    try:
        return _keys(visit).named(name)
    except NoSuchKey as error:
        raise Refused(404, "not_found", str(error)) from None


def _own(what: str) -> Refused:
    """Whoever locks themselves out can't let themselves in again."""
    why = f"the key that asks can't {what} by itself; ask with that of another operator"
    return Refused(403, "not_allowed", why, "permission_error")
