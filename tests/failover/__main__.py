"""Prints a table: failures down, hosts across, and what became of the request."""

from __future__ import annotations

from imagekit_sandbox.serving import Upstreams

from imagekit import Plugins
from tests.failover.failing import FAILURES, MODELS, Outcome, outcome_of


def main() -> None:
    plugins = Plugins.load({})
    with Upstreams() as upstreams:
        found = {
            (failure, host): outcome_of(upstreams, plugins, host, failure)
            for failure in FAILURES
            for host in MODELS
        }
    print("|".join(["failure".ljust(18), *MODELS]))
    for failure in FAILURES:
        told = [str(found[failure, host]).ljust(len(host)) for host in MODELS]
        print("|".join([failure.ljust(18), *told]))
    print(_sums(list(found.values())))


def _sums(outcomes: list[Outcome]) -> str:
    ways = [one.how for one in outcomes]
    counted = ", ".join(f"{ways.count(how)} {how}" for how in ("made", "moved", "stayed"))
    twice = sum(one.purchases > 1 for one in outcomes)
    return f"{len(outcomes)} requests: {counted}; {twice} bought twice"


if __name__ == "__main__":
    main()
