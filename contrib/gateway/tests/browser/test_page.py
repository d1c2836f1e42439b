"""The page, in a real browser."""

from __future__ import annotations

import ast
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3
from attrs import define
from PIL import Image
from imagekit_sandbox.serving import Rule
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from imagekit import Alias
from imagekit.testing import picture
from imagekit_gateway import Application
from imagekit_gateway.answers import streaming
from imagekit_store import Limits
from tests.clients import gateway

pytestmark = [pytest.mark.outside, pytest.mark.slow]

Browse = Callable[..., dict[str, Any]]


def test_a_whole_round_by_keyboard_alone(serving: Any, browse: Browse) -> None:
    served = serving()
    served.generate(prompt="something else, before")
    told = browse("round", served)
    assert "ik-" not in told["address"]
    assert told["skipped_to"] == "main"
    assert (told["made"], told["said"]) == ("Here it is.", "A picture has come.")
    assert f"ratio': {told['ratio']!r}" in told["code"].replace('"', "'")
    assert (told["shown"], told["inside"]) == ("a corgi on the beach", True)
    assert told["back_at"] == "card"
    assert told["edits"] == "Edit this"
    assert "image of yours (image/jpeg, 2048×2048) was sent" in told["became"]
    assert told["asks"] == "Delete it for good"
    assert (told["left"], told["then_at"]) == (2, "card")
    prompts = [one["prompt"] for one in served.get("/v1/images").json["data"]]
    assert prompts == ["a corgi on the beach", "something else, before"]


@pytest.fixture
def operated(serving: Any) -> Any:
    """A gateway, asked with an operator's key, that has costs, and does not know of one request."""
    served = serving(prefer=("modelark", "powertokens"))
    served.generate(prompt="something that was paid for")
    served.generate(prompt="something lost", model="ark:seedream-4.0")
    served.key = served.new_key("boss", operator=True)
    served.generate(prompt="something of the boss")
    return served


@pytest.mark.parametrize("upstreams", [[Rule("lost", host="ark")]], indirect=True)
def test_axe_finds_nothing_in_both_themes(operated: Any, browse: Browse, tmp_path: Path) -> None:
    file = tmp_path / "mine.png"
    file.write_bytes(picture(64, 64))
    names = {"model": "seedream-4.5", "lost": "ark:seedream-4.0"}
    told = browse("axe", operated, file=str(file), **names)
    assert dict(zip(told["view"], told["violations"], strict=True)) == {
        view: [] for view in told["view"]
    }
    assert len(told["view"]) == 16
    assert min(told["passes"]) > 10


def test_what_is_wrong_is_told_while_it_is_typed(serving: Any, browse: Browse) -> None:
    served = serving(prefer=("modelark", "powertokens"))
    served.key = served.new_key("frugal", Limits(budget="20"))
    told = browse(
        "typing", served, model="seedream-4.5", other="seedream-4.0", third="cogview-3-flash"
    )
    assert told["price"] == "About 0.04 USD: 1 picture, 1 paid call to modelark"
    assert told["price_of_three"].startswith("About 0.12 USD: up to 3 pictures, 3 paid calls")
    assert "2048x512 is 1,048,576 px" in told["problem"]
    assert (told["button"], told["invalid"]) == ("Use 3840x960", "true")
    assert told["price_of_none"].startswith("Nothing is sent as it is: 2048x512 is 1,048,576 px")
    assert (told["mended"], told["invalid_then"]) == ("3840x960", "false")
    assert told["of_pictures"] == "0 is not from 1 to 32Use 1"
    assert "601 words" in told["advice"]
    assert told["is_mistake"] == "false"
    assert told["price_all_the_same"] == told["price"]
    assert told["purse"] == "Left: 20 USD of 20 USD this month"
    assert (told["of_prompt"], told["focus"]) == ("Say what to draw.", "prompt")
    assert '"ratio":"4:3"' in told["kept"]
    assert told["lost"] == "Taken off: CogView 3 Flash here has no ratio 4:3, no resolution."
    assert '"n":2' in told["kept_of_that"]


