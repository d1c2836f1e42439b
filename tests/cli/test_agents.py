"""`imagekit.tools.Studio`: whatever a language model asks for, it goes nowhere but where it may."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_sandbox.serving.configuration import settings, toml

from imagekit import (
    Charged,
    ConfigurationError,
    Failure,
    LimitReached,
    NotSent,
    OutcomeUnknown,
    Result,
    UsageError,
)
from imagekit.cli.app import run
from imagekit.errors import HostUnavailable, ImagekitError, RateLimited
from imagekit.testing import picture
from imagekit.tools import Made, Studio, plain, refusal

MODEL = "modelark:seedream-4.5"
BUDGET = "5 USD"


@pytest.fixture
def upstreams(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Upstreams]:
    """Hosts on loopback, in the user's configuration; what goes wrong there is a parameter."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path / "state"))
    with Upstreams(getattr(request, "param", ())) as running:
        Path("played.toml").write_text(toml(settings(running.hosts), "played here"))
        monkeypatch.setenv("IMAGEKIT_CONFIG", str(tmp_path / "played.toml"))
        yield running


@pytest.fixture
def studio(upstreams: Upstreams) -> Iterator[Callable[..., Studio]]:
    opened: list[Studio] = []

    def make(**options: Any) -> Studio:
        opened.append(Studio("made", **{"budget": BUDGET, "models": [MODEL], **options}))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_one_model_and_one_folder_need_no_list(studio: Callable[..., Studio]) -> None:
    Path("art").mkdir()
    Path("art/a.png").write_bytes(picture(64, 64))
    made = studio(models=MODEL, roots="art").generate("a corgi", images=["a.png"])
    assert len(made.saved) == 1


@pytest.mark.parametrize("wanted", [{"image": "secret.png"}, {"native": {"n": 9}}, {"sizee": "2K"}])
def test_a_model_says_nothing_that_it_has_no_word_for(
    studio: Callable[..., Studio], upstreams: Upstreams, wanted: dict[str, Any]
) -> None:
    """Not even where its program passes on what came as JSON."""
    Path("secret.png").write_bytes(picture())
    with pytest.raises(UsageError, match="is nothing to be said here"):
        studio().generate("a corgi", **wanted)
    assert upstreams.journal.entries == ()


def billed(upstreams: Upstreams) -> int:
    return len(upstreams.ledger.entries)


def test_a_picture_is_saved_before_it_is_told_of(studio, upstreams):
    made = studio().generate("a corgi", resolution="2K")
    (path,) = made.paths
    assert path.read_bytes() == made.result.image.blob.read()
    assert path.parent == Path("made").absolute()
    assert path.name.startswith("a-corgi-")
    told = str(made)
    assert f"Saved {path} (2048x2048, image/" in told
    assert "Made by seedream-4.5 at modelark. Cost: " in told
    assert len(told) < 500
    assert billed(upstreams) == 1


def test_a_prompt_names_no_file_outside_the_folder(studio):
    (path,) = (
        studio().generate("../../etc/passwd \N{RIGHT-TO-LEFT OVERRIDE}\n", resolution="2K").paths
    )
    assert path.parent == Path("made").absolute()
    assert path.name.startswith("etc-passwd-")


def test_a_model_that_is_not_allowed_is_not_asked(studio, upstreams):
    with pytest.raises(UsageError, match=f"may not be asked for here; {MODEL} may"):
        studio().generate("a corgi", model="powertokens:seedream-4.5")
    assert billed(upstreams) == 0


@pytest.mark.parametrize("budget", [None, "0.01 USD", "5 EUR"])
def test_nothing_is_sent_that_the_budget_has_no_room_for(studio, upstreams, budget):
    with pytest.raises(LimitReached) as caught:
        studio(budget=budget).generate("a corgi", resolution="2K")
    assert "the user decides about the budget" in refusal(caught.value)
    assert billed(upstreams) == 0


