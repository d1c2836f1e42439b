"""The first version: what was asked for and bought, keys, and what calls share."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "requests",
        Column("id", Text, primary_key=True),
        Column("key", Text, nullable=False),
        Column("batch", Text),
        Column("line", Text),
        Column("idem", Text),
        Column("digest", Text),
        Column("keep", Boolean, nullable=False),
        Column("state", Text, nullable=False),
        Column("operation", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("host", Text, nullable=False),
        Column("prompt", Text, nullable=False),
        Column("folded", Text, nullable=False),
        Column("note", JSON),
        Column("asked", JSON),
        Column("estimate", BigInteger),
        Column("counted", BigInteger),
        Column("period", BigInteger),
        Column("created", BigInteger, nullable=False),
        Column("finished", BigInteger),
        Column("forgotten", BigInteger),
        UniqueConstraint("key", "idem"),
        UniqueConstraint("batch", "line"),
    )
    op.create_index("requests_in_order", "requests", ["created", "id"])
    op.create_index("requests_of_key", "requests", ["key", "created", "id"])
    op.create_index("requests_by_state", "requests", ["state", "created", "id"])
    op.create_index("requests_by_model", "requests", ["model", "created", "id"])
    op.create_index("requests_by_host", "requests", ["host", "created", "id"])
    op.create_index("requests_of_key_by_state", "requests", ["key", "state", "created", "id"])
    op.create_index("requests_of_key_by_model", "requests", ["key", "model", "created", "id"])
    digest = text("digest IS NOT NULL")
    op.create_index(
        "requests_of_key_by_digest",
        "requests",
        ["key", "digest", "created"],
        sqlite_where=digest,
        postgresql_where=digest,
    )
    op.create_table(
        "attempts",
        Column("id", Text, primary_key=True),
        Column("request", Text, ForeignKey("requests.id"), nullable=False),
        Column("number", Integer, nullable=False),
        Column("places", JSON),
        Column("host", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("name", Text),
        Column("state", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("lookup", JSON),
        Column("pending", JSON),
        Column("holder", Text),
        Column("due", Float),
        Column("tries", Integer, nullable=False),
        Column("charged", Text, nullable=False),
        Column("cost", BigInteger),
        Column("expected", BigInteger),
        Column("expected_currency", Text),
        Column("share", BigInteger),
        Column("currency", Text),
        Column("priced", Text),
        Column("usage", JSON),
        Column("receipt", JSON),
        Column("notes", JSON),
        Column("error", JSON),
        Column("evidence", JSON),
        Column("host_request", Text),
        Column("record", Text),
        Column("began", BigInteger),
        Column("ended", BigInteger),
    )
    op.create_index("attempts_of_request", "attempts", ["request", "number"])
    due, held = text("due IS NOT NULL"), text("holder IS NOT NULL")
    op.create_index("attempts_due", "attempts", ["due"], sqlite_where=due, postgresql_where=due)
    op.create_index(
        "attempts_held", "attempts", ["holder"], sqlite_where=held, postgresql_where=held
    )
    op.create_index("attempts_by_record", "attempts", ["host", "record"], unique=True)
    op.create_index("attempts_began", "attempts", ["began"])
    op.create_table(
        "pictures",
        Column("request", Text, ForeignKey("requests.id"), primary_key=True),
        Column("place", Integer, primary_key=True),
        Column("attempt", Text, nullable=False),
        Column("sha256", Text),
        Column("media_type", Text),
        Column("bytes", BigInteger),
        Column("width", Integer),
        Column("height", Integer),
        Column("url", Text),
        Column("error", JSON),
        Column("metadata", JSON),
    )
    op.create_index("pictures_by_digest", "pictures", ["sha256"])
    op.create_table(
        "inputs",
        Column("request", Text, ForeignKey("requests.id"), primary_key=True),
        Column("sha256", Text, primary_key=True),
        Column("media_type", Text),
        Column("bytes", BigInteger),
    )
    op.create_index("inputs_by_digest", "inputs", ["sha256"])
    op.create_table(
        "keys",
        Column("name", Text, primary_key=True),
        Column("hash", Text, nullable=False, unique=True),
        Column("hint", Text, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("expires", BigInteger),
        Column("revoked", BigInteger),
        Column("settings", JSON),
        Column("rpm", Integer),
        Column("at_once", Integer),
        Column("budget", BigInteger),
        Column("currency", Text, nullable=False),
        Column("period", Text, nullable=False),
        Column("period_began", BigInteger, nullable=False),
        Column("spent", BigInteger, nullable=False),
        Column("next", BigInteger, nullable=False),
    )
    op.create_table(
        "secrets",
        Column("name", Text, primary_key=True),
        Column("value", Text, nullable=False),
    )
    op.create_table(
        "hosts",
        Column("name", Text, primary_key=True),
        Column("next", BigInteger, nullable=False),
        Column("rests", BigInteger),
        Column("tried", BigInteger),
    )
    op.create_table(
        "places",
        Column("call", Text, primary_key=True),
        Column("host", Text, nullable=False),
        Column("holder", Text, nullable=False),
        Column("until", BigInteger, nullable=False),
    )
    op.create_index("places_of_host", "places", ["host"])
    op.create_table(
        "budgets",
        Column("name", Text, primary_key=True),
        Column("currency", Text, primary_key=True),
        Column("period", Text, primary_key=True),
        Column("began", BigInteger, primary_key=True),
        Column("spent", BigInteger, nullable=False),
    )
    op.create_table(
        "spendings",
        Column("call", Text, primary_key=True),
        Column("budget", Text, primary_key=True),
        Column("currency", Text, nullable=False),
        Column("period", Text, nullable=False),
        Column("began", BigInteger, nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("counted", BigInteger, nullable=False),
        Column("claimed", BigInteger, nullable=False),
        Column("released", Boolean, nullable=False),
    )
    op.create_index("spendings_claimed", "spendings", ["claimed"])