@pytest.mark.parametrize(
    "upstreams", [[Rule("lost", host="modelark"), Rule("delay:3", host="ark")]], indirect=True
)
def test_pictures_appear_as_they_come(
    serving: Any, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.2)
    served = serving(models={"sketch": Alias("openai:gpt-image-2")})
    names = {
        "partial": "sketch",
        "plain": "seedream-4.0",
        "slow": "ark:seedream-4.0",
        "lost": "modelark:seedream-4.0",
    }
    told = browse("stream", served, **names)
    assert (told["partials"], told["pictures"]) == (2, 1)
    assert told["three"] == "Here they are: 3 pictures."
    assert "The answer broke off." in told["cut"]
    assert told["after_breaking"] == "Here it is."
    assert len(served.get("/v1/images?q=breaks").json["data"]) == 1
    assert "It may be made all the same" in told["cancelled"]
    assert told["can_make"]
    assert "may have been paid for" in told["lost"]
    assert told["heading_of_lost"] == "Nobody knows whether there is a picture."
    assert "may have been paid for" in told["unknown"]
    assert told["card"] == "Unknown, may be charged"
    served.settle()  # what was cancelled is carried to its end, and was bought once
    slow = served.get("/v1/images?host=ark").json["data"]
    assert [one["status"] for one in slow] == ["completed"]


@define
class Place:
    """Where a gateway is, and a key of it."""

    url: str
    key: str


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Place]:
    """``imagekit gateway serve`` in a process of its own."""
    with gateway.served(tmp_path) as running:
        yield Place(running.url.removesuffix("/v1"), running.key)


def test_a_round_at_the_program_itself(program: Place, browse: Browse) -> None:
    asked = {"model": "seedream-4.0", "prompt": "something else, before"}
    headers = {"Authorization": f"Bearer {program.key}"}
    made = urllib3.request(
        "POST", f"{program.url}/v1/images/generations", json=asked, headers=headers
    )
    assert made.status == 200, made.data
    assert browse("round", program)["left"] == 2


@pytest.fixture
def below(served: Any) -> Iterator[Place]:
    """A gateway below a path of somebody's site."""
    site = DispatcherMiddleware(Response("else"), {"/pictures": Application(served.gateway)})
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Place(f"http://127.0.0.1:{server.server_port}/pictures", served.key)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_round_below_a_path_of_somebodys_site(below: Place, served: Any, browse: Browse) -> None:
    served.generate(prompt="something else, before")
    assert browse("round", below)["left"] == 2


@pytest.mark.parametrize("upstreams", [[Rule("lost", host="ark")]], indirect=True)
def test_whoever_runs_it_looks_after_keys_costs_and_what_is_unknown(
    operated: Any, browse: Browse
) -> None:
    told = browse("admin", operated, own="boss", plain=operated.new_key("plain"))
    assert told["sum"].startswith("0.06 USD and 1 call of unknown cost, for 3 calls")
    assert "0.06 USD. All of it is in the table below." in told["chart"]
    assert told["bars"] == 30
    assert told["models"] == ["seedream-4.0"]
    assert "much" in told["wrong"]
    assert told["secret"].startswith("ik-")
    assert not told["shown_still"]
    assert told["keys"] == ["billboards", "boss", "mary", "plain"]
    assert "billboards" in told["past"]
    assert "(revoked)" in told["past"]
    assert told["own"] == 0
    assert "seedream-4.0 at ark, for mary" in told["unknown"]
    assert "something lost" not in told["unknown"]
    assert (told["unsaid"], told["chosen"]) == ("Say whether it is on the host's bill.", 0)
    assert told["sure"] == "Settle for good: charged, 0.2 CNY"
    assert told["currencies"] == ["CNY by day", "USD by day"]
    assert told["heads"] == ["Host", "Cost, CNY", "Cost, USD", "Calls", "Free", "Unknown"]
    assert told["settled"].startswith("Nothing is open")
    assert (told["focus"], told["fits"], told["others_see_it"]) == ("H2", True, False)
    (cny,) = [
        one
        for one in operated.get("/v1/costs?by=host").json["total"]["amounts"]
        if one["currency"] == "CNY"
    ]
    assert cny["cost"] == "0.2"


