"""The key is in no repr, log, error, receipt, plan or pickle."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from imagekit.declare.auth import Credential
from imagekit.errors import ImagekitError
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.faults import FaultChecks
from imagekit.testing.kit.outcome import SECRET, client_at
from imagekit.testing.kit.speaking import Spoken, spoken_on
from imagekit.testing.kit.suite import PROMPT
from imagekit.testing.loopback import Answer, Loopback, Script, Seen
from imagekit.testing.pictures import picture, picture_base64

__all__ = ["SecretChecks"]


class SecretChecks(FaultChecks):
    """Checks on what shows of a credential after a call that went well and one that did not."""

    on_routes = True

    def test_the_key_shows_nowhere(self, spoken: Spoken, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        for what, text in self._traces(spoken.route, *spoken.pictures(picture_base64())):
            assert SECRET not in text, f"the key shows in {what}"
        assert SECRET not in caplog.text, "the key shows in a log"

    def test_a_host_that_quotes_the_key_does_not_give_it_away(
        self, spoken: Spoken, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        message = f"Incorrect API key provided: {SECRET}."
        for status in (400, 401, 500):
            refusal = Answer(status, json=spoken.answers.refusal(None, message))
            for what, text in self._traces(spoken.route, refusal):
                assert SECRET not in text, f"the key shows in {what}"
        assert SECRET not in caplog.text, "the key shows in a log"

    def test_a_link_is_followed_without_the_key(self, spoken: Spoken) -> None:
        """The picture lives elsewhere, and whoever serves it has no business with the key."""
        route = spoken.route
        if spoken.answers.link("") is None:
            assert not route.wire.links, "its wire names links, and its answers have no `link`"
            pytest.skip("its answers know of no links")

        def host(seen: Seen) -> Answer:
            if seen.method == "GET":
                return Answer(body=picture(), headers={"Content-Type": "image/png"})
            return Answer(json=spoken.answers.link(f"{seen.server}/picture.png"))

        with Loopback(host) as server, client_at(type(self), route.host, server.url) as client:
            image = client.generate(PROMPT, model=route.name).image
            assert image.pixels == (1, 1), "the link is not followed"
            told = f"{server.seen[-1]!r} {dict(server.seen[-1].headers)}"
        assert server.seen[-1].method == "GET", "the picture is not fetched over the network"
        assert SECRET not in told, "the key is sent to whoever serves the picture"

    @classmethod
    def host_cases(cls) -> list[str]:
        return sorted({one.host.name for one in cls.routes() if one.host.auth.variables})

    def test_the_key_arrives_where_the_host_declares_it(self, host: str) -> None:
        """In a header or the query of its requests, beside the headers of the offer."""
        route = next(one for one in self.routes() if one.host.name == host)
        (spoken,) = spoken_on([route], self.answers)
        with self._called(route, *spoken.pictures(picture_base64())) as outcome:
            assert outcome.seen, f"nothing arrived: {outcome.error!r}"
            seen = outcome.seen[0]
        auth, names = route.host.auth, route.host.auth.variables
        credential = Credential(**dict.fromkeys(names, SECRET))
        signature = {**auth.headers(credential, 0.0), **auth.query(credential, 0.0)}
        assert signature, f"{auth!r} has a key in {[*names]}, and signs with nothing"
        arrived = {**seen.headers, **dict(parse_qsl(urlsplit(seen.path).query))}
        lost = [name for name in signature if not _arrived(name, signature[name], arrived)]
        assert not lost, f"the key should arrive in {', '.join(lost)}"
        left = [name for name in route.offer.headers if name.lower() not in arrived]
        assert not left, f"its offer declares headers that do not arrive: {', '.join(left)}"

    def _traces(self, route: Route, *script: Script) -> Iterator[tuple[str, str]]:
        """(what, its text) of everything that a program may print, store or send on."""
        with Loopback(*script) as server, client_at(type(self), route.host, server.url) as client:
            yield from _shown("the client", client)
            yield "how its key is told of", repr(client.credential_source(route.host))
            yield from _shown("the plan", client.plan(PROMPT, model=route.name))
            try:
                result = client.generate(PROMPT, model=route.name, fetch=False)
                yield from _shown("the result", result)
            except ImagekitError as error:
                yield from _shown("the error", error)
                yield "the error's details", repr(vars(error))
            yield from _shown("its `auth`", route.host.auth)
            yield from _shown("its host", route.host)


def _arrived(name: str, value: str, arrived: Mapping[str, str]) -> bool:
    """As it is, or some value where it is made anew for each request."""
    found = arrived.get(name.lower(), arrived.get(name, ""))
    return found == value if SECRET in value else bool(found)


def _shown(what: str, thing: Any) -> Iterator[tuple[str, str]]:
    yield f"the repr of {what}", repr(thing)
    yield what, str(thing)
    try:
        yield f"the pickle of {what}", pickle.dumps(thing).decode("latin-1")
    except (TypeError, AttributeError, pickle.PicklingError):
        return  # what can't be pickled can't be stored, either
