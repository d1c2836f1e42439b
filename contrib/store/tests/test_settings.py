"""``[store]`` of a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagekit import Config, ConfigurationError, SecretReference
from imagekit_store.opening.settings import arguments, problems

URL = {"url": "sqlite:////srv/store.db"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "sqlite:///store.db", "pictures": "pictures", "keep_days": 0.5}, []),
        ({"url": SecretReference(env="STORE_URL")}, []),
        ({**URL, "ulr": "x"}, ["store.ulr: no such key; did you mean url?"]),
        ({**URL, "key": "x"}, ["store.key: no such key; known are url, pictures, keep_days"]),
        ({"pictures": "lilies"}, ["store.url: is missing"]),
        ({"url": ""}, ["store.url: must be a text"]),
        ({"url": 3, "keep_days": True}, ["url: must be a text", "keep_days: must be a number"]),
        ({**URL, "keep_days": 0}, ["store.keep_days: must be a number of days"]),
        ({**URL, "keep_days": SecretReference(env="DAYS")}, ["must be a number of days"]),
        ({"url": "postgresql://me:hush@db/pond"}, ["a password does not belong here"]),
        ({"url": "postgresql://me@db/pond?password=hush"}, ["a password does not belong here"]),
    ],
)
def test_every_mistake_is_told_with_its_place(settings, told):
    found = [str(problem) for problem in problems(Config(store=settings))]
    assert len(found) == len(told)
    assert all(words in one for words, one in zip(told, found, strict=True)), found
    assert "hush" not in "".join(found)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("sqlite:///store.db", "sqlite:////srv/studio/store.db"),
        ("sqlite:////var/store.db", "sqlite:////var/store.db"),
        ("sqlite:///~/store.db", "sqlite:////home/me/store.db"),
        ("postgresql://db/pond", "postgresql://db/pond"),
    ],
)
def test_files_lie_beside_the_configuration(monkeypatch, url, whole):
    monkeypatch.setenv("HOME", "/home/me")
    path = Path("/srv/studio/imagekit.toml")
    assert arguments(Config(store={"url": url}, path=path)) == {"url": whole}
    assert arguments(Config(store={"pictures": "lilies"}, path=path)) == {
        "pictures": "/srv/studio/lilies"
    }
    bucket = {"pictures": "s3://pond/lilies"}
    assert arguments(Config(store=bucket, path=path)) == bucket


def test_a_secret_is_read_where_it_is_or_told_to_be_missing():
    config = Config(store={"url": SecretReference(env="STORE_URL")})
    assert arguments(config, {"STORE_URL": "postgresql://me:hush@db/pond"}) == {
        "url": "postgresql://me:hush@db/pond"
    }
    with pytest.raises(ConfigurationError, match=r"store\.url: the environment variable STORE_URL"):
        arguments(config, {})
