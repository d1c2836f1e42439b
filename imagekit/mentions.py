"""Reference pictures that a prompt speaks of: ``@1`` is the first, ``@2`` the second.

Only a number of at most two digits that stands alone is meant: not a part of an e-mail
address (``me@1.example``), a name (``@1st_cat``) or a decimal number (``@1.5``).
"""

from __future__ import annotations

import re

__all__ = ["mentioned", "written"]

# Only ASCII counts as part of a word: Chinese has no spaces between words.
_MENTION = re.compile(r"(?<![A-Za-z0-9_@])@([0-9]{1,2})(?![A-Za-z0-9_]|\.[A-Za-z0-9])")


def mentioned(prompt: str) -> list[int]:
    """The numbers, in the order of the prompt."""
    return [int(number) for number in _MENTION.findall(prompt)]


def written(prompt: str, pattern: str) -> str:
    """The prompt with every mention in a host's own words, ``{}`` being the number."""
    return _MENTION.sub(lambda found: pattern.format(int(found[1])), prompt)
