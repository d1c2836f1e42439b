"""Pictures come with the result: links are fetched before the caller gets it."""

from __future__ import annotations

import pickle
import threading

import pytest

from imagekit import Charged, Client, DownloadError, Host, NoAuth, Offer, Plugins, events, hookimpl
from imagekit.testing.loopback import Answer, Loopback, Seen


def links(server: Loopback, count: int) -> Answer:
    return Answer(json={"data": [{"url": f"{server.url}/{at}.png?sig=s"} for at in range(count)]})


def gallery(pictures, count: int = 1):
    """A host that answers with links, and serves what is behind them."""

    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            base = f"http://{seen.headers['host']}"
            return Answer(json={"data": [{"url": f"{base}/{at}.png"} for at in range(count)]})
        return pictures(int(seen.path.strip("/").partition(".")[0]))

    return Loopback(answer)


def test_the_picture_is_here_when_the_client_is_closed(garden, png):
    with gallery(lambda at: Answer(body=png)) as server, garden(server.url) as client:
        result = client.generate("a lily", model="lily-1")
    assert result.image.read() == png
    assert result.image.pixels == (2, 1)


def test_links_are_fetched_side_by_side(garden, png):
    together = threading.Barrier(4, timeout=60)

    def picture(at: int) -> Answer:
        together.wait()
        return Answer(body=png)

    with gallery(picture, 4) as server:
        result = garden(server.url).generate("lilies", model="lily-1")
    assert [image.read() for image in result.images] == [png] * 4


def test_a_link_that_leads_nowhere_stays_with_its_reason_and_the_others_are_here(garden, png):
    def picture(at: int) -> Answer:
        return Answer(410) if at == 1 else Answer(body=png)

    with gallery(picture, 3) as server:
        result = garden(server.url).generate("lilies", model="lily-1")
    first, second, third = result.images
    assert first.read() == third.read() == png
    assert second.error.type == "DownloadError"
    assert (second.error.status, second.error.charged) == (410, Charged.YES)
    with pytest.raises(DownloadError, match="410"):
        second.read()
    assert any("picture 2 could not be fetched" in note for note in result.notes)


@pytest.mark.parametrize("status", [403, 404, 429])
def test_a_link_that_is_new_is_given_some_seconds(garden, png, naps, status):
    answers = iter([Answer(status), Answer(status), Answer(body=png)])
    with gallery(lambda at: next(answers)) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert result.image.read() == png
    assert sum(naps) > 0


def test_patience_with_a_new_link_comes_to_an_end(garden, naps):
    with gallery(lambda at: Answer(404)) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert result.image.error.status == 404
    assert 4 < sum(naps) <= 6


def test_a_host_may_ask_for_more_patience(garden, png, naps):
    class Slow:
        @hookimpl
        def imagekit_hosts(self):
            offers = (Offer("lily-1", "lily", "openai-images"),)
            return [Host("mere", "Mere", server.url, NoAuth(), offers, fresh_links=30.0)]

    answers = iter([*[Answer(404)] * 10, Answer(body=png)])
    with gallery(lambda at: next(answers)) as server:
        result = garden(server.url, Slow()).generate("a lily", model="mere:lily-1")
    assert result.image.read() == png
    assert sum(naps) > 6


def test_fetch_false_leaves_links_alone(garden):
    with gallery(lambda at: Answer(500), 2) as server:
        result = garden(server.url).generate("lilies", model="lily-1", fetch=False)
    assert [seen.method for seen in server.seen] == ["POST"]
    assert [image.is_here for image in result.images] == [False, False]


def test_any_picture_with_a_link_can_be_fetched_later_and_elsewhere(garden, png):
    """After pickle, by another client, as in a job queue."""
    with gallery(lambda at: Answer(body=png)) as server:
        result = garden(server.url).generate("a lily", model="lily-1", fetch=False)
        travelled = pickle.loads(pickle.dumps(result)).image
        with pytest.raises(DownloadError, match=r"Client\.fetch"):
            travelled.read()
        assert garden(server.url).fetch(travelled) is travelled
    assert travelled.read() == png


def test_fetching_again_after_a_failure(garden, png):
    answers = iter([Answer(410), Answer(body=png)])
    with gallery(lambda at: next(answers)) as server:
        client = garden(server.url)
        image = client.generate("a lily", model="lily-1").image
        assert client.fetch(image).read() == png
    assert image.error is None


def test_a_picture_of_a_host_that_is_not_installed_is_fetched_by_the_rules_for_strangers(png):
    """So not from loopback, whoever wrote the picture into the queue."""
    with gallery(lambda at: Answer(body=png)) as server, Client(plugins=Plugins.of()) as client:
        from imagekit import Image

        with pytest.raises(DownloadError):
            client.fetch(Image(0, url=f"{server.url}/0.png", host="nobody"))
        assert server.seen == []


def test_the_deadline_counts_for_links_too(garden, png):
    slow = Answer(body=png * 4000, drip=0.01)
    with gallery(lambda at: slow) as server:
        result = garden(server.url).generate("a lily", model="lily-1", deadline=1.0)
    assert "in time" in str(result.image.error)
    assert result.image.error.retryable


def test_a_picture_is_told_of_once_it_is_here(garden, png):
    seen: list[events.Event] = []

    def watch(event: events.Event) -> None:
        seen.append(event)
        if isinstance(event, events.Picture):
            assert event.image.is_here

    with gallery(lambda at: Answer(body=png) if at else Answer(410), 2) as server:
        garden(server.url, observers=[watch]).generate("lilies", model="lily-1")
    kinds = [type(event).__name__ for event in seen if event.step == "generate"]
    assert sorted(kinds[2:]) == ["Finished", "Picture", "PictureFailed"]


def test_every_event_names_its_call_and_the_time(garden, png):
    seen: list[events.Event] = []
    with gallery(lambda at: Answer(body=png)) as server:
        client = garden(server.url, observers=[seen.append])
        client.generate("a lily", model="lily-1")
        client.generate("a lily", model="lily-1")
    assert len({event.call for event in seen}) == 2
    assert all(event.at > 1e9 for event in seen)


def test_bytes_are_no_link(png):
    """A slip of wires, whose field of links may hold a picture itself."""
    from imagekit import Image
    from imagekit.basics.blob import Blob

    with pytest.raises(TypeError, match="bytes are its blob"):
        Image(0, url=Blob.of(png))
