"""What those who share are asked: whatever they raise, or answer amiss, is told as theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TypeVar

from imagekit.basics.classes import frozen
from imagekit.basics.urls import without_secrets
from imagekit.errors import ImagekitError, PluginError
from imagekit.sharing import Claim, Full, Shared, Standing
from imagekit.values.budget import Budget

__all__ = ["Asked"]

T = TypeVar("T")


@frozen(eq=False)
class Asked:
    """Asks `Shared`. Whatever it asks, nothing was sent for it.

    Every method raises:
        ImagekitError: nobody can say; a `PluginError`, unless it is one of whoever counts.
    """

    shared: Shared

    def claim(self, claim: Claim) -> Full | None:
        full = self._answer("claim", partial(self.shared.claim, claim))
        if not (full is None or isinstance(full, Full)):
            raise self._broken(f"claim gave {full!r:.60}, and neither a Full nor None")
        return full

    def try_again(self, host: str) -> bool:
        return self._answer("try_again", partial(self.shared.try_again, host))

    def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
        found = self._answer("standing", partial(self.shared.standing, hosts))
        return self._of_each("standing", found, hosts, Standing)

    def spent(self, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:
        found = self._answer("spent", partial(self.shared.spent, budgets))
        return self._of_each("spent", found, [*budgets], Decimal)

    def _answer(self, method: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ImagekitError:
            raise
        except Exception as error:
            words = without_secrets(str(error))  # perhaps the address of a database
            failure = self._broken(f"{method} raised {type(error).__name__}: {words}")
            raise failure.with_details(retryable=True) from error

    def _of_each(
        self, method: str, found: Mapping[str, T], names: Sequence[str], kind: type
    ) -> Mapping[str, T]:
        """What was found, if it has something of this kind for each name."""
        known = found if isinstance(found, Mapping) else {}
        for name in names:
            if not isinstance(known.get(name), kind):
                raise self._broken(f"{method} gave no {kind.__name__} for {name}")
        return found

    def _broken(self, what: str) -> PluginError:
        who = type(self.shared)
        return PluginError(
            f"limits and budgets can't be counted: {who.__module__}.{who.__qualname__}.{what}"
        )