@pytest.mark.parametrize("upstreams", [[Rule("delay:3", host="ark")]], indirect=True)
def test_the_gallery_follows_what_is_made_and_back_closes_what_is_open(
    served: Any, browse: Browse
) -> None:
    served.generate(prompt="two herons", n=2)
    told = browse("looking", served, slow="ark:seedream-4.0")
    assert (told["at_first"], told["count"]) == ("Being made…", "2")
    assert told["left_running"].startswith("Something was being made when this page was left.")
    assert told["prompt"] == "one that takes its time"
    assert told["after_back"] == told["after_escape"] == ["#gallery", 2, 0]
    assert told["buttons"] == ["Download 1", "Download 2", "Again", "Edit 1", "Edit 2", "Delete"]
    assert (told["references"], told["then_back"]) == (1, "#gallery")


def test_what_was_away_is_found_again(served: Any, browse: Browse) -> None:
    served.generate(prompt="a heron")
    told = browse("away", served, nothing=served.new_key("narrow", models=("nothing-*",)))
    assert told["price"].endswith(": 1 picture, 1 paid call to powertokens")
    assert (told["away"], told["found"]) == ("The gateway does not answer.", 1)
    assert told["nothing"][:2] == [
        "There is nothing to show.",
        "This key may ask for no model here: nothing-*",
    ]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of more than 20 MB."""
    path = tmp_path / "large.png"
    noise = random.Random(7).randbytes(2700 * 2700 * 3)
    Image.frombytes("RGB", (2700, 2700), noise).save(path, compress_level=0)
    assert path.stat().st_size > 20_000_000
    return path


def test_pictures_of_ones_own_are_sent_when_they_are_needed(
    served: Any, browse: Browse, large: Path
) -> None:
    told = browse(
        "references", served, large=str(large), model="seedream-4.0", none="cogview-3-flash"
    )
    assert told["names"] == ["dropped.png", "beside.png", "pasted.png"]
    assert told["no_pictures"] == [
        "empty.png is empty: it has no bytes. ",
        "page.png is no picture, whatever it is called. ",
        "notes.txt is no picture, whatever it is called. ",
    ]
    assert told["link"].startswith("https://example.com/cat is a link, and no file of a picture.")
    assert told["too_many"] == (
        "Nothing is sent as it is: the list of reference pictures has 15 items; "
        "1 to 14 items are allowed."
    )
    assert told["left"] == ["dropped.png", "pasted.png"]
    assert told["focus"] == "Remove pasted.png"
    assert told["plans"] < 20
    assert told["longest_plan"] < 1000
    assert "of yours (image/png, 2700×2700)" in told["became"]
    assert "cogview-3-flash" in told["none"]
    assert (told["again"], told["model"]) == ("a collage of these three", "seedream-4.0")
    assert told["hint"].startswith("It was made of 3 pictures of yours: add them again.")


@pytest.mark.parametrize("upstreams", [[Rule("lost", host="ark")]], indirect=True)
def test_nothing_is_cut_off_in_a_window_of_320_pixels(operated: Any, browse: Browse) -> None:
    told = browse("narrow", operated, model="seedream-4.5")
    assert dict(zip(told["view"], told["fits"], strict=True)) == dict.fromkeys(told["view"], True)


HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    'it\'s "quoted" \\ `backticked` $(touch here) ${HOME} %s !! \u202egnp.exe\u202c \u05d0\u05d1',
    "two\nlines, and \U0001f436",
    "a" * 20_000,
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Pictures that are called as nobody calls a picture."""
    names = ["<img src=x onerror=alert(3)>.png", 'it\'s "a" $(id) \\;.png']
    for name in names:
        (tmp_path / name.replace("/", "_")).write_bytes(picture(64, 64))
    return [str(tmp_path / name.replace("/", "_")) for name in names]


