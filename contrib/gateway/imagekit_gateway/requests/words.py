"""From the fields of a request to the arguments of a call.

What a model takes passes as it is. Words that other people's programs always send, asked or not,
pass on every model: where a model has no use for them they are dropped, and the answer says so.
Whatever else does not fit is a mistake, and all mistakes are told at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from imagekit import (
    AmbiguousHost,
    Client,
    ImagekitError,
    InvalidRequest,
    Parameters,
    Problem,
    Route,
)
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.refusals import Refused, unknown_word
from imagekit_gateway.requests.asked import MOST_FIELDS
from imagekit_gateway.requests.strangers import taken
from imagekit_gateway.rights.names import Names
from imagekit_gateway.rights.rights import Rights

__all__ = ["WORDS", "Dropped", "Wanted", "address_for", "wanted"]

#: What every word may say that means nothing in particular, or nothing for the picture.
_HARMLESS: dict[str, Callable[[Any], bool]] = {
    "quality": lambda given: given in ("auto", "standard", "hd", "low", "medium", "high"),
    "style": lambda given: given in ("vivid", "natural"),
    "background": lambda given: given in ("auto", "opaque"),
    "moderation": lambda given: given in ("auto", "low"),
    "input_fidelity": lambda given: given in ("low", "high"),
    "output_format": lambda given: given == "png",
    "output_compression": lambda given: type(given) is int and 0 <= given <= 100,
    "user": lambda given: isinstance(given, str),
    "size": lambda given: given == "auto",
    "seed": lambda given: given == -1,
    "negative_prompt": lambda given: given == "",
}
#: Words that the gateway reads itself.
_OWN = ("model", "prompt", "response_format", "stream", "partial_images", "native", "options")
_CANONICAL = frozenset(Parameters.__annotations__) - {"on_unsupported"}
#: Every word that a request may have, whatever the model.
WORDS = frozenset({*_OWN, *_CANONICAL, *_HARMLESS})
#: The most pictures to be looked at while one waits.
MOST_PARTIAL = 3
LONGEST_NAME = 200


@frozen
class Dropped:
    """A word that means nothing to the model, and why it was left out."""

    parameter: str
    value: Any
    why: str

    @property
    def plain(self) -> dict[str, Any]:
        """As a line of a receipt."""
        told = {"parameter": self.parameter, "value": self.value, "action": "dropped"}
        return {**told, "by": "gateway", "note": self.why}


@frozen
class Wanted:
    """What a request asks for.

    Attributes:
        name: of the model, as it was asked for.
        route: where it leads.
        prompt, arguments: what `imagekit.Client.generate` is given.
        format: ``url`` or ``b64_json``: how the client wants its pictures.
        kind: ``image_generation`` or ``image_edit``, as events have it.
        stream: whether it wants to be told while it happens.
        partial_images: how often a picture is wanted before it is done.
        dropped: what was left out.
        added: parameters that nobody named, and why they are there.
    """

    name: str
    route: Route
    prompt: str
    arguments: Mapping[str, Any]
    format: str
    kind: str
    stream: bool = False
    partial_images: int = 0
    dropped: tuple[Dropped, ...] = ()
    added: Mapping[str, str] = field(factory=dict)

    @property
    def note(self) -> dict[str, Any]:
        """What the record of the request has of it."""
        dropped = [one.plain for one in self.dropped]
        route = self.route
        model = {"name": self.name, "model": route.remote_id, "home": route.base_url}
        return {**model, "dropped": dropped, "added": dict(self.added)}


@frozen
class _Reading:
    """The fields of a request while they are read."""

    fields: Mapping[str, Any]
    rights: Rights
    route: Route
    private_links: bool
    defaults: frozenset[str]
    problems: list[Problem] = field(factory=list)
    dropped: list[Dropped] = field(factory=list)
    added: dict[str, str] = field(factory=dict)

    def refuse(self, name: str, why: str, nearest: Any = None) -> None:
        self.problems.append(Problem(name, why, self.fields.get(name), nearest))

    def said(self, name: str) -> bool:
        return self.fields.get(name) is not None


def wanted(gateway: Gateway, rights: Rights, fields: Mapping[str, Any], kind: str) -> Wanted:
    """
    Raises:
        Refused: the key may not ask for the model; something is wrong, with all that is.
        ImagekitError: there is no such model.
    """
    settings = gateway.settings
    name = _model(fields, gateway.names, rights)
    route = _route(gateway.names, name)
    address = _address(gateway, rights, name, route)
    defaults = gateway.names.defaults(name)
    reading = _Reading(fields, rights, route, settings.private_links, defaults)
    prompt = _prompt(reading)
    default = rights.response_format or settings.response_format
    format = _format(reading, _usual_format(name, kind, default))
    stream, partial = _stream(reading), 0
    if reading.said("partial_images"):
        partial = _partial(reading)
    arguments = {"model": address, **_arguments(reading, partial if stream else 0)}
    _refuse_all(gateway.client, reading, prompt, arguments)
    dropped, added = tuple(reading.dropped), reading.added
    return Wanted(name, route, prompt, arguments, format, kind, stream, partial, dropped, added)


def _address(gateway: Gateway, rights: Rights, name: str, route: Route) -> str:
    """
    Raises:
        Refused: the key may not ask for it.
    """
    address = address_for(gateway, rights, name, route)
    if address is None:
        message = f"this key may not ask for {name:.80}, but for {', '.join(rights.models):.200}"
        raise Refused(403, "model_not_allowed", message, "permission_error")
    return address


def address_for(gateway: Gateway, rights: Rights, name: str, route: Route) -> str | None:
    """What is asked for it; an alias brings defaults of its own. Of several ways that it may go a
    key has to be allowed each, or it goes the first alone. None: the key may not ask for it."""
    address = gateway.names.address(name)
    ways = gateway.client.routes(address)
    if all(rights.may_ask(name, one) for one in ways):
        return address
    several = len({one.model.name for one in ways}) > 1  # whichever can do it is asked
    if several or not rights.may_ask(name, route):
        return None
    named, _ = gateway.client.registry.split(address)
    return address if named else f"{route.host.name}:{address}"


def _route(names: Names, name: str) -> Route:
    """
    Raises:
        Refused: several hosts serve it, at prices of their own.
        ImagekitError: there is no such model.
    """
    try:
        return names.route(name)
    except AmbiguousHost as error:
        ways = ", ".join(f"{host}:{name}" for host in error.hosts)
        message = f"model: several hosts serve {name:.80} here; ask for one of {ways}"
        raise Refused(400, "ambiguous_model", message) from None


def _refuse_all(
    client: Client, reading: _Reading, prompt: str, arguments: Mapping[str, Any]
) -> None:
    """With the mistakes that the model's own rules find in the rest, if there are any here.

    Raises:
        Refused: there are.
    """
    if not reading.problems:
        return
    found: list[Problem] = []
    try:
        found = [*client.plan(prompt, **arguments).problems]
    except InvalidRequest as error:
        found = [*error.problems]
    except ImagekitError:
        pass  # what there is to say of it is said when the rest is mended
    mine = {problem.field for problem in reading.problems}
    raise unknown_word([*reading.problems, *(one for one in found if one.field not in mine)])


def _model(fields: Mapping[str, Any], names: Names, rights: Rights) -> str:
    given = fields.get("model")
    if given is None and names.default and rights.dialect == "openai":
        return names.default
    if isinstance(given, str) and 0 < len(given) <= LONGEST_NAME and given.isprintable():
        return given
    what = "is missing" if given is None else f"is the name of one, not {given!r:.40}"
    known = f"; such as {names.default}" if names.default else ""
    raise unknown_word([Problem("model", f"{what}{known}", given)])


def _prompt(reading: _Reading) -> str:
    given = reading.fields.get("prompt")
    if isinstance(given, str) and given.strip():
        return given
    reading.refuse("prompt", "is missing" if given is None else "is a text that is not empty")
    return "-"


def _usual_format(name: str, kind: str, default: str) -> str:
    """Programs that ask for ``gpt-image-*`` or for an edit read nothing but base64, since OpenAI
    sends nothing else; all others want links."""
    return "b64_json" if name.startswith("gpt-image-") or kind == "image_edit" else default


def _format(reading: _Reading, default: str) -> str:
    given = reading.fields.get("response_format")
    if given is None:
        return default
    if given not in ("url", "b64_json"):
        reading.refuse("response_format", f"is url or b64_json, not {given!r:.40}", default)
        return default
    return str(given)


def _stream(reading: _Reading) -> bool:
    given = reading.fields.get("stream")
    if given is not None and type(given) is not bool:
        reading.refuse("stream", f"is true or false, not {given!r:.40}")
    return given is True


def _partial(reading: _Reading) -> int:
    given = reading.fields["partial_images"]
    if type(given) is not int or not 0 <= given <= MOST_PARTIAL:
        reading.refuse("partial_images", f"is from 0 to {MOST_PARTIAL}, not {given!r:.40}")
        return 0
    return given


def _arguments(reading: _Reading, partial: int) -> dict[str, Any]:
    """What the call is given besides prompt and model.

    Args:
        partial: how often a picture is wanted before it is done, of hosts that can do so.
    """
    arguments: dict[str, Any] = {}
    options: dict[str, Any] = {**_table(reading, "options")}
    for name, value in _rest(reading):
        if name in ("image", "mask"):
            arguments[name] = _pictures(reading, value)
        elif name in _CANONICAL:
            arguments[name] = value
        else:
            options[name] = value
    if partial and "partial_images" in reading.route.accepted:
        options["partial_images"] = partial
    if options:
        arguments["options"] = options
    if native := _table(reading, "native"):
        if reading.rights.native:
            arguments["native"] = native
        else:
            reading.refuse("native", "this key may not send fields that nobody checks")
    if not reading.rights.keep and "response_format" in reading.route.accepted:
        arguments["response_format"] = reading.fields.get("response_format") or "url"
    return arguments


def _rest(reading: _Reading) -> Iterator[tuple[str, Any]]:
    """The fields that are the model's, without those that are dropped."""
    accepted, fields = reading.route.accepted, dict(reading.fields)
    is_stamped = reading.rights.dialect == "powertokens" and "watermark" in accepted
    if is_stamped and not (reading.said("watermark") or "watermark" in reading.defaults):
        fields["watermark"] = True
        reading.added["watermark"] = "it is the default of PowerTokens' page"
    for name, value in fields.items():
        if value is None or name in _OWN:
            continue
        if why := _why_dropped(reading, name, value):
            reading.dropped.append(Dropped(name, value, why))
        elif name in accepted or name in _CANONICAL:
            yield name, value
        else:
            if name in _HARMLESS:
                reading.refuse(name, f"{reading.route.name} has no {name} {value!r:.40}")
                continue
            near = difflib.get_close_matches(name, [*accepted, *WORDS], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            reading.refuse(name, f"is no parameter of {reading.route.name}{hint}")


def _why_dropped(reading: _Reading, name: str, value: Any) -> str:
    """Why a word can be left out, if it can."""
    if name == "sequential_image_generation_options":
        if reading.fields.get("sequential_image_generation") != "auto":
            return "it counts with sequential_image_generation=auto alone"
        return ""
    is_harmless = _HARMLESS.get(name)
    if is_harmless is None or not is_harmless(value):
        return ""
    if name == "size":
        sizes = reading.route.sizes
        return "" if sizes and sizes.auto else f"{reading.route.name} chooses one when none is said"
    known = reading.route.accepted.get(name)
    if known is None:
        return f"{reading.route.name} has no such parameter"
    if value == "auto" and not known.rules:
        return "to say nothing is the same"
    fits = all(rule.check(name, value) is None for rule in known.rules)
    return "" if fits else f"{reading.route.name} has no such {name}"


def _table(reading: _Reading, name: str) -> Mapping[str, Any]:
    given = reading.fields.get(name)
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > MOST_FIELDS:
        reading.refuse(name, f"is an object of at most {MOST_FIELDS} fields, not {given!r:.40}")
        return {}
    return given


def _pictures(reading: _Reading, given: Any) -> Any:
    if isinstance(given, list):
        return [taken(one, reading.private_links) for one in given]
    return taken(given, reading.private_links)
