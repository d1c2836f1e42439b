"""What only hosts can tell: whether they are there, whether they take a key, what they have, and
what time it is. Nothing that is asked costs anything."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime

from imagekit import (
    AuthenticationError,
    Catalogue,
    Client,
    ConfigurationError,
    Host,
    ImagekitError,
    PermissionDenied,
    Request,
)
from imagekit.basics.urls import in_clear, origin
from imagekit.send.sockets.proxies import Way, split
from imagekit.send.transport import Transport
from imagekit.values.check import FAILED, OK, WARNING, Check

__all__ = ["Asked", "clock"]

#: Seconds for a connection, and for each silence of an answer.
SECONDS = 5.0
#: Seconds by which a clock may be wrong: signed tokens are good for minutes.
SKEWED, WRONG = 30, 300


class Asked:
    """What one host says. Each method may run in a thread of its own.

    Attributes:
        ahead: seconds by which our clock is ahead of the host's, once it has answered.
    """

    def __init__(self, client: Client, host: Host) -> None:
        self.client, self.host = client, host
        self.ahead: float | None = None

    def checks(self) -> Iterator[Check]:
        """Where it is first: who is not there is asked for nothing else."""
        reached = self.address()
        yield reached
        if reached.state == OK:
            yield from self.key()

    def broken(self, error: BaseException) -> Check:
        """What nobody has foreseen."""
        why = f"{type(error).__name__} while it was asked: {error}"
        return Check("address", self.host.name, FAILED, why, "tell the plugin's author")

    def silent(self, seconds: float) -> Check:
        why = f"no answer within {seconds:.0f} s"
        return Check("address", self.host.name, WARNING, why, "try again, or look at the network")

    def address(self) -> Check:
        """Whether anybody answers there, without a key: names, connection and TLS."""
        address = origin(self.client.address(self.host))
        request = Request("GET", f"{address}/", {}, None, "models", True)
        begun, transport = time.monotonic(), Transport(1, SECONDS, SECONDS)
        try:
            reply = transport.send(request)
            reply.stream.close()
        except ImagekitError as error:
            mend = "look at the address, the network and the proxy (HTTPS_PROXY, NO_PROXY)"
            return Check("address", self.host.name, FAILED, str(error), mend)
        finally:
            transport.close()
        self._tell_time(reply.headers)
        took = time.monotonic() - begun
        return Check(
            "address", self.host.name, OK, f"{address} answers{_by_proxy(address)}, in {took:.1f} s"
        )

    def key(self) -> Iterator[Check]:
        """Whether its key is taken, by a question that is free; and what its answer says of
        what the plugin declares."""
        name, source = self.host.name, self.client.credential_source(self.host)
        if source is None:
            advice = self.client.credential_advice(self.host)
            yield Check("key", name, WARNING, "there is none", advice)
        elif in_clear(self.client.address(self.host)) and self.host.auth.variables:
            why = "not tried: it would go over plain http, where others can read it"
            yield Check("key", name, WARNING, why, "give the host an https address")
        elif self.host.models_at is None and self.host.records_at is None:
            yield Check("key", name, OK, f"from {source}; not tried: the host has no free call")
        else:
            yield from self._tried(source)

    def _tried(self, source: str) -> Iterator[Check]:
        name = self.host.name
        try:
            found = self._free_call()
        except (AuthenticationError, PermissionDenied, ConfigurationError) as error:
            mend = self.client.credential_advice(self.host)
            mend += f"; keys are made at {self.host.keys_url}" if self.host.keys_url else ""
            yield Check("key", name, FAILED, f"from {source}: {error}", mend)
        except ImagekitError as error:
            why = f"from {source}; whether it is taken is not known: {error}"
            yield Check("key", name, WARNING, why, "try again later")
        else:
            of = "models" if found else "records"
            yield Check("key", name, OK, f"from {source}; its list of {of} came with it")
            if found is not None:
                yield from _contradicted(found)

    def _free_call(self) -> Catalogue | None:
        if self.host.models_at is not None:
            return self.client.models_at(self.host.name)
        self.client.records(self.host.name).list(limit=1)
        return None

    def _tell_time(self, headers: Mapping[str, str]) -> None:
        with suppress(TypeError, ValueError):  # whatever it says is its own
            self.ahead = time.time() - parsedate_to_datetime(headers.get("date", "")).timestamp()


def _contradicted(found: Catalogue) -> Iterator[Check]:
    """What is declared, and not in the host's own list."""
    missing = [one for one in found.declared if not one.there]
    for one in missing:
        instead = f"; it is there as {one.other}" if one.other else ""
        near = f"; much like it are {', '.join(one.near)}" if one.near else ""
        why = f"{one.model} is declared as {one.id}, which its list lacks{instead or near}"
        mend = f"imagekit models --at {found.host} says what to set as remote_ids"
        yield Check("facts", found.host, WARNING, why, mend)
    if not missing:
        there = f"its list has all {len(found.declared)} models that are declared"
        yield Check("facts", found.host, OK, there)


def _by_proxy(address: str) -> str:
    """Half a sentence about the proxy that leads there, if any."""
    proxy = Way.to(split(address)[0], None).proxy
    return f" through the proxy at {proxy.proxy.host}" if proxy and proxy.proxy else ""


def clock(asked: Sequence[Asked]) -> Check:
    """Our clock against those of hosts that have answered; the one that agrees best counts, as a
    host may be wrong, too."""
    told = [one.ahead for one in asked if one.ahead is not None]
    if not told:
        return Check("clock", "", OK, "not looked at: no host has said what time it is")
    ahead = min(told, key=abs)
    by = f"{abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} what hosts say"
    if abs(ahead) <= SKEWED:
        return Check("clock", "", OK, f"right, by {len(told)} hosts")
    mend = "set it: signed keys are refused when it is wrong"
    return Check("clock", "", FAILED if abs(ahead) > WRONG else WARNING, by, mend)
