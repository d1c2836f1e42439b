"""What had come already when a server was killed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from imagekit_sandbox.serving import Upstreams

from imagekit import Blob, Client, ConfigurationError, FileJournal, Image, Purchase, Result
from imagekit.testing import picture
from imagekit_mcp.gallery import Gallery
from imagekit_mcp.recovering import Recovering


def left(gallery: Gallery, *images: Image) -> None:
    """What stands in the journal of a server that was killed when these had come."""
    with FileJournal(gallery.journal) as journal:
        bought = Purchase("earlier", "seedream-4.5", "modelark")
        journal.sending(bought)
        journal.answered(bought, Result(images))


def recovered(gallery: Gallery, upstreams: Upstreams) -> FileJournal:
    journal = FileJournal(gallery.journal)
    with Client(config=upstreams.configuration(), sinks=[gallery.keep], journal=journal) as client:
        Recovering(client, journal, gallery).run(journal.take_over())
    return journal


def test_pictures_of_the_answer_are_saved(upstreams: Upstreams, tmp_path: Path) -> None:
    gallery = Gallery.at(tmp_path)
    left(gallery, Image(0, blob=Blob.of(picture(8, 8))), Image(1, blob=Blob.of(picture(9, 9))))
    assert recovered(gallery, upstreams).open == []
    assert {path.read_bytes() for path in gallery.newest(9)} == {picture(8, 8), picture(9, 9)}


def test_a_link_that_leads_nowhere_stays_open_for_the_next_start(
    upstreams: Upstreams, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gallery = Gallery.at(tmp_path)
    left(gallery, Image(0, f"{upstreams.url}/gone.png", host="modelark"))
    with caplog.at_level(logging.WARNING, "imagekit.mcp"):
        journal = recovered(gallery, upstreams)
    assert [one.purchase.id for one in journal.open] == ["earlier"]
    assert "earlier of an earlier server is not here" in caplog.text
    assert gallery.newest(9) == []


def test_what_lies_in_the_folder_is_believed_nothing(tmp_path: Path) -> None:
    """It may have come with a repository, its journal with it."""
    folder = tmp_path / "pictures"
    left(Gallery.at(folder), Image(0, "http://127.0.0.1:1/stolen.png", host="modelark"))
    assert not [*folder.iterdir()]


def test_an_output_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "pictures").symlink_to("private")
    with pytest.raises(ConfigurationError, match="is a symbolic link; name the folder"):
        Gallery.at(tmp_path / "pictures")
