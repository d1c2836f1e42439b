"""The lines of a batch, asked for as there is room, and told of as they end.

Whoever answers them takes them from the store: here, in another process that runs the same file,
or on other machines. So this only asks, and looks at what has become of what was asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

from attrs import define, field

from imagekit import Client, ImagekitError, UsageError
from imagekit_store.batch.account import Account
from imagekit_store.batch.checking import AS, SEVERAL, Batch, Counts, Stands, chunks
from imagekit_store.batch.crews import Crew
from imagekit_store.batch.lines import Line, Lines, NotALine
from imagekit_store.batch.results import Results
from imagekit_store.limits.dearest_way import plans_of
from imagekit_store.schema.states import RequestState
from imagekit_store.store import Store, new_id
from imagekit_store.values.callers import Caller
from imagekit_store.values.entries import Entry

__all__ = ["Feeding"]

#: Seconds between two looks, when nobody says that something has ended.
TICK = 0.25
#: Errors that the next line would meet as well, and how many of them, one after the other, are
#: enough: nothing of it was charged, and a person has to do something about it.
OF_ALL = ("AuthenticationError", "BillingError", "MissingCredential", "PermissionDenied")
ENOUGH = 5


@define(eq=False)
class Feeding:
    """
    Attributes:
        at_once: so many requests of this process are under way at most.
        most: so many lines are asked for; None: all that are left.
        stop: nothing more is asked for once it is set.
        beyond: why the budget had no room for the next line.
        refused: why no host would take the next line.
    """

    store: Store
    client: Client
    account: Account
    lines: Lines
    batch: Batch
    results: Results
    at_once: int
    most: int | None
    stop: threading.Event
    beyond: str = field(default="", init=False)
    refused: str = field(default="", init=False)
    _crew: Crew = field(init=False)
    _open: dict[str, Line] = field(factory=dict, init=False)
    _mine: set[str] = field(factory=set, init=False)
    _running: set[str] = field(factory=set, init=False)
    _unknown: dict[str, Line] = field(factory=dict, init=False)
    _in_a_row: int = field(default=0, init=False)

    @property
    def counts(self) -> Counts:
        return self.batch.counts

    def run(self, crew: Crew) -> None:
        """Until all lines are over, or nothing more may be asked for.

        Args:
            crew: answers what is asked for.
        """
        self._crew = crew
        self._catch_up()
        for line in self._left():
            while len(self._mine) >= self.at_once and not self.stop.is_set():
                self._look()
            if self.stop.is_set() or self.refused or self.beyond or not self._ask(line):
                break
        while self._goes_on():
            self._look()

    def _goes_on(self) -> bool:
        """Whether more is to come; of what is under way, when it was told to stop."""
        if self.stop.is_set():
            self._hear()
            return bool(self._mine & self._running)
        return bool(self._open) or self._is_being_settled()

    def finish(self) -> None:
        """What has ended since, and what is unknown, when nobody works any more."""
        self._hear()
        if Stands.AGAIN in self.batch.stands:  # they have failed, and were not asked anew
            again, failed = (bytes([stands]) for stands in (Stands.AGAIN, Stands.FAILED))
            self.batch.stands = self.batch.stands.replace(again, failed)
            self._catch_up()
        for id, line in self._unknown.items():
            self.results.add(line, self.store.request(id))

    # --- what is asked for --------------------------------------------------------------------

    def _left(self) -> Iterator[Line]:
        """The lines that are to be asked for."""
        asked = 0
        for line in self._known():
            if self.batch.is_left(line.name) and (self.most is None or asked < self.most):
                asked += 1
                yield line

    def _known(self) -> Iterator[Line]:
        """
        Raises:
            UsageError: the file is not what it was when it was looked at.
        """
        for line in self.lines:
            if isinstance(line, NotALine) or line.name not in self.batch.places:
                raise UsageError(f"{self.lines.path} was changed; run the same command again")
            yield line

    def _ask(self, line: Line) -> bool:
        """Whether it was asked for. Where the budget has no room, what is under way may turn out
        to cost less than was set aside for it."""
        caller = self._caller(line)
        if self.batch.stand(line.name) is Stands.AGAIN:
            self._release(line)
        ask = partial(self.store.ask, line.prompt, model=line.model, caller=caller)
        while not self.stop.is_set():
            id = new_id()
            try:
                found = ask(id=id, **line.parameters)
            except ImagekitError as error:
                if self.store.beyond_budget(caller) is None:
                    raise
                if not self._open:
                    self.beyond = str(error)
                    return False
                self._look()
                continue
            self._open[found] = line
            self._mine |= {found} & {id}
            self._crew.nudge()
            self.batch.put(line.name, Stands.OPEN)
            return True
        return False

    def _caller(self, line: Line) -> Caller:
        estimate = self.account.counted(plans_of(self.client, line.asked))
        return self.account.caller(line.name, line.digest, estimate)

    def _release(self, line: Line) -> None:
        """What has failed and was certainly free makes way for another try."""
        for asked in self.account.asked([line.name]).values():
            self.store.release_idem(asked.id)

    # --- what has ended -----------------------------------------------------------------------

    def _look(self) -> None:
        self._crew.pause(TICK)
        self._hear()

    def _hear(self) -> None:
        if not self.results.is_taken and self.results.take():
            self._catch_up()
        states: dict[str, RequestState] = {}
        for ids in chunks([*self._open, *self._unknown], SEVERAL):
            states |= self.account.states(ids)
        for id, state in states.items():
            self._stands(id, AS[state])
        self._running = {id for id, state in states.items() if state is RequestState.RUNNING}

    def _stands(self, id: str, stands: Stands) -> None:
        line = self._open.get(id) or self._unknown[id]
        if stands is self.batch.stand(line.name):
            return
        if stands in (Stands.DONE, Stands.FAILED):
            entry = self.store.request(id)
            self.results.add(line, entry)
            self._judge(entry)
        self._file(id, line, stands)

    def _file(self, id: str, line: Line, stands: Stands) -> None:
        """Where it is looked at from now on, if it is."""
        for mine in (self._open, self._unknown):
            mine.pop(id, None)
        if stands is Stands.OPEN:
            self._open[id] = line
        else:
            self._mine.discard(id)
        if stands is Stands.UNKNOWN:
            self._unknown[id] = line
        self.batch.put(line.name, stands)

    def _judge(self, entry: Entry) -> None:
        """Of a host that takes nothing from us, nothing more is asked for; nor by a budget of the
        configuration that has no room."""
        error = entry.error or {}
        if entry.state == "failed" and error.get("type") == "LimitReached":
            self.beyond = str(error.get("message", ""))
        is_of_all = entry.state == "failed" and error.get("type") in OF_ALL
        self._in_a_row = self._in_a_row + 1 if is_of_all else 0
        if self._in_a_row >= ENOUGH:
            self.refused = f"{self._in_a_row} in a row ended so: {error.get('message', '')}"

    def _is_being_settled(self) -> bool:
        """Whether somebody looks, now or at once, for evidence of what is unknown."""
        return any(map(self.account.is_moving, chunks(self._unknown, SEVERAL)))

    def _catch_up(self) -> None:
        """What was asked for by those before us, and what ended without its result."""
        if not self.results.take() and not (self.counts.open or self.counts.unknown):
            return
        for several in chunks(self._known(), SEVERAL):
            lines = {line.name: line for line in several if self._is_behind(line.name)}
            asked = self.account.asked(lines) if lines else {}
            for name, one in asked.items():
                if AS[one.state] in (Stands.DONE, Stands.FAILED):
                    self.results.add(lines[name], self.store.request(one.id))
                self._file(one.id, lines[name], AS[one.state])

    def _is_behind(self, name: str) -> bool:
        stands = self.batch.stand(name)
        is_over = stands in (Stands.DONE, Stands.FAILED)
        return stands > Stands.AGAIN and not (is_over and self.results.has(name))
