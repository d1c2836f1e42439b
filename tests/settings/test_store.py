"""``[store]``: settings that belong to the plugin that keeps one, and that core only carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imagekit import Client, Config, ConfigurationError, Plugins, Problem, hookimpl
from imagekit.basics.urls import without_secrets
from imagekit.cli.app import run
from imagekit.settings.secret_reference import SecretReference
from imagekit.settings.trust import Trust

STORE = """
[store]
url = { file = "store-url" }
keep_days = 30
pictures = "s3://pond/lilies?secret_key=hush&region=eu"
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Keeper:
    """A plugin that keeps a store, or would."""

    KEYS = ("url", "pictures", "keep_days")

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.given: list[Config] = []

    @hookimpl
    def imagekit_check_settings(self, table: str, config: Config) -> list[Problem] | None:
        if table != "store":
            return None
        return [
            Problem(f"store.{key}", "no such key") for key in config.store if key not in self.KEYS
        ]

    @hookimpl
    def imagekit_journal(self, config: Config) -> None:
        self.given.append(config)
        if self.broken:
            raise ConfigurationError(self.broken)


def client(roses: Any, *keepers: Any, **more: Any) -> Client:
    return Client(plugins=Plugins.of(roses, *keepers), environment={}, **more)


def written(text: str, name: str = "imagekit.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_its_plugin_gets_the_settings_and_secrets_lie_beside_the_configuration(roses, here):
    keeper = Keeper()
    (here / "work").mkdir()
    client(roses, keeper, config=written(STORE, "work/mine.toml")).close()
    (config,) = keeper.given
    assert config.store["url"] == SecretReference(file="work/store-url")
    assert (config.store["keep_days"], config.path) == (30, Path("work/mine.toml"))
    assert "hush" not in repr(config)


def test_a_client_without_a_configuration_has_none(roses):
    written(STORE)
    keeper = Keeper()
    client(roses, keeper).close()
    assert keeper.given == [Config()]


def test_mistakes_are_told_with_all_others_at_once(roses):
    text = 'prefer = ["nobody"]\n' + STORE + 'ulr = "x"\nlist = [1]\n'
    with pytest.raises(ConfigurationError) as caught:
        client(roses, Keeper(), config=written(text))
    told = {problem.field: problem.message for problem in caught.value.problems}
    assert [*told] == ["store.list", "prefer[0]", "store.ulr"]
    assert told["store.list"].startswith("must be a text, a number")


@pytest.mark.parametrize("others", [(), ("somebody",)])
def test_a_store_that_nobody_keeps_is_one_sentence(roses, others):
    class Somebody:
        """Has a look, and it is not theirs."""

        @hookimpl
        def imagekit_check_settings(self) -> None:
            return None

    keepers = [Somebody() for _ in others]
    with pytest.raises(ConfigurationError, match="pip install imagekit-store"):
        client(roses, *keepers, config=Config(store={"url": "sqlite:///x.db"}))


def test_one_that_can_not_be_opened_is_told_in_its_own_words_and_breaks_no_plugin(roses):
    keeper, config = Keeper("the database pond is not there"), Config(store={"url": "x"})
    with pytest.raises(ConfigurationError) as caught:
        client(roses, keeper, config=config)
    assert str(caught.value) == "the database pond is not there"
    keeper.broken = ""
    client(roses, keeper, config=config).close()


def test_a_file_that_was_only_found_keeps_nothing_anywhere_until_it_is_trusted(roses, caplog):
    """A stranger's repository would else have everybody's prompts in its own database."""
    path, keeper = written(STORE), Keeper()
    plugins = Plugins.of(roses, keeper)
    with Client.from_config(plugins=plugins, environment={}) as found:
        assert found.config.withholds("store")
        assert keeper.given[-1].store == {}
    assert "what it says in store does not count" in caplog.text
    Trust().note(path, path.read_bytes())
    with Client.from_config(plugins=plugins, environment={}) as trusted:
        assert not trusted.config.withholds("store")
        assert {*keeper.given[-1].store} == {"url", "keep_days", "pictures"}


def test_trust_shows_where_everything_would_go_and_no_password(capsys):
    written('[store]\nurl = { command = ["pass", "db"] }\npictures = "s3://k:hush@far.example/x"')
    assert run(["config", "trust"]) == 0
    told = capsys.readouterr().err
    assert 'store.url comes from command ["pass", "db"]' in told
    assert 'store.pictures is "s3://k:...@far.example/x"' in told


def test_show_and_check_know_it(capsys, monkeypatch):
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "")
    plugins = Plugins.of(Keeper())
    monkeypatch.setattr(Plugins, "load", lambda *_, **__: plugins)
    path = written(STORE, "mine.toml")
    assert run(["--config", str(path), "config", "show"]) == 0
    shown = capsys.readouterr().out
    assert "store.url\tin file store-url, missing" in shown
    assert "store.keep_days\t30\tmine.toml" in shown
    assert "hush" not in shown
    assert run(["--config", str(path), "config", "check"]) == 0
    assert "store.url: file store-url is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hu/sh@db.example:5432/pond", "postgresql://me:...@db.example:5432/pond"),
        ("postgresql:///pond?host=far.example&password=hush", "...?host=far.example&password=..."),
        ("sqlite:////var/a:b@c.db", "sqlite:////var/a:b@c.db"),
        ("pictures/of:lilies@home", "pictures/of:lilies@home"),
    ],
)
def test_a_url_is_shown_with_where_it_leads_and_without_its_password(url, shown):
    assert without_secrets(url) == shown.replace("...?", "postgresql:///pond?")
