"""What a key may do: its settings, as the gateway reads them."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import field, frozen, validators

from imagekit import UsageError

__all__ = ["DIALECTS", "Rights", "rights_of"]

#: Whose page the answers follow. All take the same requests.
DIALECTS = ("openai", "powertokens", "token360")


@frozen
class Rights:
    """
    Attributes:
        models: patterns of the models that it may ask for, such as ``seedream-*``; any when empty.
        native: whether it may send fields that go to a host unchecked.
        keep: whether its pictures are kept. Else the links of hosts are passed on.
        dialect: one of `DIALECTS`.
        response_format: for requests that name none; the gateway's when empty.
        operator: whether it may see how the gateway does (``/metrics``).
    """

    models: tuple[str, ...] = field(default=(), converter=tuple)
    native: bool = False
    keep: bool = True
    dialect: str = field(default="openai", validator=validators.in_(DIALECTS))
    response_format: str = field(default="", validator=validators.in_(("", "url", "b64_json")))
    operator: bool = False

    def may_ask(self, *names: str) -> bool:
        """Whether a model of these names is one of its own."""
        return not self.models or any(
            fnmatchcase(name, pattern) for name in names for pattern in self.models
        )


def rights_of(settings: Mapping[str, Any]) -> Rights:
    """
    Raises:
        UsageError: a newer gateway has written what this one does not know. A right that is not
            understood is none to be guessed.
    """
    try:
        return Rights(**settings)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the settings of this key are not understood: {error}") from None
