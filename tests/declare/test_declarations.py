"""A mistake in a declaration is told where it is made: in a sentence that says what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    Bearer,
    BillingError,
    Carriage,
    Carried,
    Charged,
    Credential,
    Enum,
    ErrorRow,
    Fact,
    Family,
    HeaderKey,
    Host,
    HostUnavailable,
    Length,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Price,
    Range,
    RateLimited,
    Requires,
    Sizes,
    Spell,
    Unlisted,
    Wire,
)

AUTH = Bearer(("POND_API_KEY",))


def host(**wrong: Any) -> Any:
    right: dict[str, Any] = {"base_url": "https://api.example.com/v1", "auth": AUTH}
    return Host("pond", "Pond", **{**right, **wrong})


def offer(**wrong: Any) -> Any:
    return Offer(**{"model": "lily-1", "id": "lily", "wire": "openai-images", **wrong})


def parameter(**wrong: Any) -> Any:
    return Parameter(**{"name": "steps", "type": int, **wrong})


class Headers:
    """A way to sign that is not derived from `Auth`, and lacks what that brings."""

    def headers(self, credential: Credential, now: float) -> dict[str, str]:
        return {}


MISTAKES: dict[str, Callable[[], Any]] = {
    "env of Bearer is a tuple of texts; a tuple of one has a comma: ('POND',), not 'POND'": (
        lambda: Bearer("POND")  # type: ignore[arg-type]
    ),
    "env of Bearer is names of environment variables, such as ('POND_API_KEY',), and not what is": (
        lambda: Bearer(("sk-live-1234",))
    ),
    "price of Offer is a Price, with who says so, not 0.04": lambda: offer(price=0.04),
    "table of Sizes has tiers by name (512, 1K, 1.5K, 2K, 3K, 4K, 8K), not 'common'": (
        lambda: Sizes(table={"common": {"1:1": (8, 8)}})
    ),
    "tiers of Sizes has tiers by name (512, 1K, 1.5K, 2K, 3K, 4K, 8K), not '2k'": (
        lambda: Sizes(tiers=("1K", "2k"))
    ),
    '4021 is no status of HTTP; of a code of the host\'s own: code="4021"': (
        lambda: ErrorRow(BillingError, 4021)
    ),
    "links of Wire 'pond' is names of fields, such as frozenset({\"output\"}), not 'optu'": (
        lambda: Wire("pond", links=frozenset("output"))
    ),
    "no size has min_side=2048 and max_side=256": lambda: Sizes(min_side=2048, max_side=256),
    "a price is in a currency, such as USD, and not in '$'": (
        lambda: Price("0.04", "$", Fact("https://pond.example", "2026-11-30"))
    ),
    "rules of Parameter 'image', of type list: the Length of a list is in items: Length(4, unit": (
        lambda: Parameter("image", list, (Length(4),))
    ),
    "rules of Parameter 'style', of type str: a Range is of numbers": (
        lambda: Parameter("style", str, (Range(1, 2),))
    ),
    "rules of Parameter 'steps', of type int: a Length is of texts and lists": (
        lambda: Parameter("steps", int, (Length(2),))
    ),
    "an offer that is unlisted stands for every id: model='*', not 'lily-1'": (
        lambda: offer(unlisted=Unlisted())
    ),
    "sizes of Offer is attributes of a Sizes (did you mean 'max_pixels'?), not 'max_pixel'": (
        lambda: offer(sizes={"max_pixel": 4})
    ),
    "references of Offer is a ReferenceLimits, not {}": lambda: offer(references={}),
    'rules of Offer is a tuple of rules about several, such as Requires("a", "b"), not Range': (
        lambda: offer(rules=(Range(1, 2),))
    ),
    "costs_in of Host 'pond' is a CostsIn, not 'USD'": lambda: host(costs_in="USD"),
    "rules of Parameter 'steps' is a tuple of rules, such as (Range(1, 10),), not Requires": (
        lambda: parameter(rules=(Requires("a", "b"),))
    ),
    "header of HeaderKey is a name without colons and slashes, not 'x-key: '": (
        lambda: HeaderKey(("POND_API_KEY",), "x-key: ")
    ),
    "base_url of Host 'pond' is an address such as https://api.example.com/v1, not 'htps://x'": (
        lambda: host(base_url="htps://x")
    ),
    "base_url of Host 'pond' is an address without a query, not 'https://x.example/?v=1'": (
        lambda: host(base_url="https://x.example/?v=1")
    ),
    "auth of Host 'pond' is a way to sign, such as Bearer(('POND_API_KEY',)) or NoAuth(), not N": (
        lambda: host(auth=NoAuth)
    ),
    "offers of Host 'pond' is a tuple of offers; a tuple of one has a comma": (
        lambda: host(offers=offer())
    ),
    "errors of Host 'pond' is a tuple of error rows, such as": (
        lambda: host(errors=(RateLimited,))
    ),
    "self_hosted of Host 'pond' is True or False, not 'no'": lambda: host(self_hosted="no"),
    "origins of Host 'pond' is a tuple of texts; a tuple of one has a comma": (
        lambda: host(origins="https://queue.example.com")
    ),
    "spells of Offer is a tuple of spellings; a tuple of one has a comma": (
        lambda: offer(spells=Spell("size"))
    ),
    "spells of Offer is a tuple of spellings, such as (Spell(\"size\"),), not 'size'": (
        lambda: offer(spells=("size",))
    ),
    "paths of Offer is by operation (did you mean 'generate'?), not 'genrate'": (
        lambda: offer(paths={"genrate": "/draw"})
    ),
    "paths of Offer is a dict of paths that begin with a slash, not 'draw'": (
        lambda: offer(paths={"generate": "draw"})
    ),
    "id of Offer is a text, not 7": lambda: offer(id=7),
    "headers of Offer is a dict of texts, not 1": lambda: offer(headers={"x-version": 1}),
    "id_fact of Offer is a Fact, which has a source and a date, not 'https://docs.example'": (
        lambda: offer(id_fact="https://docs.example")
    ),
    "values of Spell 'size' is a dict of words, not ['1K']": lambda: Spell("size", values=["1K"]),  # type: ignore[arg-type]
    "carriage of Carried is of type Carriage, not 'base64'": (
        lambda: Spell("image", how=Carried("base64"))  # type: ignore[arg-type]
    ),
    "how of Spell 'quality' is an Each, Carried, Part, Mentions, Address or Implied, not 'part'": (
        lambda: Spell("quality", how="part")  # type: ignore[arg-type]
    ),
    "type of Parameter 'steps' is a type, such as int, not 'int'": lambda: parameter(type="int"),
    "rules of Parameter 'steps' is a tuple of rules; a tuple of one has a comma": (
        lambda: parameter(rules=Range(1, 50))
    ),
    "rules of Parameter 'steps' is a tuple of rules, such as (Range(1, 10),), not Range": (
        lambda: parameter(rules=(Range,))
    ),
    "values of Enum is a tuple of those that may be given; a tuple of one has a comma": (
        lambda: Enum("hd")  # type: ignore[arg-type]
    ),
    "no value is within a Range from 10 to 1; its minimum is the smaller one": lambda: Range(10, 1),
    "no value is within a Length from 9 to 5; its minimum is the smaller one": lambda: Length(5, 9),
    "default of Parameter 'steps' breaks its own rule: 99 is not from 1 to 50": (
        lambda: parameter(rules=(Range(1, 50),), default=99)
    ),
    "default of Parameter 'steps' is of type int, not '9'": lambda: parameter(default="9"),
    "name of Host 'My Pond' is what users type before the colon, small letters, digits, dots and": (
        lambda: Host("My Pond", "Pond", "https://api.example.com", AUTH)
    ),
    "name of Host 'pond:eu' is what users type before the colon": (
        lambda: Host("pond:eu", "Pond", "https://api.example.com", AUTH)
    ),
    "auth of Host 'pond' is a way to sign, such as Bearer(('POND_API_KEY',)) or NoAuth(), not <t": (
        lambda: host(auth=Headers())
    ),
    "minimum of Range is a number, not '1'": lambda: Range("1", 10),  # type: ignore[arg-type]
    "unit of Length is one of characters, words, Chinese characters, items, not 'letters'": (
        lambda: Length(10, unit="letters")
    ),
    "date of Fact is a day such as '2026-11-29', not '29.11.2026'": (
        lambda: Fact("https://docs.example", "29.11.2026")
    ),
    "aliases of Model 'lily-1' is a tuple of texts; a tuple of one has a comma: ('lily',)": (
        lambda: Model("lily-1", "Lily 1", aliases="lily")  # type: ignore[arg-type]
    ),
    "models of Family 'lily' is a tuple of models; a tuple of one has a comma": (
        lambda: Family("lily", "Lily", Model("lily-1", "Lily 1"))  # type: ignore[arg-type]
    ),
    "blobs of Wire 'lily' is a frozenset of names of fields, not {'b64_json'}": (
        lambda: Wire("lily", blobs={"b64_json"})  # type: ignore[arg-type]
    ),
    "an ErrorRow of HostUnavailable that is retryable says what was charged: charged=Charged.NO": (
        lambda: ErrorRow(HostUnavailable, code="500", retryable=True)
    ),
    "an ErrorRow of RateLimited says that a request that was charged may be sent again, which": (
        lambda: ErrorRow(RateLimited, code="slow", retryable=True, charged=Charged.YES)
    ),
    "retryable of an ErrorRow is True or False, not 'yes'": (
        lambda: ErrorRow(RateLimited, code="slow", retryable="yes")  # type: ignore[arg-type]
    ),
    "an ErrorRow is of a HostError such as RateLimited, not '402'": (
        lambda: ErrorRow("402")  # type: ignore[arg-type]
    ),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_mistake_is_one_sentence(sentence: str) -> None:
    with pytest.raises((TypeError, ValueError)) as told:
        MISTAKES[sentence]()
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


def test_a_key_that_stands_in_the_place_of_a_name_is_not_told() -> None:
    with pytest.raises(TypeError) as told:
        Bearer(("sk-live-1234",))
    assert "sk-live" not in str(told.value)


def test_a_host_may_have_a_word_of_its_own_before_the_key() -> None:
    auth = Bearer(("POND_API_KEY",), scheme="Key")
    assert auth.headers(Credential(api_key="k"), 0.0) == {"Authorization": "Key k"}


def test_what_is_right_is_taken() -> None:
    spells = (Spell("image", how=Carried(Carriage.BASE64)), Spell("size", values={"1K": "small"}))
    assert host(offers=(offer(spells=spells, paths={"edit": "/edit", "turbo": "/turbo"}),)).offers


def test_a_whole_number_may_be_the_default_of_a_float() -> None:
    assert Parameter("scale", float, (Range(1, 5),), default=3).default == 3
    with pytest.raises(TypeError, match="default of Parameter 'scale' is of type float, not True"):
        Parameter("scale", float, default=True)


def test_an_advice_is_no_rule_for_a_default() -> None:
    assert Parameter("prompt", str, (Length(3, advice=True),), default="a lily").default


def test_an_instance_that_a_user_makes_may_be_called_as_they_like() -> None:
    assert evolve(host(), name="My Pond", kind="pond").name == "My Pond"
