"""The tables. Times are microseconds since 1970, money is billionths of its currency."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from imagekit_store.schema.words import readable

__all__ = [
    "ATTEMPTS",
    "BUDGETS",
    "DECIMALS",
    "HOSTS",
    "INPUTS",
    "KEYS",
    "METADATA",
    "PICTURES",
    "PLACES",
    "REQUESTS",
    "SECRETS",
    "SPENDINGS",
    "VERSION",
    "Money",
]

#: The newest migration: what `imagekit store upgrade` makes of an older database.
VERSION = "0001"

METADATA = MetaData()

#: Whatever precision the program around us has set for its own sums.
EXACT = Context(prec=60)


#: Of money.
DECIMALS = 9


class Money(TypeDecorator[Decimal]):
    """An amount as a whole number of billionths, so that databases add it exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int(value.scaleb(DECIMALS, EXACT).to_integral_value())

    def process_result_value(self, value: Any | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-DECIMALS, EXACT)


class Told(TypeDecorator[str]):
    """A stranger's text. What no database takes of it must not keep a picture from being written
    down, so it stands there as an escape."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else readable(value)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON(none_as_null=True))


#: What somebody asked for.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),  # who asked: the name of a key, or nobody's
    Column("batch", Text),
    Column("line", Text),
    Column("idem", Text),  # the same request when it is, from the same key
    Column("digest", Text),  # the sha256 of what was asked, as whoever asked has it
    Column("keep", Boolean, nullable=False),  # whether its pictures are kept here
    Column("state", Text, nullable=False),
    Column("operation", Text, nullable=False),  # generate or edit
    Column("model", Text, nullable=False),
    Column("host", Text, nullable=False),  # empty until it is planned
    Column("prompt", Text, nullable=False),
    Column("folded", Text, nullable=False),  # the prompt in one case, to be searched
    _json("note"),  # what whoever asked wants to find with it
    _json("asked"),  # the arguments of `Client.generate`; bytes of references by their digest
    Column("estimate", Money),  # what it should cost, where its key has a budget
    Column("counted", Money),  # what it counts against that now
    Column("period", BigInteger),  # in which one: `period_began` of its key
    Column("created", BigInteger, nullable=False),
    Column("finished", BigInteger),
    Column("forgotten", BigInteger),
    UniqueConstraint("key", "idem"),
    UniqueConstraint("batch", "line"),
)
# Pages go by these. What is often asked for together has one together: else a page of what is rare
# reads all of what is frequent.
_ORDER = (REQUESTS.c.created, REQUESTS.c.id)
Index("requests_in_order", *_ORDER)
Index("requests_of_key", REQUESTS.c.key, *_ORDER)
Index("requests_by_state", REQUESTS.c.state, *_ORDER)
Index("requests_by_model", REQUESTS.c.model, *_ORDER)
Index("requests_by_host", REQUESTS.c.host, *_ORDER)
Index("requests_of_key_by_state", REQUESTS.c.key, REQUESTS.c.state, *_ORDER)
Index("requests_of_key_by_model", REQUESTS.c.key, REQUESTS.c.model, *_ORDER)
Index(
    "requests_of_key_by_digest",
    REQUESTS.c.key,
    REQUESTS.c.digest,
    REQUESTS.c.created,
    sqlite_where=REQUESTS.c.digest.is_not(None),
    postgresql_where=REQUESTS.c.digest.is_not(None),
)

#: Its paid calls.
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("request", Text, ForeignKey(REQUESTS.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    _json("places"),
    Column("host", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("name", Text),  # what the host knows the job by
    Column("state", Text, nullable=False),
    Column("body", Text, nullable=False),  # its sha256
    _json("lookup"),  # what asks for the job by its name
    _json("pending"),  # what asks for the job
    Column("holder", Text),  # the process that carries it out
    Column("due", Float),  # when it is to be taken up, or the lease of its holder passes
    Column("tries", Integer, nullable=False),
    Column("charged", Text, nullable=False),
    Column("cost", Money),
    Column("expected", Money),  # by the price list, before it was sent
    Column("expected_currency", Text),
    Column("share", Money),  # its part of its request's estimate: counted until its cost is known
    Column("currency", Told),
    Column("priced", Text),  # who says what it cost: host, list, person, or nobody
    _json("usage"),
    _json("receipt"),
    _json("notes"),
    _json("error"),
    _json("evidence"),  # how it was settled
    Column("host_request", Told),  # the host's own id of it
    Column("record", Told),  # that of the host's record of it
    Column("began", BigInteger),
    Column("ended", BigInteger),
)
Index("attempts_of_request", ATTEMPTS.c.request, ATTEMPTS.c.number)
Index(
    "attempts_due",
    ATTEMPTS.c.due,
    sqlite_where=ATTEMPTS.c.due.is_not(None),
    postgresql_where=ATTEMPTS.c.due.is_not(None),
)
Index(
    "attempts_held",
    ATTEMPTS.c.holder,
    sqlite_where=ATTEMPTS.c.holder.is_not(None),
    postgresql_where=ATTEMPTS.c.holder.is_not(None),
)
Index("attempts_by_record", ATTEMPTS.c.host, ATTEMPTS.c.record, unique=True)
Index("attempts_began", ATTEMPTS.c.began)

#: What came, and what did not.
PICTURES = Table(
    "pictures",
    METADATA,
    Column("request", Text, ForeignKey(REQUESTS.c.id), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("attempt", Text, nullable=False),
    Column("sha256", Text),
    Column("media_type", Text),
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("url", Told),  # the host's link, until the picture is kept
    _json("error"),
    _json("metadata"),
)
Index("pictures_by_digest", PICTURES.c.sha256)

#: References whose bytes were given with a request that others answer.
INPUTS = Table(
    "inputs",
    METADATA,
    Column("request", Text, ForeignKey(REQUESTS.c.id), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("media_type", Text),
    Column("bytes", BigInteger),
)
Index("inputs_by_digest", INPUTS.c.sha256)

#: Who may ask, and what they have taken.
KEYS = Table(
    "keys",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),  # the sha256 of its secret, which is nowhere
    Column("hint", Text, nullable=False),  # the end of the secret
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
    _json("settings"),  # of whoever serves the key
    Column("rpm", Integer),
    Column("at_once", Integer),
    Column("budget", Money),
    Column("currency", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("period_began", BigInteger, nullable=False),
    Column("spent", Money, nullable=False),  # since then: the sum of what its requests count
    Column("next", BigInteger, nullable=False),  # when a request is due at a steady `rpm`
)

#: What every process that serves the store has to know, and nobody else.
SECRETS = Table(
    "secrets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# What the calls of all processes share: see `imagekit.Shared`.

#: Whom calls ask.
HOSTS = Table(
    "hosts",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),  # when a call is due at a steady `rpm`
    Column("rests", BigInteger),  # until when it is left alone; null: it is well
    Column("tried", BigInteger),  # until when somebody tries whether it is well again
)

#: Calls that are under way, each of which takes a place at its host.
PLACES = Table(
    "places",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("holder", Text, nullable=False),  # the process that carries it out
    Column("until", BigInteger, nullable=False),  # when its lease passes, and the place is free
)
Index("places_of_host", PLACES.c.host)

#: What is spent of each budget in each of its periods: the sum of what its calls count.
BUDGETS = Table(
    "budgets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("began", BigInteger, primary_key=True),
    Column("spent", Money, nullable=False),
)

#: What a call counts against a budget.
SPENDINGS = Table(
    "spendings",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("budget", Text, primary_key=True),  # its name, and in which of its sums
    Column("currency", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("amount", Money, nullable=False),  # what it should cost
    Column("counted", Money, nullable=False),  # that, until it is known what it did cost
    Column("claimed", BigInteger, nullable=False),
    Column("released", Boolean, nullable=False),  # claimed again, it counts once more
)
Index("spendings_claimed", SPENDINGS.c.claimed)
