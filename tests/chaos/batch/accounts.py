"""What the sandbox has billed, against the store, the results and the files."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen
from imagekit_store import Entry, RequestState, Store

from tests.chaos.store.accounts import every

__all__ = ["Account", "account_of"]

#: Whose prices the sandbox knows.
PRICED = "powertokens"
#: A line of the sandbox's ledger; every prompt is another, so it says whose it is.
Bill = Mapping[str, Any]


@frozen
class Account:
    """
    Attributes:
        billed: how many lines were billed.
        done, failed, unknown: how many are so, as the store has it.
        twice: how many were billed more than once.
        lost: how many were billed, are not done, and not listed as unknown.
        pictures: how many files there are.
        sum: what the store says those with a price cost in USD; the bill says so, too.
        wrong: everything that must not be, in words.
    """

    billed: int
    done: int
    failed: int
    unknown: int
    twice: int
    lost: int
    pictures: int
    sum: Decimal
    wrong: tuple[str, ...]


def account_of(database: Path, out: Path, count: int, bill: Iterable[Bill]) -> Account:
    lines = list(bill)
    billed: Counter[str] = Counter()
    for line in lines:
        billed[str(line["prompt"])] += int(line["pictures"])
    with Store(f"sqlite:///{database}") as store:
        entries = {entry.prompt: entry for entry in every(store)}
    of = {state: _of(entries, state) for state in RequestState}
    done, unknown = of[RequestState.DONE], of[RequestState.UNKNOWN]
    twice = {prompt for prompt, times in billed.items() if times > _wanted(entries[prompt])}
    lost = billed.keys() - done - unknown
    calls = [one for prompt in done for one in entries[prompt].attempts if one.host == PRICED]
    total = sum((one.cost or Decimal(0) for one in calls), Decimal(0))
    priced = [one for one in lines if one["host"] == PRICED and one["prompt"] in done]
    due = sum((Decimal(one["amount"] or 0) for one in priced), Decimal(0))
    texts = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = [json.loads(text) for text in texts]
    wrong = [
        *(f"bought twice: {prompt}" for prompt in twice),
        *(f"lost: {entries.get(prompt, prompt)}" for prompt in lost),
        *(f"never billed, and done: {prompt}" for prompt in done - billed.keys()),
        *([f"{len(entries)} of {count} lines have come into the store"] * (len(entries) != count)),
        *([f"the store's sum is {total}, and the bill's {due}"] * (total != due)),
        *_of_results(entries, results, out),
    ]
    pictures = sum(len(one["response"]["body"]["data"]) for one in results if one["response"])
    failed = len(of[RequestState.FAILED])
    numbers = (len(billed), len(done), failed, len(unknown), len(twice), len(lost))
    return Account(*numbers, pictures, total, tuple(wrong))


def _wanted(entry: Entry) -> int:
    """Pictures."""
    return int((entry.asked or {}).get("n", 1))


def _of(entries: Mapping[str, Entry], state: RequestState) -> set[str]:
    return {prompt for prompt, entry in entries.items() if entry.state is state}


def _of_results(
    entries: Mapping[str, Entry], results: list[dict[str, Any]], out: Path
) -> Iterator[str]:
    """Each line has one result, which says what the store does, and its files are whole."""
    times = Counter(one["custom_id"] for one in results)
    yield from (f"{name} has {times[name]} results" for name in entries if times[name] != 1)
    told: set[str] = set()
    for one in results:
        entry = entries[one["custom_id"]]
        if bool(one["response"]) != (entry.state is RequestState.DONE):
            yield f"the result of {entry.prompt} is not what the store says: {one}"
        here = one["response"]["body"] if one["response"] else one["error"]
        for picture in here.get("data", ()):
            told.add(picture.get("file"))
            if not _is_whole(out, picture):
                yield f"{entry.prompt}: its file is not what was bought: {picture}"
    there = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    yield from (f"no result tells of {name}" for name in there - told - {"results.jsonl"})


def _is_whole(out: Path, picture: Mapping[str, Any]) -> bool:
    path = out / str(picture.get("file"))
    return path.is_file() and (
        hashlib.sha256(path.read_bytes()).hexdigest() == picture.get("sha256")
    )
