"""Which file is read, and what is said of one that can't be."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from imagekit import (
    Client,
    Config,
    ConfigurationError,
    Plugins,
)
from imagekit.settings.config_file import candidates, find, read


def test_the_first_file_that_is_named_or_there_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    files = [
        Path("given.toml"),
        Path("named.toml"),
        Path("imagekit.toml"),
        tmp_path / "home" / "imagekit" / "config.toml",
    ]
    named = {"IMAGEKIT_CONFIG": "named.toml"}
    files[3].parent.mkdir(parents=True)
    for file in files:
        file.write_text(f'prefer = ["{file.stem}"]')
    assert [one.path for one in candidates("given.toml", named)] == files
    assert find("given.toml", named).path == files[0]
    assert find(None, named).path == files[1]
    assert find(None, {}).path == files[2]
    files[2].unlink()
    assert read(None, {}).prefer == ("config",)
    files[3].unlink()
    assert (find(None, {}), read(None, {})) == (None, Config())


def test_the_library_reads_no_file_unless_it_is_asked_to(client, tmp_path, monkeypatch, roses):
    monkeypatch.chdir(tmp_path)
    Path("imagekit.toml").write_text('default_model = "meadow:rose-1"')
    assert client().config.default_model is None
    options = {"plugins": Plugins.of(roses), "environment": {}}
    with closing(Client.from_config(**options)) as made:
        assert made.plan("x").host == "meadow"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("prefer = [", "is not TOML"),
        ("a = 1\nb 2\n", "line 2, column 3"),
        (b"\xff\xfe", "is not UTF-8"),
        ("n = " + "9" * 5000, "far too long"),
        ("n = 0x" + "f" * 5000, "far too long"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none_says_why(client, tmp_path, text, says):
    path = tmp_path / "mine.toml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as caught:
        client(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_directory_is_no_configuration(client, tmp_path):
    with pytest.raises(ConfigurationError, match="not a regular file"):
        client(tmp_path)
