"""The real host plugins against the sandbox's upstreams, over real sockets, when things go wrong.

Every failure, at every host: the right error, whether it may be tried again, whether it was
charged, which pictures are kept, and what the upstream's ledger says about it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import urllib3
from attrs import frozen
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_sandbox.serving.faults.catalogue import CATALOGUE

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    Client,
    DeadlineExceeded,
    DownloadError,
    HostError,
    HostUnavailable,
    ImagekitError,
    ModelUnavailable,
    Moderated,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Result,
    Retry,
    UnreadableAnswer,
)

HOSTS = ("powertokens", "token360", "ark", "modelark")
NO, MAYBE, YES = Charged.NO, Charged.MAYBE, Charged.YES

each_host = pytest.mark.parametrize("host", HOSTS)


def draw(client: Client, host: str, prompt: str = "a heron", **given: object) -> Result:
    """One small picture; each of a group of five when the prompt says so."""
    if "five" in prompt:
        given["sequential_image_generation"] = "auto"
    return client.generate(prompt, model=f"{host}:seedream-4.0", size="1024x1024", **given)  # type: ignore[arg-type]


# --- no picture ----------------------------------------------------------------------------


@frozen
class Ends:
    """How a call ends that gives no picture, and how many pictures were billed all the same."""

    error: type[ImagekitError]
    charged: Charged
    retryable: bool = False
    billed: int = 0
    b64: bool = False


#: fault -> how it ends at PowerTokens, which documents no refusal, and at the others where that
#: is different: only what a host's own code says is certain to be free.
ENDS: dict[str, tuple[Ends, ...]] = {
    "401": (Ends(AuthenticationError, NO),),
    "402": (Ends(BillingError, MAYBE), Ends(BillingError, NO)),
    "403": (Ends(PermissionDenied, MAYBE), Ends(PermissionDenied, NO)),
    "404": (Ends(ModelUnavailable, MAYBE), Ends(ModelUnavailable, NO)),
    "429:7": (Ends(RateLimited, MAYBE), Ends(RateLimited, NO, retryable=True)),
    "500": (Ends(HostUnavailable, MAYBE),),
    "502": (Ends(HostUnavailable, MAYBE),),
    "503": (Ends(HostUnavailable, MAYBE),),
    "504": (Ends(HostUnavailable, MAYBE),),
    "html:403": (Ends(PermissionDenied, MAYBE),),
    "html:502": (Ends(HostUnavailable, MAYBE),),
    "html:200": (Ends(UnreadableAnswer, MAYBE),),
    "error-200": (Ends(HostError, MAYBE),),
    "moderated": (Ends(Moderated, MAYBE),),
    "lost": (Ends(OutcomeUnknown, MAYBE, billed=1),),
    "lost:502": (Ends(HostUnavailable, MAYBE, billed=1),),
    "truncated": (Ends(UnreadableAnswer, MAYBE, billed=1),),
    "truncated-base64": (Ends(UnreadableAnswer, MAYBE, billed=1, b64=True),),
}
#: The maker of the models documents that a refusal for the content is not charged, and what
#: the code of an error inside a success means.
ARK = {
    "moderated": Ends(Moderated, NO),
    "error-200": Ends(HostUnavailable, MAYBE),
    "503": Ends(HostUnavailable, NO, retryable=True),  # a code of its own for an overload
}
OWN = {
    "ark": ARK,
    "modelark": ARK,
    "token360": {"error-200": Ends(HostUnavailable, MAYBE)},  # it writes a status as code
}
CASES = [
    pytest.param(
        host,
        fault,
        OWN.get(host, {}).get(fault, ends[min(place, len(ends) - 1)]),
        id=f"{host}-{fault}",
    )
    for fault, ends in ENDS.items()
    for place, host in enumerate(HOSTS)
]


@pytest.mark.parametrize(("host", "fault", "ends"), CASES)
def test_a_call_without_a_picture_ends_in_the_error_it_deserves(
    client, upstreams, host, fault, ends
):
    given = {"response_format": "b64_json"} if ends.b64 else {}
    with pytest.raises(ends.error) as caught:
        draw(client(upstreams, fault, retry=Retry(attempts=1)), host, **given)
    assert type(caught.value) is ends.error
    assert (caught.value.charged, caught.value.retryable) == (ends.charged, ends.retryable)
    assert upstreams.ledger.pictures == ends.billed
    assert "sandbox-any-key" not in f"{caught.value!r}{caught.value.__dict__}"


@pytest.mark.parametrize(("host", "fault", "ends"), CASES)
def test_no_failure_makes_it_buy_twice_however_patient_it_is(client, upstreams, host, fault, ends):
    given = {"response_format": "b64_json"} if ends.b64 else {}
    with pytest.raises(ends.error) as caught:
        draw(client(upstreams, fault, retry=Retry(attempts=5)), host, **given)
    billed = upstreams.ledger.entries
    assert len(billed) == (1 if ends.billed else 0)
    assert not billed or caught.value.charged is not NO
    safe = ends.retryable and ends.charged is NO
    assert len(upstreams.journal.entries) == (5 if safe else 1)


@pytest.mark.parametrize("host", ["token360", "ark", "modelark"])
def test_a_busy_host_is_asked_again_when_its_own_code_says_so_and_paid_once(client, naps, host):
    with Upstreams([Rule("429:3", times=2)]) as upstreams:
        result = draw(client(upstreams), host)
        assert len(result.images) == 1
        assert naps == [3.0, 3.0]
        assert [line.status for line in upstreams.journal.entries] == [429, 429, 200]
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("bad-1", AuthenticationError),
        ("broke-1", BillingError),
        ("frozen-1", AuthenticationError),
        ("barred-1", PermissionDenied),
    ],
)
@each_host
def test_a_key_that_does_not_work(client, upstreams, host, key, error):
    with pytest.raises(error) as caught:
        draw(client(upstreams, credentials={host: key}), host)
    documented = host != "powertokens" or error is AuthenticationError
    assert caught.value.charged is (NO if documented else MAYBE)
    assert upstreams.ledger.entries == ()


@each_host
def test_a_deadline_during_the_silence_is_told_as_maybe_paid(client, upstreams, host):
    with pytest.raises(DeadlineExceeded) as caught:
        draw(client(upstreams, "delay:600"), host, deadline=0.6)
    assert caught.value.charged is MAYBE
    assert upstreams.ledger.pictures == 1


def test_a_lost_picture_is_still_in_token360s_records(client, upstreams):
    """Which is the way back that this host offers."""
    with pytest.raises(OutcomeUnknown):
        draw(
            client(upstreams, "lost", credentials={"token360": "mine"}), "token360", "a lost heron"
        )
    headers = {"Authorization": "Bearer mine"}
    found = urllib3.request("GET", f"{upstreams.hosts['token360']}/images", headers=headers).json()
    assert [(one["prompt"], one["status"]) for one in found["data"]] == [
        ("a lost heron", "completed")
    ]
    assert urllib3.request("GET", found["data"][0]["url"]).status == 200
    assert upstreams.ledger.pictures == 1


# --- some pictures ---------------------------------------------------------------------------


@pytest.mark.parametrize("carried", ["url", "b64_json"])
@each_host
def test_one_refused_picture_of_five_leaves_four_and_four_are_paid(
    client, upstreams, host, carried
):
    result = draw(
        client(upstreams, "moderated-item:3"), host, "five herons", response_format=carried
    )
    assert [image.index for image in result.images] == [0, 1, 3, 4]
    (failure,) = result.failures
    assert (failure.index, failure.moderated) == (2, True)
    assert failure.code == "OutputImageSensitiveContentDetected"
    assert {image.pixels for image in result.images} == {(1024, 1024)}
    assert upstreams.ledger.pictures == 4


@each_host
def test_a_picture_that_broke_on_the_way_leaves_the_others(client, upstreams, host):
    broken = client(upstreams, "truncated-base64:2")
    result = draw(broken, host, "five herons", response_format="b64_json")
    assert [failure.index for failure in result.failures] == [1]
    assert {image.pixels for image in result.images} == {(1024, 1024)}
    assert upstreams.ledger.pictures == 5


@each_host
def test_a_smaller_picture_than_asked_is_noted(client, upstreams, host):
    result = draw(client(upstreams, "smaller"), host, response_format="b64_json")
    assert result.image.pixels == (512, 512)
    assert "picture 1: asked for 1024x1024, got 512x512" in result.notes


@each_host
def test_a_picture_that_is_nothing_like_its_tier_is_noted(client, upstreams, host):
    asked = {"prompt": "a heron", "model": f"{host}:seedream-4.0", "size": "1K"}
    smaller = client(upstreams, "smaller").generate(**asked)
    assert "picture 1: asked for 1K, got 512x512" in smaller.notes
    assert not [note for note in client(upstreams).generate(**asked).notes if "picture" in note]


@pytest.mark.parametrize("carried", ["url", "b64_json"])
@each_host
def test_a_picture_is_what_its_bytes_are_not_what_it_is_called(client, upstreams, host, carried):
    image = draw(client(upstreams, "wrong-type"), host, response_format=carried).image
    assert (image.media_type, image.extension) == ("image/png", ".png")
    assert image.url is None or ".jpeg?" in image.url


@each_host
def test_bytes_that_are_no_picture_are_said_to_be_none(client, upstreams, host):
    inline = draw(client(upstreams, "not-a-picture"), host, response_format="b64_json")
    assert inline.image.media_type is None
    assert "picture 1: its bytes are no known kind of picture" in inline.notes
    link = draw(client(upstreams, "not-a-picture"), host).image
    with pytest.raises(DownloadError, match="leads to text/html, not to a picture") as caught:
        link.read()
    assert caught.value.charged is YES


@each_host
def test_an_expired_link_is_told_as_paid_for_and_not_bought_again(client, upstreams, host):
    result = draw(client(upstreams, "expired"), host)
    with pytest.raises(DownloadError, match="the link may have expired") as caught:
        result.image.read()
    assert (caught.value.charged, caught.value.retryable) == (YES, False)
    assert "Signature" not in str(caught.value)
    assert upstreams.ledger.pictures == 1


@each_host
def test_a_link_that_is_too_new_is_waited_for(client, upstreams, host, naps):
    image = draw(client(upstreams, "new-link:2"), host).image
    assert image.pixels == (1024, 1024)
    assert naps[-2:] == [0.5, 1.0]
    assert upstreams.ledger.pictures == 1


def test_a_link_expires_by_itself(client):
    clock = [1_800_000_000.0]
    with Upstreams(link_lifetime=60, now=lambda: clock[0]) as upstreams:
        lazy = client(upstreams)
        early, late = (draw(lazy, "powertokens", fetch=False).image for _ in range(2))
        clock[0] += 59
        assert early.pixels == (1024, 1024)
        clock[0] += 2
        with pytest.raises(DownloadError, match="the link may have expired"):
            late.read()


@each_host
def test_a_download_that_breaks_off_is_done_again(client, upstreams, host, naps):
    image = draw(client(upstreams, "broken-link"), host).image
    assert image.pixels == (1024, 1024)
    assert len(naps) == 1
    assert upstreams.ledger.pictures == 1


@each_host
def test_an_answer_that_drips_is_read_to_its_end(client, upstreams, host):
    result = draw(client(upstreams, "drip:0.01"), host, response_format="b64_json")
    assert result.image.pixels == (1024, 1024)


@each_host
def test_an_answer_whose_head_drips_is_read_to_its_end(client, upstreams, host):
    result = draw(client(upstreams, "drip-head:0.01"), host, response_format="b64_json")
    assert result.image.pixels == (1024, 1024)


@each_host
def test_nobody_follows_a_redirect_to_a_stranger(client, upstreams, host):
    with pytest.raises(ImagekitError) as caught:
        draw(client(upstreams, "redirect:307", retry=Retry(attempts=3)), host)
    assert not isinstance(caught.value, OutcomeUnknown)  # which a lost key would have led to
    assert upstreams.ledger.pictures == 0
    assert len(upstreams.journal.entries) == 1


@pytest.mark.parametrize(
    ("model", "given"), [("klingai:kling-image-o1", {}), ("zai:glm-image", {"asynchronous": True})]
)
def test_a_job_that_fails_is_an_error_and_costs_nothing(client, upstreams, model, given):
    with pytest.raises(ImagekitError) as caught:
        client(upstreams, "job-fails").generate("a heron", model=model, **given)
    assert "sandbox:" not in str(caught.value)
    assert upstreams.ledger.pictures == 0


@each_host
def test_one_lost_call_of_three_leaves_two_pictures_and_three_are_paid(client, host):
    with Upstreams([Rule("lost", after=1, times=1)]) as upstreams:
        result = draw(client(upstreams), host, n=3)
        assert len(result.images) == 2
        assert len(result.failures) == 1
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1, 1, 1]


# --- together ---------------------------------------------------------------------------------


def test_what_a_client_believes_it_paid_is_what_the_ledger_says(client):
    """Sixteen calls at once at a host in trouble: every picture got or maybe lost, none twice."""
    rules = [
        Rule("429:0", probability=0.3),
        Rule("lost", probability=0.2),
        Rule("moderated-item:3", probability=0.3),
    ]
    with Upstreams(rules, seed=7, latency="uniform:0,0.02") as upstreams:
        shared, got, lost = client(upstreams, concurrency=8), [], []

        def call() -> None:
            try:
                got.append(draw(shared, "ark", "five herons"))
            except OutcomeUnknown as error:
                lost.append(error)

        threads = [threading.Thread(target=call) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        entries = upstreams.ledger.entries
        assert len(got) + len(lost) == len(entries) == 16
        kept = sum(len(result.images) for result in got)
        assert lost
        assert kept < upstreams.ledger.pictures <= kept + 5 * len(lost)


def test_every_failure_there_is_is_tried_here_and_told_on_its_page() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [name for name in CATALOGUE if f'"{name}' not in here or f"`{name}" not in page] == []
