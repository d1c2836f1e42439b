"""Slips in journals."""

from imagekit import Client, FileJournal, Journal, Pending, Purchase, Result
from imagekit.errors import ImagekitError


class Halfway:
    """It hears nothing of the end."""

    def sending(self, purchase: Purchase) -> None: ...

    def accepted(self, purchase: Purchase, pending: Pending) -> None: ...


class Swapped:
    """Its arguments are in another order, and one is missing."""

    def sending(self, purchase: Purchase) -> None: ...

    def accepted(self, pending: Pending, purchase: Purchase) -> None: ...

    def answered(self, purchase: Purchase, result: Result) -> None: ...

    def kept(self, purchase: Purchase, result: Result) -> None: ...

    def left(self, purchase: Purchase, pending: Pending | None) -> None: ...

    def ended(self, purchase: Purchase, error: ImagekitError) -> None: ...


HALFWAY: Journal = Halfway()  # wrong: assignment, reportAssignmentType
SWAPPED: Journal = Swapped()  # wrong: assignment, reportAssignmentType
CLIENT = Client(journal="journal")  # wrong: arg-type, reportArgumentType
FILES = FileJournal()  # wrong: call-arg, reportCallIssue
ABOUT = FileJournal("journal", {"program"})  # wrong: arg-type, reportArgumentType


def change(purchase: Purchase) -> None:
    purchase.id = "another"  # wrong: misc, reportAttributeAccessIssue
    purchase.lookup.wait  # wrong: union-attr, reportOptionalMemberAccess
