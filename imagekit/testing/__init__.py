"""For tests of programs and plugins that use imagekit.

`Loopback` is a server that answers what a test tells it to. `FamilySuite`, `WireSuite` and
`HostSuite` are the conformance kit: see docs/conformance.md. `SharedSuite` is for whoever counts
limits and budgets: see docs/shared-limits.md. The suites need pytest, which
``pip install 'imagekit[testing]'`` brings.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from imagekit.testing.cassette.cassette import Cassette
from imagekit.testing.loopback import Answer, Loopback, Seen

if TYPE_CHECKING:
    from imagekit.testing.answers import Answers, Job, OpenAIAnswers
    from imagekit.testing.kit.family_suite import FamilySuite
    from imagekit.testing.kit.host_suite import HostSuite
    from imagekit.testing.kit.shared_suite import SharedSuite
    from imagekit.testing.kit.wire_suite import WireSuite
    from imagekit.testing.pictures import picture, picture_base64

__all__ = [
    "Answer",
    "Answers",
    "Cassette",
    "FamilySuite",
    "HostSuite",
    "Job",
    "Loopback",
    "OpenAIAnswers",
    "Seen",
    "SharedSuite",
    "WireSuite",
    "picture",
    "picture_base64",
]

#: What is looked up when it is used: the suites import pytest.
_HOME = {
    "Answers": "answers",
    "FamilySuite": "kit.family_suite",
    "HostSuite": "kit.host_suite",
    "Job": "answers",
    "OpenAIAnswers": "answers",
    "SharedSuite": "kit.shared_suite",
    "WireSuite": "kit.wire_suite",
    "picture": "pictures",
    "picture_base64": "pictures",
}


def _rewrite(home: str) -> None:
    """Have pytest explain the assertions of the suites, too, as it does those of tests."""
    if home.startswith("kit.") and f"{__name__}.kit" not in sys.modules:
        import pytest

        pytest.register_assert_rewrite(f"{__name__}.kit")


if not TYPE_CHECKING:  # who would else take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name in _HOME:
            _rewrite(_HOME[name])
            return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]
