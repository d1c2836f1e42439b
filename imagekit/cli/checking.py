"""What is wrong with a configuration that can be read: found without sending anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from imagekit import (
    AmbiguousHost,
    Client,
    Config,
    ConfigurationError,
    HostSettings,
    InvalidRequest,
    Problem,
    SecretReference,
    UsageError,
)
from imagekit.basics.classes import frozen
from imagekit.basics.urls import in_clear
from imagekit.client.config_checks.aliases import hosts_of
from imagekit.client.config_checks.idle import idle
from imagekit.settings.config import TABLES
from imagekit.settings.config_file import references
from imagekit.values.plain.places import Place, dotted

__all__ = ["Checked", "checked_configuration"]


@frozen
class Checked:
    """
    Attributes:
        refused: what calls by an alias, with nothing but a prompt, would be refused for.
        notes: what else its owner should know: sentences.
    """

    refused: tuple[Problem, ...]
    notes: tuple[str, ...]


def checked_configuration(client: Client) -> Checked:
    """What `imagekit config check` says of the configuration that a client has."""
    return Checked(tuple(_refused(client)), tuple(_notes(client)))


def _notes(client: Client) -> Iterator[str]:
    for name in _in_clear(client):
        address = dotted(("hosts", name, "base_url"))
        yield f"{address}: its key would go over plain http, where others can read it"
    for place, secret in _missing(client):
        yield f"{dotted(place)}: {secret} is missing"
    yield from map(str, idle(client.config, client.registry))
    yield from _without_price(client)
    if _counts_alone(client.config):
        yield "limits and budgets count in each process alone, as there is no [store] to share them"


def _counts_alone(config: Config) -> bool:
    """Whether each command begins with a budget that is whole."""
    limits = any((one.rpm, one.at_once) != (None, None) for one in config.hosts.values())
    return (limits or bool(config.budgets)) and not config.store


def _in_clear(client: Client) -> Iterator[str]:
    """Hosts of the configuration whose keys others could read on the way."""
    for name in client.config.hosts:
        host = client.registry.host(name)
        if host.auth.variables and in_clear(client.address(host)):
            yield name


def _missing(client: Client) -> Iterator[tuple[Place, SecretReference]]:
    """Secrets that are not where the configuration says; commands are not run to find out."""
    for name, settings in client.config.hosts.items():
        for place, secret in references(settings):
            if not secret.there(os.environ):
                yield ("hosts", name, *place), secret
    for table in TABLES:
        for name, setting in client.config.table(table).items():
            if isinstance(setting, SecretReference) and not setting.there(os.environ):
                yield (table, name), setting


def _without_price(client: Client) -> Iterator[str]:
    """Aliases whose calls a budget refuses, since nobody knows what they cost in its currency."""
    price = client.config.unknown_price
    for name in client.config.models:
        hosts: dict[str, list[str]] = {}
        for host in _asked_at(name, client):
            try:
                plan = client.plan("a prompt", model=f"{host}:{name}")
            except UsageError:  # none of several models can do it there, so that none is asked
                continue
            counted = {plan.estimate.currency} | ({price.currency} if price else set())
            counts = not plan.problems and plan.estimate.amount != 0
            for currency in _currencies(name, host, client) if counts else ():
                if currency not in counted:
                    hosts.setdefault(currency, []).append(host)
        for currency, unknown in hosts.items():
            yield (
                f"{dotted(('models', name))}: nobody knows the price at {', '.join(unknown)} in "
                f"{currency}, in which a budget is, so that calls are refused; say what a picture "
                f'counts: unknown_price = "0.05 {currency}"'
            )


def _currencies(name: str, host: str, client: Client) -> Iterator[str]:
    """Of the budgets that a call by this alias counts against at this host."""
    config = client.config
    own = config.hosts.get(host, HostSettings())
    for budget in (config.budget, own.budget, config.models[name].budget):
        if budget is not None:
            yield budget.currency


def _refused(client: Client) -> Iterator[Problem]:
    """What a call by an alias, with nothing but a prompt, would be refused for: each once, with
    all the hosts that refuse it.
    """
    for name, alias in client.config.models.items():
        yield from _torn(name, client)
        if not isinstance(alias.model, str):
            yield from _none_can(name, client)
            continue
        hosts: dict[tuple[str, str], list[str]] = {}
        for host in _asked_at(name, client):
            for problem in client.plan("a prompt", model=f"{host}:{name}").problems:
                why = re.sub(rf" at {re.escape(host)}\b", "", problem.message)
                hosts.setdefault((problem.field, why), []).append(host)
        for (field, why), refusing in hosts.items():
            place = dotted(("models", name, "defaults"))
            yield Problem(f"{place}.{field}", f"{why} (at {', '.join(refusing)})")


def _torn(name: str, client: Client) -> Iterator[Problem]:
    """That several hosts have a key, and nobody says which is asked."""
    if client.config.models[name].hosts or len([*_asked_at(name, client)]) < 2:
        return
    try:
        client.route(name)
    except AmbiguousHost as error:
        yield Problem(dotted(("models", name, "model")), error.message)
    except (UsageError, ConfigurationError):  # perhaps there are keys elsewhere
        return


def _none_can(name: str, client: Client) -> Iterator[Problem]:
    """That no model of several can do it: of those that would be asked; where none is yet, for want
    of a key or of a word which host is meant, at any host."""
    place = dotted(("models", name, "model"))
    try:
        client.plan("a prompt", model=name)
    except InvalidRequest as error:
        yield Problem(place, error.message)
    except (UsageError, ConfigurationError):
        if lines := _refused_everywhere(name, client):
            said = f"no model of {name} can take this call:"
            yield Problem(place, "\n".join((said, *lines)))


def _refused_everywhere(name: str, client: Client) -> tuple[str, ...]:
    """What each host has against it; nothing where one takes it."""
    told: list[str] = []
    for host in _asked_at(name, client):
        try:
            client.plan("a prompt", model=f"{host}:{name}")
        except InvalidRequest as error:
            told += error.message.splitlines()[1:]
        except (UsageError, ConfigurationError):  # none of the models is there
            continue
        else:
            return ()
    return tuple(told)


def _asked_at(name: str, client: Client) -> Iterator[str]:
    """The hosts an alias may lead to; not what is withheld, which was told when it was read."""
    config = client.config
    for host in hosts_of(name, config, client.registry):
        if not (config.withholds("hosts", host) or config.withholds("models", name)):
            yield host
