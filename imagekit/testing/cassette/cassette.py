"""`Cassette`: the plugin object that records what goes through a client, or plays it back."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, get_args

from imagekit.basics.classes import evolve
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.errors import ImagekitError, NotSent
from imagekit.hookspecs import hookimpl
from imagekit.send.transport import Send
from imagekit.testing.cassette.comparing import is_same, why_none
from imagekit.testing.cassette.playing import raised, reply_of
from imagekit.testing.cassette.recording import told_reply
from imagekit.testing.cassette.scrubbing import Scrubber, numbered
from imagekit.testing.cassette.tape import Asked, CassetteError, Fault, Interaction, Tape
from imagekit.testing.cassette.tee import Body, Listening
from imagekit.values import Reply, Request
from imagekit.values.abridged import document, shortened

__all__ = ["Cassette", "CassetteError", "NotOnCassette", "Unplayed"]

Mode = Literal["once", "replay", "record"]


class NotOnCassette(NotSent):
    """No interaction on the tape is this request; the message names the nearest."""

    retryable = False


class Unplayed(UserWarning):
    """A cassette was closed before everything on it was played."""


class Cassette:
    """A plugin object that records what goes through a client, or plays it back::

        with Cassette("tests/cassettes/corgi.json") as cassette:
            with Client(plugins=Plugins.load(extra=[cassette])) as client:
                client.generate("a corgi", model="token360:seedream-4.5")

    Nothing secret gets onto the tape: no header of a request, no key wherever it is echoed,
    no signature of a link. Playing needs no key: hosts on the tape get a made-up one.
    Requests match by method, URL and body, each interaction once; pictures in a request
    by digest. Thread-safe.

    Args:
        path: the tape, JSON; what is too large for it goes into ``<name>.files`` beside it.
        mode: ``once`` plays the tape, and records it when there is none; ``replay`` only
            plays; ``record`` records anew, in place of what was there.
        secrets: further texts to hide, besides the keys.

    Attributes:
        recording: whether requests are sent and recorded. Known once it is open.
    """

    recording = False

    def __init__(
        self, path: str | os.PathLike[str], mode: Mode = "once", *, secrets: Iterable[str] = ()
    ) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"{mode!r} is not one of {', '.join(get_args(Mode))}")
        self.path = Path(path)
        self._mode = mode
        self._tape = Tape(self.path)
        self._secrets = tuple(secrets)
        self._scrub = Scrubber(secrets)
        self._interactions: list[Interaction | None] = []  # None: still under way
        self._unplayed: list[int] = []
        self._failure: OSError | None = None
        self._open = False
        self._lock = threading.RLock()

    def __enter__(self) -> Cassette:
        """Open the tape.

        Raises:
            CassetteError: there is no tape to play, or it is broken.
        """
        missing = not self.path.exists()
        self.recording = self._mode == "record" or (self._mode == "once" and missing)
        if self.recording:
            self._scrub = Scrubber(self._secrets, numbered())
            self._interactions = []
        else:
            self._scrub = Scrubber(self._secrets)
            self._interactions = [*self._tape.read()]
        self._unplayed = list(range(len(self._interactions)))
        self._open = True
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Close the tape, and warn of what was not played.

        Raises:
            CassetteError: what was recorded could not be written.
        """
        self._open = False
        if self.recording:
            self._close_recording()
        elif self._unplayed and kind is None:
            what = ", ".join(self.unplayed)
            count = f"{len(self._unplayed)} of {len(self._interactions)}"
            message = f"{self.path}: {count} interactions were not played: {what}"
            warnings.warn(Unplayed(message), stacklevel=2)

    def sleep(self, seconds: float) -> None:
        """Wait while recording, and not while playing: ``Client(sleep=cassette.sleep)``."""
        if self.recording:
            time.sleep(seconds)

    @property
    def unplayed(self) -> list[str]:
        """What is on the tape and was not asked for, e.g. ``2 (GET https://...)``."""
        found = [(number, self._interactions[number]) for number in self._unplayed]
        return [
            f"{number + 1} ({one.request.method} {one.request.url})" for number, one in found if one
        ]

    # --- as a plugin ------------------------------------------------------------------------

    @hookimpl
    def imagekit_transport_wrapper(self, host: Host) -> Callable[[Send], Send]:
        def wrap(send: Send) -> Send:
            return lambda request: self._answer(host.name, request, send)

        return wrap

    @hookimpl
    def imagekit_credential(self, host: Host) -> Credential | None:
        """A made-up key for hosts that are played, so that tests need none."""
        if self.recording or host.name not in {one.host for one in self._interactions if one}:
            return None
        return Credential(
            source="cassette", **dict.fromkeys(host.auth.variables, "made-up-by-the-cassette")
        )

    def _answer(self, host: str, request: Request, send: Send) -> Reply:
        if not self._open:
            raise NotOnCassette(f"the cassette {self.path} is not open: use it in a with statement")
        with self._lock:
            self._scrub.learn(request.headers)
            self._scrub.know(request.signed_query.values())
            asked = self._asked(request)
        if self.recording:
            return self._record(host, asked, request, send)
        return self._play(asked)

    def _asked(self, request: Request) -> Asked:
        return Asked(
            request.step,
            request.method,
            self._scrub.text(request.url),
            self._scrub.document(document(shortened(request))),
        )

    # --- recording ----------------------------------------------------------------------------

    def _record(self, host: str, asked: Asked, request: Request, send: Send) -> Reply:
        with self._lock:
            place = len(self._interactions)
            self._interactions.append(None)
        try:
            reply = send(request)
        except ImagekitError as error:
            fault = self._fault(error)
            self._put(place, lambda: Interaction(host, asked, fault=fault))
            raise

        def heard(body: Body, complete: bool) -> None:
            def told() -> Interaction:
                answer = told_reply(reply, body, complete, self._tape, self._scrub)
                return Interaction(host, asked, reply=answer)

            self._put(place, told)

        return evolve(reply, stream=Listening(reply.stream, heard))

    def _fault(self, error: ImagekitError) -> Fault:
        url = getattr(error, "url", None)
        return Fault(
            type(error).__name__,
            self._scrub.text(error.message),
            error.retryable,
            error.charged,
            url and self._scrub.text(url),
        )

    def _put(self, place: int, make: Callable[[], Interaction]) -> None:
        """Note what happened, in the file as well: nobody may come to close the cassette.

        A file that can't be written is told at the end: the answer itself is not lost.
        """
        with self._lock:
            try:
                self._interactions[place] = make()
                self._tape.write(self._recorded)
            except OSError as error:
                self._failure = error

    @property
    def _recorded(self) -> list[Interaction]:
        return [one for one in self._interactions if one]

    def _close_recording(self) -> None:
        if self._failure:
            why = self._failure.strerror or self._failure
            raise CassetteError(f"{self.path} can't be written: {why}") from self._failure
        if self._recorded:
            self._tape.sweep(self._recorded)

    # --- playing ------------------------------------------------------------------------------

    def _play(self, asked: Asked) -> Reply:
        with self._lock:
            interactions = self._recorded
            for number in self._unplayed:
                if is_same(interactions[number].request, asked):
                    self._unplayed.remove(number)
                    break
            else:
                why = why_none(self.path, interactions, self._unplayed, asked)
                raise NotOnCassette(f'{why}\n  to record it anew: mode="record"')
        found = interactions[number]
        if found.reply is None:
            assert found.fault is not None
            raise raised(found.fault)
        return reply_of(found.reply, self._tape.folder)
