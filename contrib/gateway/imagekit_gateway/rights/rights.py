"""What a key may do: its settings, as the gateway reads them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from attrs import field, frozen, validators
from imagekit_store import Key

from imagekit import Route, UsageError

__all__ = ["DIALECTS", "Outdated", "Rights", "rights_of"]

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
        operator: whether it may see how the gateway does, and look after keys and open requests.
    """

    models: tuple[str, ...] = field(default=(), converter=tuple)
    native: bool = False
    keep: bool = True
    dialect: str = field(default="openai", validator=validators.in_(DIALECTS))
    response_format: str = field(default="", validator=validators.in_(("", "url", "b64_json")))
    operator: bool = False

    def may_ask(self, name: str, route: Route) -> bool:
        """Whether a model is one of its own, by the name that is asked for, its own name, or that
        of the route to which they lead."""
        names = (name, route.model.name, route.name)
        return not self.models or any(
            fnmatchcase(one, pattern) for one in names for pattern in self.models
        )


class Outdated(UsageError):
    """A newer gateway has given a key what this one does not know."""


def rights_of(key: Key) -> Rights:
    """
    Raises:
        Outdated: a right that is not understood is none to be guessed.
    """
    try:
        return Rights(**key.settings)
    except (TypeError, ValueError) as error:
        message = f"the settings of the key {key.name} are not understood: {error}"
        raise Outdated(message) from None
