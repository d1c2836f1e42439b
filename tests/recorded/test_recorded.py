"""Answers of hosts, recorded or printed by a page, become the right pictures, failures or error.

The samples are not in this repository: ``IMAGEKIT_VECTORS`` names their directory, which
otherwise is ``../shared/vectors`` beside it. What each has to become is in ``tables/``.
"""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import pytest
from recordings.calling import called, planned
from recordings.comparing import expected, found
from recordings.samples import VECTORS, asked, names_in
from recordings.tables import FOLDERS, Answered, Shaped, Table, read

if not VECTORS.is_dir():
    pytest.skip(
        f"there are no recorded samples at {VECTORS}; IMAGEKIT_VECTORS says where they are",
        allow_module_level=True,
    )

TABLES = [read(folder) for folder in FOLDERS]
ANSWERS = [row for table in TABLES for row in table.answers]
REQUESTS = [row for table in TABLES for row in table.requests]


@pytest.mark.parametrize("row", ANSWERS, ids=str)
def test_an_answer_becomes_what_the_table_says(row: Answered) -> None:
    assert found(row, called(VECTORS, row)) == expected(VECTORS, row)


@pytest.mark.parametrize("row", REQUESTS, ids=str)
def test_a_request_is_shaped_as_it_was_recorded(row: Shaped) -> None:
    recorded = asked(VECTORS, row.name)
    plan = planned(row, recorded.body)
    assert [problem.field for problem in plan.problems] == list(row.refused)
    if plan.request is None:
        return
    body = asked(VECTORS, row.like).body if row.like else recorded.body
    assert json.loads(plan.request.body.read()) == {
        name: value for name, value in body.items() if name not in row.without
    }
    assert plan.paid_calls == row.paid_calls
    if recorded.path and not row.elsewhere:
        sent = f"{plan.request.method} {unquote(urlsplit(plan.request.url).path)}"
        assert sent == f"{recorded.method} {recorded.path}"


def test_every_folder_has_a_table() -> None:
    assert sorted(path.name for path in VECTORS.iterdir() if path.is_dir()) == list(FOLDERS)


@pytest.mark.parametrize("table", TABLES, ids=FOLDERS)
def test_every_sample_is_in_its_table_once(table: Table) -> None:
    named = sorted(table.names())
    there = sorted(names_in(VECTORS, table.folder))
    assert not [name for name in there if name not in named], "samples that no row names"
    assert not [name for name in named if name not in there], "rows without a sample"
    assert not {name for name in named if named.count(name) > 1}, "samples in several rows"


@pytest.mark.parametrize("table", TABLES, ids=FOLDERS)
def test_what_is_left_out_has_a_reason(table: Table) -> None:
    assert all(len(why.split()) > 3 for why in table.left_out.values())