def test_what_nobody_knows_the_price_of_is_not_bought(studio, upstreams):
    unknown = "openrouter:seedream-4.5"
    for budget in (None, "5 USD"):
        with pytest.raises(LimitReached):
            studio(models=[unknown], budget=budget).generate("a corgi", resolution="2K")
    assert billed(upstreams) == 0


def test_calls_share_one_budget(studio, upstreams):
    open_one = studio(budget="0.05 USD")
    open_one.generate("a corgi", resolution="2K")
    with pytest.raises(LimitReached):
        open_one.generate("another", resolution="2K")
    assert billed(upstreams) == 1


@pytest.mark.parametrize("upstreams", [[Rule("401", times=1)]], indirect=True)
def test_what_was_certainly_free_leaves_the_budget_whole(studio, upstreams):
    open_one = studio(budget="0.05 USD")
    with pytest.raises(ImagekitError) as caught:
        open_one.generate("a corgi", resolution="2K")
    assert caught.value.charged is Charged.NO
    open_one.generate("a corgi", resolution="2K")
    assert billed(upstreams) == 1


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_a_lost_answer_is_never_to_be_asked_for_again_and_nothing_brings_it(
    studio, upstreams, capsys
):
    with pytest.raises(OutcomeUnknown) as caught:
        studio().generate("a corgi", resolution="2K")
    told = refusal(caught.value)
    assert "Charged: maybe. Never repeat the call" in told
    assert told.endswith("what has come of it, the host's own records and bill say.")
    assert run(["resume"]) == 0  # which brings nothing, as nothing is open
    assert "nothing is open" in capsys.readouterr().err
    assert billed(upstreams) == 1


def test_a_problem_is_told_before_anything_is_sent(studio, upstreams):
    with pytest.raises(UsageError) as caught:
        studio().generate("a corgi", size="1x1")
    assert "Charged: no. The same call would fail again" in refusal(caught.value)
    assert billed(upstreams) == 0


@pytest.mark.parametrize(
    "wrong", [{"n": "many"}, {"resolution": ["2K"]}, {"seed": {}}, {"images": [3]}]
)
def test_what_is_of_no_sense_is_an_error_in_words(studio, upstreams, wrong):
    with pytest.raises(ImagekitError):
        studio().generate("a corgi", **{"resolution": "2K", **wrong})
    assert billed(upstreams) == 0


# --- references -------------------------------------------------------------------------------


def test_pictures_below_a_root_and_those_made_before_may_be_references(studio, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lily.png").write_bytes(picture(512, 512))
    open_one = studio(roots=["mine"])
    first = open_one.generate("a lily", resolution="2K", images=["lily.png"])
    uri = first.paths[0].as_uri()
    again = open_one.generate("at night", resolution="2K", images=[str(first.paths[0]), uri])
    assert again.result.image.is_here
    assert open_one.generate("one", resolution="2K", images="lily.png").paths


@pytest.mark.parametrize(
    "named",
    [
        "/etc/passwd",
        "../secret.png",
        "made/../secret.png",
        "link.png",
        "folder/secret.png",
        ".hidden.png",
        "pipe.png",
        "inner",
        "made",
        "https://example.com/?told=secret",
        "data:image/png;base64,AAAA",
        "file://elsewhere/lily.png",
        "file:///etc/passwd",
        "no\0such.png",
        "",
    ],
)
def test_nothing_else_is_read(studio, upstreams, tmp_path, named):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture(512, 512))
    made = tmp_path / "made"
    (made / "inner").mkdir(parents=True)
    (made / ".hidden.png").write_bytes(picture(512, 512))
    (made / "link.png").symlink_to(secret)
    (made / "folder").symlink_to(tmp_path)
    os.mkfifo(made / "pipe.png")
    with pytest.raises(UsageError):
        studio().generate("a lily", resolution="2K", images=[named])
    assert billed(upstreams) == 0


