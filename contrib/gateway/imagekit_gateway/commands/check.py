"""``imagekit gateway check``."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import click
from imagekit_store import Key, Keys, NoPrice, dearest, plans_of

from imagekit import ImagekitError, Route, tools
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.gateway.opening import open_gateway
from imagekit_gateway.rights.names import Names
from imagekit_gateway.rights.rights import Rights, rights_of

__all__ = ["command"]

#: As everywhere; see docs/command-line.md.
SET_UP = 3
#: Names in a sentence; there may be hundreds.
FEW = 8
EXAMPLES = """
\b
Examples:
  imagekit gateway check
  imagekit --config studio.toml gateway check --json
"""


@click.command("check", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Look whether the gateway could be served as it is configured: the store, the hosts and
    their keys, the names that lead somewhere. Sends nothing, and opens the store as serve does:
    where there is none yet, it is made.

    The exit code is 3 when something stands in the way.
    """
    choice = tools.chosen()
    with tools.open_client(choice) as client:  # which has all that is wrong in what is written
        written = tools.checked_configuration(client)
    with open_gateway(choice, threading.Event()) as gateway:
        checked, every = gateway.store.check(), Keys(gateway.store).all()
        names = gateway.names.all()
        told = {
            "listen": gateway.settings.listen,
            "store": checked.database,
            "pictures": checked.place,
            "keys": sum(key.state == "active" for key in every),
            "hosts": sorted({gateway.names.route(name).host.name for name in names}),
            "names": len(names),
            "default_model": gateway.names.default or None,
            "gpt-image-1": _route(gateway.names, "gpt-image-1"),
        }
        trouble = [*checked.trouble, *map(str, written.refused)]
        trouble += _nowhere(gateway.names)
        notes = [*written.notes, *_asking_for_nothing(every, gateway.names)]
        notes += _without_a_price(every, gateway)
    if not names:
        trouble.append("no model has a host with a key: imagekit hosts")
    if not every:
        notes.append("there is no key yet: serve makes the first one, and shows it")
    elif not told["keys"]:
        trouble.append("no key is good any more: imagekit gateway key add NAME")
    if as_json:
        tools.json_answer({"well": not trouble, **told, "trouble": trouble, "notes": notes})
    else:
        for name, value in told.items():
            shown = ", ".join(value) if isinstance(value, list) else value
            tools.answer(f"{name}: {'none' if value in (None, []) else shown}")
        for sentence in trouble:
            tools.answer(f"wrong: {sentence}")
        for sentence in notes:
            tools.note(sentence)
    return SET_UP if trouble else 0


def _nowhere(names: Names) -> Iterator[str]:
    """Why nobody draws for those who name no model, where one is named for them."""
    try:
        if names.default:
            names.route(names.default)
    except ImagekitError as error:
        yield f"default_model: {error}"


def _asking_for_nothing(keys: Iterable[Key], names: Names) -> Iterator[str]:
    """Keys whose patterns match no name that is served."""
    routes = names.routes()
    for key in keys:
        rights = rights_of(key)
        if key.state == "active" and not any(rights.may_ask(*one) for one in routes):
            yield f"the key {key.name} may ask for {', '.join(rights.models)}, and nothing is so"


def _without_a_price(keys: Iterable[Key], gateway: Gateway) -> Iterator[str]:
    """What is refused to keys with a budget, since nobody says what it costs in their currency."""
    unknown = gateway.client.config.unknown_price
    budgets: dict[str, list[Rights]] = {}
    for key in keys:
        if key.state == "active" and key.limits.budget is not None:
            budgets.setdefault(key.limits.currency, []).append(rights_of(key))
    if unknown is not None:
        budgets.pop(unknown.currency or "", None)
    once: dict[str, tuple[str, Route]] = {}
    for name, route in gateway.names.routes():
        once.setdefault(route.name, (name, route))
    for currency, holders in sorted(budgets.items()):
        refused = [
            name
            for name, route in once.values()
            if any(rights.may_ask(name, route) for rights in holders)
            and not _has_price(gateway, name, currency)
        ]
        if refused:
            more = f" and {len(refused) - FEW} more" if len(refused) > FEW else ""
            yield (
                f"keys with a budget in {currency} can't ask for {', '.join(refused[:FEW])}{more}: "
                "nobody says what that costs; unknown_price, above all tables, says what it counts"
            )


def _has_price(gateway: Gateway, name: str, currency: str) -> bool:
    """Whether it is known beforehand. What can't be asked for so, such as an edit without a
    picture, is not missed."""
    asked = {"prompt": "a picture", "model": gateway.names.address(name)}
    plans = plans_of(gateway.client, asked)
    try:
        dearest(plans, currency, None)
    except NoPrice:
        return bool(plans[0].problems)
    return True


def _route(names: Names, name: str) -> str | None:
    try:
        return names.route(name).name
    except ImagekitError:
        return None
