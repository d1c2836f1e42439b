"""Every kind of failure at every host: the request goes on only where that is certainly right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from imagekit_sandbox.serving import Upstreams

from imagekit import Plugins
from tests.failover.failing import FAILURES, MODELS, OF_THE_NETWORK, outcome_of

#: A host that bills a picture and then says, in its own envelope, that the request was free, is
#: believed: nobody can tell. These faults play one, where that envelope is such a word.
LIES = ("lost:429", "lost:503")


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Upstreams, Plugins]]:
    with Upstreams() as upstreams:
        yield upstreams, Plugins.load({})


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("host", MODELS)
def test_a_failure_is_one_purchase_at_most(
    world: tuple[Upstreams, Plugins], host: str, failure: str
) -> None:
    outcome = outcome_of(*world, host, failure)
    assert outcome.told
    believed = failure in LIES and outcome.how == "moved"
    if outcome.how == "stayed":
        assert outcome.purchases <= 1
        assert any("was not asked: " in note for note in outcome.error.__notes__)
    else:
        assert outcome.purchases == 1 + believed


@pytest.mark.parametrize("host", MODELS)
def test_what_is_refused_for_its_content_is_no_other_hosts_to_judge(
    world: tuple[Upstreams, Plugins], host: str
) -> None:
    assert outcome_of(*world, host, "moderated").how == "stayed"


@pytest.mark.parametrize("failure", OF_THE_NETWORK)
@pytest.mark.parametrize("host", MODELS)
def test_a_host_that_can_not_be_reached_has_the_next_one_asked(
    world: tuple[Upstreams, Plugins], host: str, failure: str
) -> None:
    assert outcome_of(*world, host, failure).how == "moved"