def test_hostile_texts_are_texts_and_wrap_and_are_quoted_in_code(
    serving: Any, browse: Browse, files: list[str], tmp_path: Path
) -> None:
    served = serving()
    told = browse("hostile", served, prompts=HOSTILE, files=files)
    assert told["fits"] == [True] * len(told["fits"])
    assert (told["gallery_fits"], told["elements"]) == (True, 0)
    assert told["whole"] == [*reversed(HOSTILE)]
    assert told["names"] == [Path(file).name for file in files]
    assert "image of yours (image/png, 64×64), of yours" in told["became"]
    assert told["download"] == "img-src-x-onerror-alert-1-script-alert-2-script.jpg"
    assert told["captions"][-1] == HOSTILE[0]

    ask = partial(run, {**os.environ, "IMAGEKIT_KEY": served.key}, tmp_path)
    for prompt, code in zip(told["prompt"], told["code"], strict=True):
        ast.parse(code["imagekit"])
        for asks in (ask([sys.executable, "-c", code["openai-python"]]), ask(shell(code["curl"]))):
            if asks:
                assert served.get("/v1/images?limit=1").json["data"][0]["prompt"] == prompt
    ask(shell(told["curl"]))
    assert not (tmp_path / "here").exists()


def run(there: Mapping[str, str], folder: Path, program: list[str]) -> bool:
    """Whether there is something to be run here, which then goes well."""
    if program:
        subprocess.run(program, check=True, env=there, cwd=folder, capture_output=True)
    return bool(program)


def shell(code: str) -> list[str]:
    """Nothing where there is no curl."""
    return ["sh", "-c", code.replace("curl", "curl -sf", 1)] if shutil.which("curl") else []


def seed(folder: Path, count: int) -> None:
    """So many records like the only one that there is."""
    with closing(sqlite3.connect(folder / "store.db")) as database:
        for table, own in (("requests", "id"), ("attempts", "request"), ("pictures", "request")):
            _copy(database, table, own, count)
        database.commit()


def _copy(database: sqlite3.Connection, table: str, own: str, count: int) -> None:
    cursor = database.execute(f"select * from {table}")
    columns = [one[0] for one in cursor.description]
    (row,) = [dict(zip(columns, values, strict=True)) for values in cursor]
    marks = ", ".join("?" * len(columns))
    rows = [tuple({**row, **more}[name] for name in columns) for more in _like(row, own, count)]
    database.executemany(f"insert into {table} values ({marks})", rows)


def _like(row: dict[str, Any], own: str, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        id, prompt = f"img_{number:032x}", f"a heron, number {number:04}"
        call = id if "call" not in row else f"{id}-1"
        more = {own: id, "id": id, "attempt": call, "prompt": prompt, "folded": prompt}
        more |= {"created": row.get("created", 0) + number, "name": None, "digest": None}
        yield {name: value for name, value in more.items() if name in row}


def test_a_thousand_pictures_are_looked_through(
    serving: Any, browse: Browse, tmp_path: Path
) -> None:
    served = serving()
    served.generate(prompt="a heron")
    seed(tmp_path, 999)
    told = browse("many", served, count=1000)
    assert told["at_first"] < 200
    assert told["asked_at_first"] < 100
    assert (told["cards"], told["different"]) == (1000, 1000)
    assert told["heap"] < 64 << 20
    assert told["moved"] < 300
    assert told["still"] == 1000
    assert told["found"] == "a heron, number 0777"
    assert told["none"] == "Nothing that was made is like this."
    assert 80 <= told["filled"] < 400


def test_a_browser_is_sent_little_and_a_key_goes_nowhere(serving: Any, browse: Browse) -> None:
    told = browse("paint", serving())
    assert {"/", "/page/style.css", "/page/start.js", "/page/make.js"} <= {*told["files"]}
    assert told["bytes"] <= 100_000
    assert told["views_hidden"]
    assert not [path for path in told["before_a_key"] if path.startswith("/v1/")]
    assert (told["wrong"], told["kept"]) == ("this API key is not known here", 0)
    assert told["on_device"] == [True, 0]
    assert "imagekit-key" not in told["left"]
    assert told["by_address"] is False  # nobody is signed in by a link of somebody else
