"""What schemas are made of, as JSON Schema has it; OpenAPI 3.1 takes it as it is."""

from __future__ import annotations

from typing import Any

from imagekit import Charged

__all__ = [
    "CHARGED",
    "ID",
    "Schema",
    "any_object",
    "list_of",
    "object_of",
    "or_null",
    "ref",
    "text",
    "whole",
]

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """One of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", *words: str) -> Schema:
    """Any text, or one of these words."""
    return {"type": "string", **_told(description), **({"enum": [*words]} if words else {})}


def whole(description: str = "", **more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", **_told(description), **more}


def _told(description: str) -> Schema:
    return {"description": description} if description else {}


def list_of(of: Schema, description: str = "") -> Schema:
    return {"type": "array", "items": of, **_told(description)}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def object_of(properties: dict[str, Schema], *optional: str, description: str = "") -> Schema:
    """With all of these, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        **_told(description),
        "required": required,
        "properties": properties,
    }


def any_object(description: str) -> Schema:
    return {"type": "object", "description": description}


#: Whether it was paid for.
CHARGED = text("Whether it was paid for.", *Charged)
#: Of a record, or of none.
ID: Schema = {"type": ["string", "null"]}
