"""What ends a job of fal's, and what is only said by somebody on the way to it."""

import pytest

from imagekit import Client, HostError, HostSettings
from imagekit.testing import Answer, Loopback

COMPLETED = {"request_id": "r1", "status": "COMPLETED"}
PICTURE = {"images": [{"url": "https://pictures.invalid/1.png"}]}


def job(*answers):
    """What comes of a job that is answered so after its ticket, and the paths asked for."""
    with Loopback() as server:
        links = {"status_url": f"{server.url}/status", "response_url": f"{server.url}/result"}
        ticket = {"request_id": "r1", "status": "IN_QUEUE", **links}
        server.script(*(Answer(code, json=said) for code, said in ((200, ticket), *answers)))
        with Client(
            environment={"FAL_KEY": "a-key"},
            hosts={"fal": HostSettings(base_url=server.url)},
            sleep=lambda seconds: None,
        ) as client:
            try:
                came = client.generate("a heron", model="fal:flux-2-pro", fetch=False)
            except HostError as error:
                came = error
        made, *asked = server.seen
        assert [made.method, *(one.method for one in asked)] == ["POST", *["GET"] * len(asked)]
        return came, [one.path for one in asked]


PAGES = {
    "401": (401, {"error": {"message": "bad key", "type": "authorization_error"}}),
    "a 401 that is done": (401, {"status": "done", "message": "no"}),
    "403 of a firewall": (403, {"code": "1020", "message": "Access denied"}),
    "404": (404, {"error": {"code": "not_found", "message": "no such route"}}),
    "422 of a firewall": (422, {"detail": "blocked by policy"}),
    "429": (429, {"error": {"code": "rate_limited", "message": "slow down"}}),
    "502": (502, {"status": "ok", "error": "bad gateway"}),
    "503": (503, {"status": 503, "error": "Service Unavailable", "message": "no", "path": "/"}),
    "a login page": (200, {"status": "success", "error": "log in first"}),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("before", [[], [(200, COMPLETED)]], ids=["status", "result"])
def test_a_page_of_somebody_on_the_way_is_no_end(before, page):
    error, _ = job(*before, PAGES[page])
    assert not error.final
    assert error.pending.task == "r1"
    assert str(error.charged) == "maybe"


@pytest.mark.parametrize(
    "said",
    [
        (422, {"detail": [{"loc": ["body"], "msg": "no", "type": "value_error"}]}),
        (400, {"detail": "no", "error_type": "bad_request"}),
        (500, {"detail": "no", "error_type": "internal_error"}),
        (503, {"detail": "no", "error_type": "runner_connection_error"}),
        (200, {**COMPLETED, "error": "no", "error_type": "request_timeout"}),
    ],
)
def test_fals_own_word_for_it_is_the_end(said):
    error, asked = job((200, COMPLETED), said)
    assert (error.final, error.pending) == (True, None)
    assert asked == ["/status", "/result"]


def test_an_empty_list_is_no_end_while_the_job_goes_on():
    running = {"request_id": "r1", "status": "IN_PROGRESS", "images": []}
    result, asked = job((200, running), (200, COMPLETED), (200, running), (200, PICTURE))
    assert len(result.images) == 1
    assert asked == ["/status", "/status", "/result", "/status"]


def test_an_empty_list_is_the_end_of_a_job_that_is_done():
    error, _ = job((200, COMPLETED), (200, {"images": []}))
    assert (type(error).__name__, error.final) == ("NoPictures", True)


def test_a_look_that_says_nothing_is_trouble_which_is_told_when_it_stays():
    error, asked = job((200, {}))
    assert str(error) == "fal answered HTTP 200 with a job without its status"
    assert (error.final, error.pending.task, str(error.charged)) == (False, "r1", "maybe")
    assert asked == ["/status"] * 20  # five looks, each of them four times


def test_a_look_that_says_nothing_is_no_end_while_the_next_one_says_more():
    result, asked = job((200, {}), (200, COMPLETED), (200, PICTURE))
    assert len(result.images) == 1
    assert asked == ["/status", "/status", "/result"]
