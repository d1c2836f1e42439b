"""One call of ``generate``: carried out, and told of."""

from __future__ import annotations

from collections import deque
from typing import Any

from imagekit import Client, ImagekitError, Result
from imagekit.basics.classes import frozen
from imagekit.cli import exits, output
from imagekit.cli.running.key_notice import tell_of_key
from imagekit.cli.running.sandbox_notice import is_drawn, tell_of_stand_in
from imagekit.cli.running.summary import code_of, deliver, interrupted, record, tell_paths
from imagekit.cli.running.viewer import show_them
from imagekit.cli.saving.files import Destination
from imagekit.cli.saving.rescue import rescue
from imagekit.cli.saving.saver import Saver, made_in_spite_of
from imagekit.cli.unfinished.journaling import CallJournal, Memory
from imagekit.cli.unfinished.report import records, tell_of_earlier, tell_what_is_left
from imagekit.events import Finished

__all__ = ["Drawing"]


@frozen
class Drawing:
    """A call to be made.

    Attributes:
        client: its observer and sink is ``saver``.
        model: as it was given.
        place: where pictures go; those for stdout, when they can't go there.
    """

    client: Client
    journal: CallJournal
    saver: Saver
    model: str | None
    place: Destination
    explain: bool
    open_them: bool
    as_json: bool

    def run(self, prompt: str, deadline: float | None, parameters: dict[str, Any]) -> int:
        """Make it, and say what has come of it; returns the exit code."""
        stream = self.client.stream
        try:
            with self.saver.progress:
                told = stream(prompt, model=self.model, deadline=deadline, **parameters)
                (finished,) = deque(told, maxlen=1)  # the saver hears of it where it happens
        except KeyboardInterrupt as stop:
            return interrupted(stop, self.saver, self.journal, as_json=self.as_json)
        except ImagekitError as error:
            result = made_in_spite_of(error)
            return self._failed(error) if result is None else self._done(result)
        assert isinstance(finished, Finished)  # the last one always is
        return self._done(finished.result)

    def _failed(self, error: ImagekitError) -> int:
        output.show_error(error, self.as_json, records(self.journal.open))
        tell_of_key(self.client, error)
        rescue(error, self.place)
        tell_what_is_left(self.journal, error)
        return exits.code_of(error)

    def _done(self, result: Result) -> int:
        deliver(result, self.saver, explain=self.explain)
        tell_of_stand_in(self.client, self.model, result)
        missing = [image for image in result.images if not self.saver.has(image)]
        tell_what_is_left(self.journal, missing=missing)
        told = self.journal.open or isinstance(self.journal, Memory)
        if not (told or self.saver.progress.quiet):
            tell_of_earlier()
        if self.as_json:
            drawn = is_drawn(self.client, result)
            output.json_answer(record(result, self.saver, self.journal, sandbox=drawn))
        else:
            tell_paths(result, self.saver)
        if self.open_them:
            show_them(self.saver.saved.values())
        return code_of(result, self.saver)
