"""OpenAI's Images API: OpenAI itself, servers that people run themselves, and gateways.

One wire, and a host for each kind of server: what differs between them is data, so that a
configuration says ``kind = "sglang"`` and no more.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import Host, Wire, hookimpl
from imagekit_openai_compatible.openai import OPENAI
from imagekit_openai_compatible.servers import SERVERS
from imagekit_openai_compatible.wire import OpenAIEdits

HOSTS = (OPENAI, *SERVERS)


@hookimpl
def imagekit_wires() -> Iterable[Wire]:
    return [OpenAIEdits()]


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
