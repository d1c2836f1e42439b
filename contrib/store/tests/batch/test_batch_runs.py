"""`imagekit batch run`: what is asked for, once, and what is told of it."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from imagekit_sandbox.serving import Rule
from sqlalchemy import update

from imagekit.testing import picture
from imagekit_store import Keys, Store
from imagekit_store.workers import worker
from imagekit_store.batch import results as results_of
from imagekit_store.batch.filing import Filing
from imagekit_store.batch.holding import hold
from imagekit_store.schema.tables import ATTEMPTS

pytestmark = pytest.mark.usefixtures("own")


def asked(count: int, **given: object) -> list[dict[str, object]]:
    return [{"custom_id": f"h{n}", "prompt": f"heron {n}", **given} for n in range(1, count + 1)]


OPENAI = {
    "custom_id": "theirs",
    "method": "POST",
    "url": "/v1/images/generations",
    "body": {"model": "token360:seedream-4.0", "prompt": "a goat", "response_format": "b64_json"},
}


def test_each_line_is_bought_once_and_has_a_result_and_files(
    batch, prompts, results, upstreams, here
):
    path = prompts(*asked(2), {"prompt": "two of them", "n": 2}, OPENAI)
    told = batch(path, "--json")
    assert (told["lines"], told["done"], told["left"], told["cost"]) == (4, 4, 0, {"USD": "0.152"})
    assert told["calls_of_unknown_cost"] == 1
    found = results()
    assert sorted(found) == ["h1", "h2", "line-3", "theirs"]
    body = found["h1"]["response"]["body"]
    assert (body["model"], body["host"]) == ("seedream-4.5", "powertokens")
    files = [one["file"] for one in found["line-3"]["response"]["body"]["data"]]
    assert [Path(file).stem for file in files] == ["line-3-1", "line-3-2"]
    assert all((here / "out" / file).stat().st_size for file in files)
    before = (here / "out" / "results.jsonl").read_text()
    assert batch(path, "--json")["done"] == 4
    assert len(upstreams.ledger.entries) == 5
    assert (here / "out" / "results.jsonl").read_text() == before


def test_a_csv_names_parameters_and_its_cells_have_their_types(batch, prompts, kept, results):
    path = prompts(
        "custom_id,prompt,n,size,watermark,seed,model",
        'a,"a corgi, wet",2,2048x2048,false,7,',
        "b,a heron,,,,,klingai:kling-v3",
        name="prompts.csv",
    )
    batch(path)
    (a,) = kept.requests(prompt="corgi")
    assert {**a.asked, "prompt": a.prompt}.items() >= {
        "prompt": "a corgi, wet",
        "n": 2,
        "size": "2048x2048",
        "watermark": False,
        "seed": 7,
    }.items()
    assert results()["b"]["response"]["body"]["host"] == "klingai"


def test_every_mistake_is_told_before_anything_is_bought(batch, prompts, upstreams, here):
    path = prompts(
        *asked(1),
        "{not json",
        "[1]",
        {"custom_id": "h1", "prompt": "again"},
        {"promt": "typed wrongly", "model": "seedream-4.5"},
        {"prompt": "too many", "n": 0},
        {"prompt": "where", "model": "nowhere:at-all"},
        {"prompt": "who", "deadline": 3},
        {"custom_id": "", "prompt": "no name"},
        {"custom_id": "x" * 300, "prompt": "long"},
        {"method": "POST", "url": "/v1/chat/completions", "body": {"prompt": "talk"}},
        {"body": 3},
        {**OPENAI, "custom_id": "more", "n": 2},
        {"prompt": "no such file", "image": "gone.png"},
        '{"prompt": "x", "seed": NaN}',
        {"prompt": "x", "custom-id": "a"},
        {"prompt": "x", "raito": "1:1"},
    )
    shown = batch(path, code=2)
    assert "has 16 mistakes, so nothing was asked for" in shown
    told_of = [int(number) for number in re.findall(r"^  line (\d+): ", shown, re.MULTILINE)]
    assert told_of == [*range(2, 18)]
    assert "line 2: it is no JSON: Expecting property name" in shown
    assert "at character 2\n" in shown
    for meant in ("prompt by promt", "custom_id by custom-id", "ratio"):
        assert f"did you mean {meant}?" in shown
    assert not upstreams.ledger.entries
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["n,model", "1,x"], "one is prompt"),
        (["Promt,n", "a,1"], "one is prompt; did you mean prompt by Promt?"),
        (["prompt,prompt", "a,b"], "each once"),
        (["prompt", "a,b"], "it has 2 cells, and the head has 1"),
        (["prompt", '"a'], "line 2"),
        (["prompt", "\udcff"], "no text in UTF-8"),
    ],
)
def test_a_csv_that_is_none_is_told_where(batch, here, lines, why):
    path = here / "wrong.csv"
    path.write_bytes("\n".join(lines).encode(errors="surrogateescape"))
    assert why in batch(path, code=2)


def test_a_line_that_was_changed_is_refused(batch, prompts, upstreams):
    batch(prompts(*asked(2)))
    one, two = asked(2)
    shown = batch(prompts(one, {**two, "prompt": "a goat"}), code=2)
    assert "line 2: it asks for something else than when it was asked for before" in shown
    assert len(upstreams.ledger.entries) == 2


def test_references_lie_beside_the_file_that_names_them(batch, prompts, kept, here, tmp_path):
    (here / "in").mkdir()
    (here / "in" / "pond.png").write_bytes(picture(64, 64))
    url = "https://example.com/a.png"
    path = prompts({"prompt": "it", "image": ["pond.png", url]}, name="in/some.jsonl")
    batch(path)
    (entry,) = kept.requests()
    assert (entry.operation, entry.asked["image"][1]) == ("edit", url)


@pytest.mark.parametrize("named", ["../mine.png", "link.png", "a://../../mine.png"])
def test_a_line_reads_no_picture_beyond_its_folders_unless_its_user_says_so(
    batch, prompts, here, upstreams, named
):
    """The file may have come with a repository."""
    mine = here.parent / "mine.png"
    mine.write_bytes(picture(64, 64))
    (here / "link.png").symlink_to(mine)
    (here / "a:").mkdir()
    path = prompts({"prompt": "it", "image": ["https://example.com/a.png", named]})
    shown = batch(path, code=2)
    assert f"line 1: image: {named!r} is not below {here}" in shown
    assert "--root" in shown
    assert upstreams.ledger.entries == ()
    assert batch(path, "--root", str(here.parent), "--dry-run", "--json")["planned"] == 1


def test_a_line_sends_what_nobody_checks_only_if_its_user_says_so(batch, prompts, upstreams):
    back = {"callback_url": "https://example.com/back"}
    lines = [{"prompt": "it", "native": back}, {"prompt": "it", "options": {"any": [back]}}]
    shown = batch(prompts(*lines), code=2)
    assert "line 1: native: " in shown
    assert "line 2: options: " in shown
    assert "--allow-native" in shown
    assert upstreams.ledger.entries == ()
    path = prompts(lines[0])
    assert batch(path, "--allow-native", "--dry-run", "--json")["planned"] == 1


# --- money ---------------------------------------------------------------------------------------


def test_a_budget_ends_it_and_a_larger_one_lets_it_go_on(batch, prompts, upstreams, told):
    path = prompts(*asked(4))
    shown = batch(path, "--budget", "0.1 USD", code=11)
    assert "2 of 4 done, 2 left; cost: 0.076 USD" in shown
    assert "the budget has no room for the next line" in shown
    assert "to go on, with a larger budget: imagekit" in shown
    assert batch(path, "--budget", "0.1 USD", "--json", code=11)["budget_reached"]
    assert len(upstreams.ledger.entries) == 2
    shown = batch(path, "--dry-run", "--budget", "1 USD")
    assert "4 lines, 2 of them asked for before, 2 to be asked for" in shown
    assert "expected to cost 0.076 USD" in shown
    assert "left of the budget: 0.924 USD" in shown
    assert batch(path, "--budget", "0.2 USD", "--json")["budget"]["amount"] == "0.2"
    assert "counted in USD" in batch(path, "--budget", "5 EUR", code=2)
    assert "for all of it" in batch(path, "--budget", "5 USD/day", code=2)
    assert "no budget" in batch(path, "--budget", "much", code=2)
    assert "did you mean USD?" in batch(path, "--budget", "5 dollars", code=2)
    assert "did you mean USD?" in batch(path, "--unknown-price", "5 usd", code=2)


def test_a_price_that_nobody_knows_needs_a_word_where_there_is_a_budget(batch, prompts, upstreams):
    path = prompts(*asked(3, model="powertokens:seedream-4.0", n=2))
    shown = batch(path, "--budget", "9 USD", code=2)
    assert "line 3: nobody knows what powertokens:seedream-4.0 costs" in shown
    assert "--unknown-price says what a picture is to count" in shown
    words = ("--budget", "4 USD", "--unknown-price", "1 USD", "--json")
    assert batch(path, *words, code=11)["done"] == 2
    assert "no cost" in batch(path, "--unknown-price", "cheap", code=2)
    assert batch(path, "--dry-run", "--json")["unpriced"] == 1


def test_what_an_alias_asks_for_besides_counts_against_the_budget(batch, prompts, own, upstreams):
    own.write_text(f'{own.read_text()}\n[models.four]\nmodel = "token360:seedream-4.5"\n')
    own.write_text(f"{own.read_text()}defaults = {{ n = 4 }}\n")
    path = prompts(*asked(1, model="four"))
    assert batch(path, "--budget", "0.19 USD", "--unknown-price", "0.05 USD", "--json", code=11)
    assert upstreams.ledger.entries == ()


def test_a_budget_has_room_for_the_dearest_way(batch, prompts, own, upstreams):
    """At the first host a picture is 0.038 USD; at the second nobody knows."""
    alias = 'model = "seedream-4.5"\nhosts = ["powertokens", "token360"]\nfailover = true\n'
    own.write_text(f"{own.read_text()}\n[models.poster]\n{alias}")
    path, budget = prompts(*asked(1, model="poster")), ("--budget", "0.17 USD")
    shown = batch(path, *budget, code=2)
    assert "nobody knows what token360:seedream-4.5 costs, and the budget is in USD" in shown
    batch(path, *budget, "--unknown-price", "0.18 USD", code=11)
    assert upstreams.ledger.entries == ()
    assert "1 of 1 done" in batch(path, *budget, "--unknown-price", "0.16 USD")


def test_an_unknown_price_counts_in_its_own_currency_alone(batch, prompts, own, upstreams):
    own.write_text(f'unknown_price = "0.05 USD"\n{own.read_text()}')
    path = prompts(*asked(1, model="powertokens:seedream-4.0"))
    shown = batch(path, "--budget", "0.12 JPY", code=2)
    assert "nobody knows what powertokens:seedream-4.0 costs, and the budget is in JPY" in shown
    assert upstreams.ledger.entries == ()


def test_its_money_is_no_key_that_somebody_has(batch, prompts, kept: Store, told):
    batch(prompts(*asked(1)))
    assert Keys(kept).all() == ()
    assert "batch:prompts-jsonl-" in told("history", "costs", "--by", "key")


# --- how much of it ------------------------------------------------------------------------------


def test_a_dry_run_asks_for_nothing_and_writes_nothing(batch, prompts, upstreams, here):
    told = batch(prompts(*asked(3)), "--dry-run", "--limit", "2", "--json")
    assert (told["lines"], told["planned"], told["estimate"]) == (3, 2, {"USD": "0.076"})
    assert not upstreams.ledger.entries
    assert not (here / "out").exists()


@pytest.mark.parametrize("is_named", [True, False])
def test_who_only_looks_makes_no_store(is_named, batch, prompts, told, own, tmp_path):
    if is_named:
        own.write_text(own.read_text().replace("store.db", "another.db"))
    else:
        own.write_text(own.read_text().partition("[store]")[0])
    path, before = prompts(*asked(1)), {*tmp_path.rglob("*")}
    assert batch(path, "--dry-run", "--json")["planned"] == 1
    assert "0 of 1 done, 1 left" in told("batch", "status", str(path))
    assert {*tmp_path.rglob("*")} == {*before, path}


def test_a_limit_takes_the_first_that_are_left(batch, prompts, upstreams, results):
    path = prompts(*asked(3))
    assert batch(path, "--limit", "1", "--json")["left"] == 2
    assert list(results()) == ["h1"]
    assert batch(path, "--limit", "1", "--json")["left"] == 1
    assert set(results()) == {"h1", "h2"}
    assert len(upstreams.ledger.entries) == 2


def test_it_is_said_where_results_go_and_which_batch_is_meant(told, prompts, here):
    path = str(prompts(*asked(1)))
    assert "-o FOLDER" in told("batch", "run", path, code=2)
    assert "say which" in told("batch", "status", code=2)
    assert "no results of a batch" in told("batch", "status", "-o", str(here), code=2)
    assert "0 of 1 done, 1 left" in told("batch", "status", path)


def test_status_says_how_far_it_has_come_and_that_a_misspelt_batch_is_none(batch, prompts, told):
    path = prompts(*asked(3))
    batch(path, "--limit", "1")
    assert "1 of 3 done, 2 left; cost: 0.038 USD" in told("batch", "status", str(path))
    assert told("batch", "status", str(path), "--json")["lines"] == 3
    path.unlink()
    assert told("batch", "status", str(path)) == "1 done; cost: 0.038 USD\n"
    misspelt = told("batch", "status", "promts.jsonl", code=2)
    assert "promts.jsonl is not there, and the store has no batch of that name" in misspelt
    assert "no batch herons" in told("batch", "status", "--batch", "herons", code=2)


@pytest.mark.parametrize("text", ["", "\n\n", "prompt\n"])
def test_a_file_without_a_line_is_a_mistake(batch, here, text):
    path = here / ("empty.csv" if text.strip() else "empty.jsonl")
    path.write_text(text)
    assert f"{path} has no line, so nothing was asked for" in batch(path, code=2)
    assert not (here / "out").exists()


def test_a_line_that_names_no_model_is_for_the_default_model(told, prompts, own, here):
    path = prompts(*asked(1))
    own.write_text(f'default_model = "powertokens:seedream-4.5"\n{own.read_text()}')
    shown = told("batch", "run", str(path), "-o", str(here / "out"), "--dry-run", "--json")
    assert shown["estimate"] == {"USD": "0.038"}


# --- what went wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("upstreams", [[Rule("lost", times=1)]], indirect=True)
def test_what_is_unknown_is_listed_never_asked_for_again_and_may_be_settled(
    batch, prompts, upstreams, results, told
):
    path = prompts(*asked(2))
    told_ = batch(path, "--json", "--at-once", "1", code=7)
    assert (told_["done"], told_["unknown"]) == (1, 1)
    ((name, error),) = [(n, one["error"]) for n, one in results().items() if one["error"]]
    assert (error["code"], error["charged"]) == ("outcome_unknown", "maybe")
    assert batch(path, "--retry-failed", "--json", code=7)["unknown"] == 1
    told("history", "settle", results()[name]["id"], "--charged", "yes")
    assert batch(path, "--retry-failed", "--json", code=8)["failed"] == 1
    assert results()[name]["error"]["charged"] == "yes"
    assert len(upstreams.ledger.entries) == 2
    assert told("batch", "status", str(path), "--json")["requests"] == {"done": 1, "failed": 1}


@pytest.mark.parametrize("upstreams", [[Rule("401", times=1)]], indirect=True)
def test_what_failed_and_was_free_is_asked_for_anew_if_that_is_said(
    batch, prompts, results, upstreams
):
    path = prompts(*asked(2))
    assert batch(path, "--json", "--at-once", "1", code=8)["failed"] == 1
    (error,) = [one["error"] for one in results().values() if one["error"]]
    assert (error["code"], error["charged"]) == ("authentication_error", "no")
    assert batch(path, "--json", code=8)["failed"] == 1
    assert batch(path, "--retry-failed", "--json")["done"] == 2
    assert all(one["response"] for one in results().values())
    assert len(upstreams.ledger.entries) == 2


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_a_host_that_takes_nothing_from_us_is_not_asked_for_every_line(batch, prompts, results):
    path = prompts(*asked(12))
    shown = batch(path, "--at-once", "1", code=3)
    assert "5 in a row ended so: " in shown
    assert "7 left" in shown
    batch(path, "--retry-failed", "--limit", "1", code=4)
    assert len(results()) == 5


def test_a_full_disk_of_the_store_is_told_once_and_the_batch_goes_on_by_itself(
    batch, prompts, kept, upstreams, monkeypatch
):
    looks = iter([1000] * 3)
    monkeypatch.setattr(worker, "ELSEWHERE", 0.01)
    monkeypatch.setattr(kept.keeping.place, "free", lambda: next(looks, 1 << 40))
    shown = batch(prompts(*asked(2)), "--at-once", "1")
    (told,) = [line for line in shown.splitlines() if "nothing is sent for now" in line]
    assert "1,000 bytes are free where pictures are kept, in " in told
    assert "a call needs 33,554,432" in told
    assert "goes on by itself" in told
    assert len(upstreams.ledger.entries) == 2


# --- files ---------------------------------------------------------------------------------------


def test_no_file_of_a_stranger_is_replaced_and_none_lies_elsewhere(batch, prompts, results, here):
    (here / "out").mkdir()
    for name in ("h1.png", "h1.jpg", "h1.webp"):
        (here / "out" / name).write_text("mine")
    path = prompts(*asked(1), {"custom_id": "../../a\n/CON", "prompt": "out"})
    batch(path)
    found = {n: one["response"]["body"]["data"][0]["file"] for n, one in results().items()}
    assert Path(found["h1"]).stem == "h1-2"
    assert "/" not in found["../../a\n/CON"]
    assert (here / "out" / "h1.png").read_text() == "mine"
    assert {path.name for path in here.iterdir()} == {"out", "prompts.jsonl"}


def test_names_are_made_of_what_lines_say(batch, prompts, results):
    path = prompts({"prompt": "A Heron, at dawn", "custom_id": "x"})
    batch(path, "--name", "{host}/{model}/{line}-{prompt}-{index}")
    (one,) = results()["x"]["response"]["body"]["data"]
    file = Path(one["file"])
    assert file.with_suffix("").as_posix() == "powertokens/seedream-4.5/000001-a-heron,-at-dawn-1"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("/tmp/{line}", "does not stay below"),
        ("../{line}", "does not stay below"),
        ("{nobody}", "no such field {nobody}; there are"),
        ("{custom-id}", "no such field {custom-id}; did you mean {custom_id}?"),
        ("{line!r}", "no such field"),
        ("{line", "--name"),
    ],
)
def test_a_template_that_can_not_be_is_told(batch, prompts, template, why):
    assert why in batch(prompts(*asked(1)), "--name", template, code=2)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_that_leads_elsewhere_is_refused_before_anything_is_bought(
    is_there, batch, prompts, here, tmp_path, upstreams
):
    away = tmp_path / "away"
    if is_there:
        away.mkdir()
    (here / "out").mkdir()
    (here / "out" / "powertokens").symlink_to(away)
    path = prompts(*asked(1))
    shown = batch(path, "--name", "{host}/in/{line}", code=2)
    assert f"{here / 'out' / 'powertokens'} is a link, which leads out of the folder" in shown
    (here / "out" / "in").touch()
    shown = batch(path, "--name", "in/{line}", code=2)
    assert "in is there already, and no folder" in shown
    assert not upstreams.ledger.entries
    assert away.exists() == is_there
    assert not is_there or not [*away.iterdir()]


def test_a_folder_that_became_a_link_meanwhile_gets_nothing(
    batch, prompts, here, tmp_path, kept, monkeypatch
):
    (here / "out").mkdir()
    ask = kept.ask

    def meanwhile(*given, **more):
        (here / "out" / "sub").symlink_to(tmp_path)
        return ask(*given, **more)

    monkeypatch.setattr(kept, "ask", meanwhile)
    before = {*tmp_path.iterdir()}
    shown = batch(prompts(*asked(1)), "--name", "sub/in/{line}", code=8)
    assert "sub is a link, which leads out of the folder" in shown
    assert {*tmp_path.iterdir()} == before


def test_pictures_go_to_a_folder_that_is_a_link_itself(batch, prompts, here, tmp_path, results):
    (tmp_path / "away").mkdir()
    (here / "out").symlink_to(tmp_path / "away")
    for name in ("h1.png", "h1.jpg", "h1.webp"):
        (here / "out" / name).symlink_to("/dev/null")
    batch(prompts(*asked(1)))
    (picture,) = results()["h1"]["response"]["body"]["data"]
    assert picture["file"].startswith("h1-2.")
    assert (tmp_path / "away" / picture["file"]).stat().st_size == picture["bytes"]


# --- results -------------------------------------------------------------------------------------


def test_results_that_are_gone_or_torn_are_made_good(batch, prompts, results, here, upstreams):
    path, file = prompts(*asked(3)), here / "out" / "results.jsonl"
    batch(path)
    before = results()
    lines = file.read_text().splitlines(keepends=True)
    names = {one.name for one in (here / "out").iterdir()}
    file.write_text(lines[0] + lines[0] + "[]\n" + lines[1][:50])
    batch(path)
    assert {one.name for one in (here / "out").iterdir()} == names
    assert results() == before
    assert len(upstreams.ledger.entries) == 3
    assert len([*(here / "out").glob("h*")]) == 3


@pytest.mark.parametrize("of", [(Filing, "save"), (results_of, "add_to")], ids=["picture", "line"])
def test_what_found_no_room_in_the_folder_is_saved_by_the_same_command(
    of, batch, prompts, results, here, upstreams, monkeypatch
):
    path = prompts(*asked(2))

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device", "out/h")

    with monkeypatch.context() as patched:
        patched.setattr(*of, full)
        shown = batch(path, code=8)
    assert "h1: out/h: No space left on device\n" in shown
    assert "what came of 2 is in the store, and not in the folder yet" in shown
    assert "to go on: imagekit" in shown
    assert "2 of 2 done, 2 not saved; cost" in shown
    assert not results()
    assert "2 of 2 done; cost" in batch(path)
    assert len(results()) == len([*(here / "out").glob("h*")]) == 2
    assert len(upstreams.ledger.entries) == 2


def test_a_folder_that_can_not_be_written_is_named_before_anything_is_bought(
    batch, prompts, here, upstreams
):
    (here / "in the way").touch()
    shown = batch(prompts(*asked(1)), "-o", "in the way/out", code=3)
    assert f"{here / 'in the way' / 'out'}: Not a directory" in shown
    assert "to go on: imagekit" in shown
    assert not upstreams.ledger.entries


def test_results_that_the_store_does_not_know_are_not_bought_again(
    batch, prompts, told, here, upstreams
):
    path = prompts(*asked(1))
    batch(path)
    shown = batch(path, "--batch", "another", code=2)
    assert "another batch, batch:prompts-jsonl-" in shown
    (here / "out" / ".imagekit-batch.json").unlink()
    assert "would be bought again" in batch(path, "--batch", "another", code=2)
    assert len(upstreams.ledger.entries) == 1


def test_one_of_two_that_run_side_by_side_writes_the_results(batch, prompts, told, here):
    path = prompts(*asked(2))
    batch(path, "--limit", "1")
    key = told("batch", "status", "-o", str(here / "out"), "--json")["batch"]
    file = here / "out" / "results.jsonl"
    with hold(here / "out", key):
        assert batch(path, "--json")["done"] == 2
        assert len(file.read_text().splitlines()) == 1
    batch(path)
    assert len(file.read_text().splitlines()) == 2


# --- signals -------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("upstreams", [[Rule("delay:1", times=1)]], indirect=True)
def test_a_signal_lets_it_finish_what_is_in_hand_and_the_same_command_goes_on(
    batch, prompts, results, here, upstreams
):
    def stop():
        while not upstreams.ledger.entries:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    path = prompts(*asked(3))
    threading.Thread(target=stop).start()
    shown = batch(path, "--at-once", "1", code=143)
    assert "what is in hand is finished first" in shown
    assert "to go on: imagekit" in shown
    assert len(results()) == len(upstreams.ledger.entries) < 3
    assert batch(path, "--json")["done"] == 3
    assert len(upstreams.ledger.entries) == 3
    assert json.loads((here / "out" / ".imagekit-batch.json").read_text())["batch"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("upstreams", [[Rule("delay:20")]], indirect=True)
def test_a_second_ctrl_c_leaves_unknown_what_was_being_sent_and_says_so(
    batch, prompts, results, upstreams, kept, own
):
    path = prompts(*asked(1))
    words = ["batch", "run", str(path), "-o", "out", "-m", "powertokens:seedream-4.5"]
    command = [sys.executable, "-m", "imagekit.cli", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    assert process.stderr
    while not upstreams.ledger.entries:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert "may leave it unknown whether that was bought" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    shown = process.communicate()[1]
    assert process.returncode == 130, shown
    assert "what was being sent may have been bought: it is never sent again" in shown
    assert "to go on: imagekit batch run" in shown
    passed = update(ATTEMPTS).values(due=0.0)  # the lease of who is gone
    kept.write(lambda rows: rows.execute(passed))
    assert batch(path, "--json", code=7)["unknown"] == 1
    assert results()["h1"]["error"]["code"] == "outcome_unknown"
    assert len(upstreams.ledger.entries) == 1
