"""A family: one line of models, and what each accepts, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.declare import checks
from imagekit.declare.fact import a_fact
from imagekit.declare.rules import CrossRule, Length, Range

if TYPE_CHECKING:
    from imagekit.declare.fact import Fact, Retirement
    from imagekit.declare.reference_limits import ReferenceLimits
    from imagekit.declare.rules import Rule
    from imagekit.declare.sizes import Sizes

__all__ = ["CANONICAL", "COUNTS", "Family", "Model", "Parameter", "is_group"]

#: The parameters every caller can count on by name, and their types. All others are
#: options of one family.
CANONICAL: Mapping[str, type] = {
    "model": str,
    "prompt": str,
    "image": list,
    "mask": str,
    "n": int,
    "size": str,
    "ratio": str,
    "resolution": str,
    "quality": str,
    "response_format": str,
    "output_format": str,
    "seed": int,
    "watermark": bool,
    "negative_prompt": str,
    "sequential_image_generation": str,
    "sequential_image_generation_options": dict,
    "user": str,
}


#: What says how many pictures come of a call.
COUNTS = ("n", "sequential_image_generation", "sequential_image_generation_options")


def is_group(parameters: Mapping[str, Any]) -> bool:
    """Whether parameters, by their canonical names, leave it to the model how many pictures
    it makes."""
    return parameters.get("sequential_image_generation") not in (None, "disabled")


def _can_be_given(parameter: Parameter, attribute: Any, value: Any) -> None:
    """What a vendor takes for "not given" is a value that its own rules allow."""
    if value is None:
        return
    kinds = (int, float) if parameter.type is float else (parameter.type,)
    checks.one(*kinds, right=f"of type {parameter.type.__name__}")(parameter, attribute, value)
    for problem in filter(None, (rule.check(parameter.name, value) for rule in parameter.rules)):
        if not problem.advice:
            raise ValueError(
                f"default of Parameter {parameter.name!r} breaks its own rule: {problem.message}"
            )


_Kind = type  # which a parameter has an attribute of the same name for


def _measure_it(parameter: Parameter, attribute: Any, value: Any) -> None:
    """Rules that can look at a value of the type."""
    checks.each("schema", "rules", "Range(1, 10)")(parameter, attribute, value)
    for rule in value:
        number = parameter.type in (int, float)
        if isinstance(rule, Range) and not number:
            wrong = "a Range is of numbers"
        elif isinstance(rule, Length) and parameter.type is list and rule.unit != "items":
            wrong = f'the Length of a list is in items: Length({rule.maximum}, unit="items")'
        elif isinstance(rule, Length) and parameter.type not in (str, list):
            wrong = "a Length is of texts and lists"
        else:
            continue
        kind = parameter.type.__name__
        raise TypeError(f"rules of Parameter {parameter.name!r}, of type {kind}: {wrong}")


@frozen
class Parameter:
    """One parameter a model accepts.

    Attributes:
        name: the canonical name, or an option's own.
        type: ``str``, ``int``, ``float``, ``bool``, ``list`` or ``dict``. An int is
            not a bool, and a float may be given as an int.
        rules: what its value must satisfy.
        default: what the vendor documents for "not given"; it is never sent.
        parts: for a dict, the keys it may have.
        items: for a list, the type of each item; None: of any.
        required: a call without it is refused.
        doc: one sentence for people.
        fact: where this comes from.
    """

    name: str = field(validator=checks.name)
    type: type = field(validator=checks.kind)
    rules: tuple[Rule, ...] = field(default=(), validator=_measure_it)
    default: object = field(default=None, validator=_can_be_given)
    parts: tuple[Parameter, ...] = field(
        default=(), validator=checks.each("rules", "parameters", 'Parameter("steps", int)')
    )
    items: _Kind | None = field(
        default=None, validator=checks.one(_Kind, right="a type", empty=True)
    )
    required: bool = field(default=False, validator=checks.flag)
    doc: str = field(default="", validator=checks.text)
    fact: Fact | None = field(default=None, validator=a_fact)


@frozen(eq=False)
class Model:
    """One model of a family.

    Attributes:
        name: canonical, e.g. ``seedream-4.5``.
        title: for people.
        aliases: every other id it is known by; each names this model exactly.
        parameters: what it accepts; size, ratio and resolution are ruled by ``sizes``.
        sizes: what sizes it takes; None when sizes can't be asked for.
        references: limits on each reference picture; None when nothing is documented.
        rules: rules about several parameters.
        instead: parameter -> a sentence that says what works, for parameters people
            expect and this model does not have.
        retired: since when its vendor doesn't serve it any more; gateways may do so still.
        fact: where the model itself is documented.
    """

    name: str = field(validator=checks.text)
    title: str = field(validator=checks.text)
    aliases: tuple[str, ...] = field(default=(), validator=checks.names)
    parameters: tuple[Parameter, ...] = field(
        default=(), validator=checks.each("rules", "parameters", 'Parameter("steps", int)')
    )
    sizes: Sizes | None = None
    references: ReferenceLimits | None = None
    rules: tuple[CrossRule, ...] = field(
        default=(),
        validator=checks.all_of(CrossRule, 'rules about several, such as Requires("a", "b")'),
    )
    instead: Mapping[str, str] = field(factory=dict, validator=checks.texts)
    doc: str = field(default="", validator=checks.text)
    fact: Fact | None = field(default=None, validator=a_fact)
    retired: Retirement | None = None


@frozen(eq=False)
class Family:
    """A model line. A subclass may carry ``@hookimpl`` methods for what data can't say;
    they are asked only on routes of this family.
    """

    name: str = field(validator=checks.name)
    title: str = field(validator=checks.text)
    models: tuple[Model, ...] = field(
        validator=checks.each("aliases", "models", 'Model("lily-1", "Lily 1")')
    )
    doc: str = field(default="", validator=checks.text)
