"""A price: what a host's list asks for a picture, by what it is like, or for tokens. Data.

What it comes to for a call is an estimate, and no bill; what nobody says stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from attrs import Attribute, field

from imagekit.basics.classes import frozen
from imagekit.values.cost import BY_LIST, Cost, exact, money

if TYPE_CHECKING:
    from imagekit.declare.fact import Fact
    from imagekit.values import Usage

__all__ = ["CostsIn", "Picture", "Price", "Rate", "TokenPrice"]


def _amount(value: Any) -> Decimal | None:
    return None if value is None else money(value)


def _is_currency(_: Any, attribute: Attribute[str], value: str) -> None:
    if not isinstance(value, str) or not value.strip().isalpha():
        raise ValueError(f"a price is in a currency, such as USD, and not in {value!r}")


def _is_day(_: Any, attribute: Attribute[str], value: str) -> None:
    try:
        if value and (len(value) != len("2026-11-29") or not date.fromisoformat(value)):
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(f"{attribute.name} is a day such as 2026-11-29, not {value!r}") from None


@frozen
class CostsIn:
    """In which currency the answers of a host say what a call has cost (``usage.cost``), and
    where that is documented. Then 0 means that it was free; else it says nothing.
    """

    currency: str
    fact: Fact | None = None


@frozen
class Picture:
    """What a price may depend on, of one picture. None is what nobody can say beforehand.

    Attributes:
        tier: such as ``2K``.
        pixels: width times height, of the smallest and the largest that it may be.
        quality: the canonical word for it.
        given: the names of the parameters that were given for it, but for those that are False.
    """

    tier: str | None = None
    pixels: tuple[int, int] | None = None
    quality: str | None = None
    given: frozenset[str] = frozenset()


_ANY = Picture()


@frozen
class Rate:
    """One line of a price list: what a picture costs that is like this.

    Attributes:
        amount: for one picture; as text, since a float is not exact. None: such a picture has
            a price, and nobody can say which.
        tier: of pictures of this tier only.
        quality: of pictures of this quality only.
        max_pixels: of pictures of so many pixels at most, width times height.
        given: of pictures for which this parameter is given, by its canonical name.
    """

    amount: Decimal | None = field(converter=_amount)
    tier: str = ""
    quality: str = ""
    max_pixels: int | None = None
    given: str = ""

    def fits(self, picture: Picture) -> bool | None:
        """Whether a picture is of this kind; None when nobody can say yet."""
        answers = (
            _is(self.tier, picture.tier),
            _is(self.quality, picture.quality),
            _within(self.max_pixels, picture.pixels),
            not self.given or self.given in picture.given,
        )
        if False in answers:
            return False
        return None if None in answers else True

    def describe(self) -> str:
        """Which pictures it is of: ``at 4K``."""
        kind = [f"at {self.tier}"] if self.tier else []
        kind += [f"of quality {self.quality}"] if self.quality else []
        kind += [f"up to {self.max_pixels:,} px"] if self.max_pixels is not None else []
        kind += [f"with {self.given}"] if self.given else []
        return " ".join(kind)


def _is(wanted: str, have: str | None) -> bool | None:
    if not wanted:
        return True
    return None if have is None else have == wanted


def _within(most: int | None, pixels: tuple[int, int] | None) -> bool | None:
    if most is None:
        return True
    if pixels is None or pixels[0] <= most < pixels[1]:
        return None
    return pixels[1] <= most


@frozen
class TokenPrice:
    """What ``per`` tokens cost, by what they are; None where the list says nothing of them.

    Attributes:
        text_input, image_input: of the words and the pictures that are sent.
        text_output, image_output: of the words and the pictures that come.
        per: for how many tokens.
    """

    text_input: Decimal | None = field(default=None, converter=_amount)
    image_input: Decimal | None = field(default=None, converter=_amount)
    text_output: Decimal | None = field(default=None, converter=_amount)
    image_output: Decimal | None = field(default=None, converter=_amount)
    per: int = 1_000_000

    def of(self, usage: Usage) -> Decimal | None:
        """What these tokens cost; None where a count or a price is missing."""
        parts = [*self._input(usage), *self._output(usage)]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) / self.per if len(known) == len(parts) else None

    def describe(self) -> str:
        """E.g. ``1,000,000 tokens: text in 5, images out 30``."""
        named = {
            "text in": self.text_input,
            "images in": self.image_input,
            "text out": self.text_output,
            "images out": self.image_output,
        }
        said = ", ".join(
            f"{name} {exact(rate)}" for name, rate in named.items() if rate is not None
        )
        return f"{self.per:,} tokens: {said}"

    def _input(self, usage: Usage) -> Iterator[Decimal | None]:
        text, image = usage.input_text_tokens, usage.input_image_tokens
        return _shares(usage.input_tokens, text, image, self.text_input, self.image_input)

    def _output(self, usage: Usage) -> Iterator[Decimal | None]:
        text, image = usage.output_text_tokens, usage.output_image_tokens
        return _shares(usage.output_tokens, text, image, self.text_output, self.image_output)


def _shares(
    all: int | None,
    text: int | None,
    image: int | None,
    text_rate: Decimal | None,
    image_rate: Decimal | None,
) -> Iterator[Decimal | None]:
    """Tokens times their price, by kind. Without shares there is one answer only where both
    kinds cost the same."""
    if text is None and image is None:
        yield _times(all, text_rate if text_rate == image_rate else None)
        return
    if all is not None:  # a share that is not counted is the rest
        text = all - image if text is None and image is not None else text
        image = all - text if image is None and text is not None else image
    yield _times(text, text_rate)
    yield _times(image, image_rate)


def _times(count: int | None, rate: Decimal | None) -> Decimal | None:
    if count == 0:
        return Decimal(0)
    return None if count is None or rate is None or count < 0 else rate * count


def _are_measured(references: Sequence[int | None] | int) -> bool:
    return references <= 0 if isinstance(references, int) else None not in references


@frozen
class Price:
    """What a host asks, by a list with a source and a date. For plans, never for billing.

    The simple case is ``Price("0.04", "USD", FACT)``; a table is
    ``Price(None, "USD", FACT, rates=(Rate("0.134", "1K"), Rate("0.24", "4K")))``.

    Attributes:
        amount: for one picture, as text, since a float is not exact; where there are
            ``rates``, for a picture that is of none of them. None is unknown, and never 0.
        currency: such as ``USD``.
        fact: whose list it is, and when it was read; unverified where a third party says so.
        rates: the lines of the list; the first that fits counts.
        reference: for each reference picture, besides; None when the list asks nothing.
        free_references: how many of them cost nothing.
        reference_area: the pixels that ``reference`` pays for: a larger picture costs it again
            for every so many that it begins. None: whatever their size, it costs it once.
        tokens: what tokens cost. After a call that counted them they say what it cost; before
            it, that is what the price of a picture is for.
        since, until: the first and the last day that the list holds for, ISO; empty when it
            does not say.

    Raises:
        TypeError: an amount is a float.
        ValueError: an amount is negative or no number, a day is none, or nothing has a price.
    """

    amount: Decimal | None = field(converter=_amount)
    currency: str = field(validator=_is_currency)
    fact: Fact
    rates: tuple[Rate, ...] = ()
    reference: Decimal | None = field(default=None, converter=_amount)
    free_references: int = 0
    reference_area: int | None = None
    tokens: TokenPrice | None = None
    since: str = field(default="", validator=_is_day)
    until: str = field(default="", validator=_is_day)

    def __attrs_post_init__(self) -> None:
        if self.amount is None and not self.rates and self.tokens is None:
            raise ValueError("a price says what something costs; where nobody does, leave it out")

    def estimate(
        self,
        pictures: int | None = 1,
        picture: Picture = _ANY,
        references: Sequence[int | None] | int = (),
        on: date | None = None,
    ) -> Cost:
        """What a call is expected to cost by this list.

        Args:
            pictures: how many it makes; None when that is the model's to decide.
            picture: what they are like.
            references: of each reference picture that goes with it, width times height; None
                where nobody has measured it. Or how many they are, where no more is known.
            on: the day of the call; today when not given.
        """
        if why := self.why_not(on or date.today()):
            return self._unknown(why)
        each = self._each(picture)
        besides = self._besides(references)
        if None in each:
            return self._unknown(self._why_no_picture(), besides)
        amounts = {amount for amount in each if amount is not None}
        least = min(amounts) * (1 if pictures is None else pictures) + besides
        if self.reference_area and not _are_measured(references):
            why = f"{self._each_reference()}, and a reference is not measured"
            return self._unknown(why, least)
        if len(amounts) > 1:
            span = f"{exact(min(amounts))} to {exact(max(amounts))} {self.currency} a picture"
            return self._unknown(f"{span}, by what comes", least)
        if pictures is None:
            asked = f"{exact(min(amounts))} {self.currency} a picture"
            return self._unknown(f"the model decides how many pictures it makes; {asked}", least)
        sent = self.tokens and (self.tokens.text_input or self.tokens.image_input)
        return self._of(least, "; the tokens of what is sent cost besides" if sent else "")

    def charged(
        self,
        usage: Usage | None,
        pictures: int | None,
        picture: Picture = _ANY,
        references: Sequence[int | None] | int = (),
        on: date | None = None,
    ) -> Cost:
        """What a call has cost by this list: by the tokens that the host counted, where those
        have a price; else as `estimate`, for the pictures that were made.
        """
        tokens = self.tokens.of(usage) if self.tokens and usage else None
        if tokens is not None and not self.why_not(on or date.today()):
            return self._of(tokens)
        if usage and usage.generated_images is not None and usage.generated_images >= 0:
            pictures = usage.generated_images
        return self.estimate(pictures, picture, references, on)

    def why_not(self, day: date) -> str:
        """Why this list does not hold for a day; empty when it does."""
        if self.since and day < date.fromisoformat(self.since):
            return f"the price known here holds from {self.since} on"
        if self.until and day > date.fromisoformat(self.until):
            return f"the price known here was good until {self.until}"
        return ""

    def describe(self) -> str:
        """The list in one line: ``0.134 USD at 1K or at 2K, 0.24 USD at 4K``."""
        said = [", ".join(self._lines())] if self.rates or self.amount is not None else []
        if self.reference is not None:
            said.append(self._each_reference())
        said += [f"{self.tokens.describe()} {self.currency}"] if self.tokens else []
        said += [f"from {self.since}"] if self.since else []
        said += [f"until {self.until}"] if self.until else []
        return "; ".join(said)

    def _lines(self) -> Iterator[str]:
        """The lines of the list, those that follow one another and cost the same as one."""
        for amount, rates in groupby(self.rates, key=lambda rate: rate.amount):
            yield f"{self._money(amount)} {' or '.join(rate.describe() for rate in rates)}"
        if self.amount is not None:
            yield self._money(self.amount) + (" for others" if self.rates else "")

    def _money(self, amount: Decimal | None) -> str:
        return "unknown" if amount is None else f"{exact(amount)} {self.currency}"

    def _each(self, picture: Picture) -> list[Decimal | None]:
        """What a picture may cost: one amount, unless nobody can say which line counts."""
        found: list[Decimal | None] = []
        for rate in self.rates:
            fits = rate.fits(picture)
            if fits is not False:
                found.append(rate.amount)
            if fits:
                return found
        return [*found, self.amount] if self.amount is not None or not found else found

    def _each_reference(self) -> str:
        after = f" after {self.free_references}" if self.free_references else ""
        begun = f" for every {self.reference_area:,} px begun" if self.reference_area else ""
        return f"each reference{after} {self._money(self.reference)}{begun}"

    def _besides(self, references: Sequence[int | None] | int) -> Decimal:
        """What the references cost at least: one that nobody has measured is a small one."""
        times = self._times_paid(references)
        return self.reference * times if self.reference and times else Decimal(0)

    def _times_paid(self, references: Sequence[int | None] | int) -> int:
        area, free = self.reference_area, self.free_references
        if isinstance(references, int):  # a host's number, of which no list is made
            return max(0, references - free)
        return sum(-(-(pixels or 1) // area) if area else 1 for pixels in references[free:])

    def _why_no_picture(self) -> str:
        if self.rates:
            return "the list has no line for such a picture"
        if self.tokens:
            return f"it is charged by tokens, which nobody can count before: {self.describe()}"
        return "the list says nothing of what a picture costs"

    def _of(self, amount: Decimal, besides: str = "") -> Cost:
        source = f"{self.fact.source}, {self.fact.date}{besides}"
        return Cost(amount, self.currency, BY_LIST, self.fact.unverified, why=source)

    def _unknown(self, why: str, least: Decimal = Decimal(0)) -> Cost:
        known = {self.currency: least} if least else {}
        return Cost(unverified=self.fact.unverified, known=known, why=why)
