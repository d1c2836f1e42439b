"""What is wrong with a configuration: every mistake, with its place."""

from __future__ import annotations

import pytest

from imagekit import (
    Alias,
    Config,
    HostSettings,
    InvalidConfiguration,
    Retry,
    UsageError,
)
from imagekit.settings.config_file import parse

MISTAKES = {
    'prefre = ["meadow"]': "prefre: no such key; did you mean prefer?",
    'prefer = "meadow"': "prefer: must be a list, not text",
    'prefer = ["medow"]': "prefer[0]: no host is named 'medow'; did you mean meadow?",
    'on_unsupported = "adap"': "must be one of error, adapt, drop; did you mean adapt?",
    'default_model = "rose-2"': "default_model: no installed plugin knows the model 'rose-2'",
    "default_model = 4": "default_model: must be text, not a whole number",
    'hosts.meadow.base_ulr = "x"': "hosts.meadow.base_ulr: no such key; did you mean base_url?",
    'hosts.meadow.base_url = "x"': "hosts.meadow.base_url: must be an address",
    'hosts.meadow.base_url = "http://a:b@c"': "hosts.meadow.base_url: must be an address",
    'hosts.meadow.read_timeout = "9"': "hosts.meadow.read_timeout: must be a number, not text",
    "hosts.meadow.read_timeout = 0": "hosts.meadow.read_timeout: must be more than 0",
    "hosts.meadow.read_timeout = true": "must be a number, not true or false",
    'hosts.medow.base_url = "https://a"': "hosts.medow: no such host is installed; did you",
    'hosts.work.kind = "medow"': "hosts.work.kind: no host 'medow' is installed; did",
    'hosts.field.kind = "meadow"': "hosts.field.kind: field is an installed host itself",
    'hosts."a:b".kind = "meadow"': 'hosts."a:b": a host\'s name has no colon',
    'hosts = "meadow"': "hosts: must be a table, not text",
    'hosts.meadow = "x"': "hosts.meadow: must be a table, not text",
    'hosts.meadow.headers = ["a"]': "hosts.meadow.headers: must be a table, not a list",
    'hosts.meadow.headers."a b" = "x"': 'hosts.meadow.headers."a b": is no name of a header',
    'hosts.meadow.headers.a = "x\\ny"': "hosts.meadow.headers.a: has characters",
    'hosts.meadow.remote_ids.rose-9 = "x"': "hosts.meadow.remote_ids.rose-9: no installed plugin",
    'hosts.meadow.remote_ids.rose-one = "x"': "use its canonical name here: rose-1",
    "hosts.meadow.models.rose-1.parameters.qualty.enum = [1]": "did you mean quality?",
    "hosts.meadow.models.rose-1.parameters.quality.enum = [1]": "1 is not text",
    "hosts.meadow.models.rose-1.parameters.quality.range = [1, 2]": "is no number; use enum",
    "hosts.meadow.models.rose-1.parameters.n.range = [2, 1]": "the least comes first",
    "hosts.meadow.models.rose-1.parameters.n.range = [2]": "must be a list of 2, not of 1",
    "hosts.meadow.models.rose-1.parameters.n = {}": "needs enum = [...] or range",
    "hosts.meadow.models.rose-1.parameters.size.enum = ['1K']": "sizes have a table of their own",
    "hosts.meadow.models.rose-1.sizes.tiers = ['2k']": "'2k' is not a tier",
    "hosts.meadow.models.rose-1.sizes.max_ratio = 'wide'": "which is no WIDTH:HEIGHT",
    "hosts.meadow.models.rose-1.sizes.tier = ['2K']": "no such key; did you mean tiers?",
    "hosts.meadow.credential = {}": "credential: needs exactly one of env, file, command",
    "hosts.meadow.credential = {env='A', file='b'}": "needs exactly one of env, file, command",
    "hosts.meadow.credential = {evn='A'}": "no such key evn; did you mean env?",
    "hosts.meadow.credential = {command='ls'}": "credential.command: must be a list, not text",
    "hosts.meadow.credential = {password={env='A'}}": "no such field; known are api_key",
    "hosts.brook.credential = {env='A'}": "has several fields here: {access_key = {...}, secret",
    "hosts.brook.credential = {access_key={env='A'}}": "hosts.brook.credential: lacks secret_key",
    "models.poster.hosts = ['meadow']": "models.poster.model: is missing",
    "models.poster.model='rose-1'\nmodels.postr.budget='5 USD'": "stands for; did you mean poster?",
    "models.poster.model = 'rose'": "no installed plugin knows the model 'rose'; did you mean rose",
    "models.a.model = 'poser'\nmodels.poster.model = 'rose-1'": "'poser'; did you mean poster?",
    "models.poster = {model='rose-1', hots=['meadow']}": "models.poster.hots: no such key; did you",
    "models.poster = {model='rose-1', hosts=['pond']}": "models.poster.hosts[0]: no host is named",
    "models.poster = {model='field:rose-1', hosts=['meadow']}": "names its host already",
    "models.poster = {model='rose-1', defaults={sise='2K'}}": "did you mean size?",
    "models.poster = {model='rose-1', defaults={thorns=1}}": "a family's own go into options",
    "models.poster = {model='rose-1', defaults={n='2'}}": "models.poster.defaults.n: '2' is not",
    "models.poster = {model='rose-1', defaults={options={size='2K'}}}": "it goes into defaults",
    "models.poster = {model='rose-1', defaults={on_unsupported='x'}}": "must be one of error",
    "models.rose-1.model = 'rose-one'": "models.rose-1: is the name of Rose 1; choose another",
    "models.rose-one.model = 'rose-1'": "models.rose-one: is the name of Rose 1; choose another",
    "models.'a:b'.model = 'rose-1'": "an alias has no colon",
    "budget = '20'": "budget: '20' is no budget; one is \"20 USD/month\"",
    "budget = '10 dollars/month'": "budget: no host counts in dollars; did you mean USD?",
    "budget = 20": "budget: 20 is no budget",
    "unknown_price = 'cheap'": 'unknown_price: must be "refuse", or what a picture counts',
    "unknown_price = 0.05": 'unknown_price: must be "refuse", or what a picture counts',
    "hosts.meadow.budget = '5 USD/week'": "hosts.meadow.budget: a budget is for a day, a month or",
    "hosts.meadow.rpm = 0": "hosts.meadow.rpm: must be a whole number from 1; leave it out for no",
    "hosts.meadow.rpm = 2.5": "hosts.meadow.rpm: must be a whole number",
    "hosts.meadow.rpm = true": "hosts.meadow.rpm: must be a whole number",
    "hosts.meadow.at_once = -1": "hosts.meadow.at_once: must be a whole number from 1",
    "hosts.meadow.atonce = 1": "hosts.meadow.atonce: no such key; did you mean at_once?",
    "models.poster = {model='rose-1', balance='fast'}": "must be one of order, least-busy",
    "models.poster = {model='rose-1', balance='least_busy'}": "did you mean least-busy?",
    "models.poster = {model='rose-1', budget='-1 USD'}": "models.poster.budget: '-1 USD' is no",
    "models.a.model = 'a'": "models.a.model: goes in a circle: a -> a",
    "models.a.model = 'b'\nmodels.b.model = 'a'": "models.a.model: goes in a circle: a -> b -> a",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(client, toml, text):
    with pytest.raises(InvalidConfiguration) as caught:
        client(toml(text))
    assert MISTAKES[text] in str(caught.value)


def test_all_mistakes_are_told_at_once_and_only_they(client, toml):
    path = toml("""
        prefre = []
        prefer = ["medow"]
        default_model = "poster"
        [models.poster]
        model = "rose-1"
        defaults = { n = "2" }
        [hosts.work]
        kind = "meadow"
        base_ulr = "x"
        connect_timeout = "soon"
        [hosts.field]
        credential = "sk-literally"
    """)
    with pytest.raises(InvalidConfiguration) as caught:
        client(path)
    assert [problem.field for problem in caught.value.problems] == [
        "hosts.work.connect_timeout",
        "hosts.work.base_ulr",
        "hosts.field.credential",
        "prefre",
        "prefer[0]",
        "models.poster.defaults.n",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'hosts.meadow.credential = "sk-literally"',
        'hosts.brook.credential.access_key = "sk-literally"',
        'hosts.meadow.headers.Authorization = "Bearer sk-literally"',
        'hosts.meadow.headers.X-Api-Key = "sk-literally"',
    ],
)
def test_a_literal_secret_is_refused_with_what_to_do_and_not_repeated(client, toml, text):
    with pytest.raises(InvalidConfiguration, match="a secret does not belong here") as caught:
        client(toml(text))
    assert '{env = "NAME"}' in str(caught.value).replace("{ env", "{env")
    assert "sk-literally" not in f"{caught.value} {caught.value.problems!r}"