def test_an_output_that_is_a_link_is_refused(upstreams, tmp_path):
    """A repository may have brought it: all that it leads to would be a root."""
    (tmp_path / "private").mkdir()
    (tmp_path / "linked").symlink_to("private")
    with pytest.raises(ConfigurationError, match="linked is a symbolic link; name the folder"):
        Studio(tmp_path / "linked")


# --- nothing that is paid for is lost -----------------------------------------------------------


def test_a_full_folder_loses_no_picture(studio, upstreams, monkeypatch, capsys):
    open_one = studio()
    Path("made").rmdir()
    Path("made").write_text("no folder any more")
    with pytest.raises(ImagekitError) as caught:
        open_one.generate("a corgi", resolution="2K")
    told = refusal(caught.value)
    assert "It is paid for: don't repeat the call. `imagekit resume` brings its user" in told
    open_one.close()
    Path("made").unlink()
    Path("made").mkdir()
    assert run(["resume"]) == 0
    assert len(list(Path("made").iterdir())) == 1
    assert billed(upstreams) == 1


@pytest.mark.parametrize("upstreams", [[Rule("expired", after=1)]], indirect=True)
def test_of_two_pictures_the_one_that_is_here_is_told_of_and_the_other_too(studio, upstreams):
    made = studio().generate("a corgi", resolution="2K", n=2)
    assert len(made.paths) == 1
    told = str(made)
    assert f"Saved {made.paths[0]}" in told
    assert "Charged: yes. It is paid for: don't repeat the call" in told
    assert billed(upstreams) == 2


KILLED = """
import os
from imagekit.events import Event
from imagekit.tools import Studio
from imagekit import Image

Image.save = lambda *_, **__: os._exit(9)
Studio("made", budget="5 USD").generate("a corgi", model="modelark:seedream-4.5", resolution="2K")
"""


def test_resume_brings_what_a_killed_process_has_paid_for(upstreams, capsys):
    assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == 9
    Path("made").mkdir(exist_ok=True)
    assert run(["resume"]) == 0
    assert len(list(Path("made").iterdir())) == 1
    assert billed(upstreams) == 1


# --- setting up, and words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [{"roots": ["nowhere"]}, {"budget": "lots"}, {"config": "none.toml"}]
)
def test_a_set_up_that_makes_no_sense_is_refused(upstreams, wrong):
    with pytest.raises((ConfigurationError, UsageError)):
        Studio("made", **wrong)


def test_without_a_budget_the_sandbox_draws(studio):
    with studio(budget=None, models=["sandbox:seedream-4.5"]) as open_one:
        assert "a stand-in, and no picture" in str(open_one.generate("a corgi", resolution="2K"))


def test_a_word_of_a_host_steers_no_terminal_and_has_an_end():
    assert plain("a\x1b[2Jb\u202ec\td\n") == "a\ufffd[2Jb\ufffdc\td\n"
    assert len(plain("long" * 1000)) < 2010


def test_what_to_do_next_follows_from_the_error():
    free = HostUnavailable("it is down", charged=Charged.NO, retryable=True)
    assert "may be repeated once." in refusal(free)
    slow = RateLimited("too many", charged=Charged.NO, retryable=True, retry_after=3.0)
    assert "may be repeated once after 3 seconds." in refusal(slow)
    full = LimitReached("two a minute", limit="rpm", retry_after=30.0)
    assert "may be repeated once after 30 seconds." in refusal(full)


def test_a_model_is_not_told_where_a_host_is() -> None:
    url = "http://10.0.0.7/v1/images"
    error = OutcomeUnknown(f"the request to {url} was sent, but no answer came", url=url)
    told = refusal(error)
    assert "the request to the host was sent" in told
    mismatch = f"no secure connection to {url}: certificate is not valid for '10.0.0.7'"
    lost = Failure(1, None, f"the client is closed: nothing is sent to {url}")
    made = Made(Result((), model="m", host="h", failures=(lost,)), {}, NotSent(mismatch, url=url))
    assert "10.0.0.7" not in f"{told} {made}"
