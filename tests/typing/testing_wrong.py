"""Slips in tests."""

from imagekit.testing import Answer, Answers, Cassette, HostSuite, Loopback, Seen, WireSuite
from imagekit.testing import Lopback  # wrong: attr-defined, reportAttributeAccessIssue

Answer("200")  # wrong: arg-type, reportArgumentType
Answer(body="text")  # wrong: arg-type, reportArgumentType
Answer(text="no")  # wrong: call-arg, reportCallIssue
Loopback({"data": []})  # wrong: arg-type, reportArgumentType
Loopback([Answer(), Answer()])  # wrong: arg-type, reportArgumentType
Cassette("corgi.json", "play")  # wrong: arg-type, reportArgumentType
Cassette("corgi.json", secret="secret")  # wrong: call-arg, reportCallIssue


def answered(seen: Seen) -> dict[str, str]:
    return {seen.path: seen.body}  # wrong: dict-item, reportReturnType


with Loopback(answered) as server:  # wrong: arg-type, reportArgumentType
    server.port  # wrong: attr-defined, reportAttributeAccessIssue


class TestGarden(HostSuite):
    plugin = "imagekit_garden"  # wrong: assignment, reportAssignmentType
    relaxed = {"FaultChecks"}  # wrong: assignment, reportAssignmentType


class TestWire(WireSuite):
    answers = Answers  # wrong: assignment, reportAssignmentType


class LilyAnswers(Answers):
    def link(self, address: int) -> str:  # wrong: override, reportIncompatibleMethodOverride
        return str(address)