def test_a_configuration_made_in_code_is_checked_as_well(client):
    with pytest.raises(InvalidConfiguration, match=r"the configuration can't be used"):
        client(Config(models={"rose-1": Alias("rose-1")}))


def test_what_a_file_says_right_is_read_in_spite_of_what_it_says_wrong(toml):
    config = parse(toml('prefer = ["meadow", 3]\n[hosts.work]\nkind = "meadow"\nhedders = {}'))
    assert config.hosts == {"work": HostSettings(kind="meadow")}
    assert [problem.field for problem in config.problems] == ["prefer[1]", "hosts.work.hedders"]


@pytest.mark.parametrize(
    "text",
    ['[models.seedream-4.5]\nmodel = "rose-1"', "[hosts.meadow.models.rose-1.5]\nparameters = {}"],
)
def test_a_name_with_a_dot_that_is_not_quoted_is_told(client, toml, text):
    with pytest.raises(InvalidConfiguration, match="a name with a dot stands in quotes: "):
        client(toml(text))


@pytest.mark.parametrize(
    "settings",
    [
        HostSettings(base_url="nope"),
        HostSettings(base_url="https://user@meadow.invalid"),
        HostSettings(read_timeout=0),
        HostSettings(headers={"X Y": "1"}),
    ],
)
def test_settings_of_a_program_are_checked_as_those_of_a_file(client, settings):
    with pytest.raises(InvalidConfiguration, match=r"hosts\.meadow"):
        client(hosts={"meadow": settings})


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda client: client(concurrency=0), "concurrency is a number of requests from 1"),
        (lambda client: client(config={}), "config is a Config, or the path"),
        (lambda client: client(retry=Retry(attempts=0)), "attempts counts every send"),
        (lambda client: client(retry=Retry(first=-1)), "first is a number of seconds"),
        (lambda client: client().generate("x", model=5), "model is the name of one"),
        (lambda client: client().plan("x", model=["rose-1"]), "model is the name of one"),
        (lambda client: asked(client, "5"), "deadline is a number of seconds, not '5'"),
        (lambda client: asked(client, float("nan")), "deadline is a number of seconds, not nan"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(client, make, says):
    with pytest.raises(UsageError, match=says):
        make(client)


def asked(client, deadline):
    made = client(credentials={"meadow": "key-of-the-meadow"})
    return made.generate("a rose", model="meadow:rose-1", deadline=deadline)
