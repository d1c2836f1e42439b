"""What becomes of one request that fails at its first host in some way, and may go to a second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import evolve, frozen
from imagekit_sandbox.serving import Upstreams

from imagekit import Alias, Client, Config, HostSettings, ImagekitError, Plugins, Result
from imagekit.events import Event, FailedOver

__all__ = ["FAILURES", "MODELS", "Outcome", "outcome_of"]

#: What the sandbox does on demand; the rest is what the network does.
OF_THE_HOST = (
    *("401", "402", "403", "404", "429", "429:90", "500", "502", "503", "503:5", "504"),
    *("html:200", "html:403", "html:429", "html:502", "html:503", "redirect", "error-200"),
    *("moderated", "moderated-item", "smaller", "wrong-type", "not-a-picture"),
    *("truncated-base64", "expired", "new-link", "job-fails"),
    *("truncated", "lost", "lost:429", "lost:503"),
)
OF_THE_NETWORK = {
    "refused": "http://127.0.0.1:1",  # where nobody listens
    "unresolved": "http://host.invalid",
    "no TLS": "https://{authority}",
}
FAILURES = (*OF_THE_HOST, *OF_THE_NETWORK)

#: host -> a model that it has.
MODELS = {
    "ark": "seedream-4.5",
    "bigmodel": "glm-image",
    "fal": "flux-2-pro",
    "gemini": "nano-banana",
    "klingai": "kling-v3",
    "klingai-cn": "kling-v3",
    "modelark": "seedream-4.5",
    "modelark-eu": "seedream-5.0-lite",
    "openai": "gpt-image-2",
    "openrouter": "flux-2-pro",
    "powertokens": "seedream-4.5",
    "sglang": "glm-image",
    "token360": "seedream-4.5",
    "zai": "glm-image",
}


@frozen
class Outcome:
    """How it ended.

    Attributes:
        how: ``made`` at the first host, ``moved`` and made at the second, or ``stayed``: an error.
        told: by an event, and where there is a picture by a note and on the receipt.
        purchases: how many requests were billed.
        error: what it ended with.
    """

    how: str
    told: bool
    purchases: int
    error: ImagekitError | None = None

    def __str__(self) -> str:
        charged = f" {self.error.charged}" if self.error else ""
        return f"{self.how}{charged}"


def outcome_of(upstreams: Upstreams, plugins: Plugins, host: str, failure: str) -> Outcome:
    upstreams.reset()
    moved: list[Event] = []

    def note(event: Event) -> None:
        if isinstance(event, FailedOver):
            moved.append(event)

    with _client(upstreams, plugins, host, failure, note) as client:
        try:
            result = client.generate("a heron", model="poster", **_given(client, failure))
        except ImagekitError as error:
            return Outcome("stayed", not moved, _purchases(upstreams), error)
    how = "moved" if result.host == "second" else "made"
    return Outcome(how, _is_told(result, moved), _purchases(upstreams))


def _given(client: Client, failure: str) -> Mapping[str, Any]:
    takes = "response_format" in client.route("poster").accepted
    wanted = takes and failure == "truncated-base64"
    return {"response_format": "b64_json"} if wanted else {}


def _purchases(upstreams: Upstreams) -> int:
    return sum(1 for entry in upstreams.ledger.entries if entry.pictures)


def _is_told(result: Result, moved: list[Event]) -> bool:
    (line,) = (line for line in result.receipt.lines if line.parameter == "model")
    told = [bool(moved), any("certainly free" in n for n in result.notes), "free" in line.note]
    return all(told) if result.host == "second" else not any(told)


@contextmanager
def _client(
    upstreams: Upstreams, plugins: Plugins, host: str, failure: str, note: Any
) -> Iterator[Client]:
    """Its alias goes to a host that fails, and then to another of the same kind that is well."""
    well = upstreams.configuration().hosts[host]
    fails = evolve(well, headers={"X-Sandbox-Fault": failure})
    if failure in OF_THE_NETWORK:
        address = OF_THE_NETWORK[failure].format(authority=upstreams.url.partition("//")[2])
        fails = evolve(well, base_url=address)
    hosts: dict[str, HostSettings] = {host: fails, "second": evolve(well, kind=host)}
    model = f"{MODELS[host]}"
    alias = Alias(model, hosts=(host, "second"), failover=True)
    config = Config(models={"poster": alias}, hosts=hosts)
    with Client(
        config=config, plugins=plugins, environment={}, sleep=lambda _: None, observers=[note]
    ) as client:
        yield client
