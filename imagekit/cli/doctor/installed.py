"""What can be seen without asking anybody: plugins, the configuration, prices, what is open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from imagekit import Client, Host
from imagekit.cli.checking import checked_configuration
from imagekit.cli.known_prices import known_prices, priced_routes
from imagekit.cli.unfinished.journaling import state_directory
from imagekit.send.journal.recovery import left_behind
from imagekit.settings.untrusted import listed
from imagekit.values.check import FAILED, OK, WARNING, Check

__all__ = ["OLD", "configured", "journal", "log_file", "plugins", "prices"]

#: Days after which somebody should look at a price list again.
OLD = 90


def plugins(client: Client) -> Iterator[Check]:
    """Whether all of them work, and what they say that means nothing."""
    installed = client.plugins.installed
    for plugin in installed:
        if plugin.state == "failed":
            mend = f"pip install --upgrade {plugin.distribution}, or tell its author"
            yield Check("plugins", plugin.label, FAILED, plugin.error, mend)
    for lost in client.registry.dangling:
        needs = f"its offer of {lost.model} needs {lost.needs}"
        yield Check("plugins", lost.host, WARNING, needs, "install what it needs")
    for doubt in client.registry.doubts:
        yield Check("plugins", "", WARNING, doubt, "tell the plugin's author")
    yield from _namesake()
    loaded = sum(plugin.state == "loaded" for plugin in installed)
    blocked = sum(plugin.state == "blocked" for plugin in installed)
    besides = f", {blocked} blocked" if blocked else ""
    yield Check("plugins", "", OK, f"{loaded} of {len(installed)} loaded{besides}")


def _namesake() -> Iterator[Check]:
    try:
        found = f"django-imagekit {version('django-imagekit')}"
    except PackageNotFoundError:
        return
    why = f"{found} is installed here, and is the Python package 'imagekit' as well"
    yield Check("plugins", "", FAILED, why, "give each an environment of its own")


def configured(client: Client) -> Iterator[Check]:
    """Whether the configuration counts, and what is wrong with it."""
    config = client.config
    if config.path is None:
        yield Check("configuration", "", OK, "there is no configuration file")
        return
    of = str(config.path)
    if config.withheld:
        why = f"it {config.found}, so what it says in {listed(config.withheld)} does not count"
        yield Check("configuration", of, WARNING, why, "look at it, then: imagekit config trust")
    checked = checked_configuration(client)
    for problem in checked.refused:
        yield Check("configuration", of, FAILED, str(problem), "correct it in that file")
    for sentence in checked.notes:
        yield Check("configuration", of, WARNING, sentence, "correct it, or give what is missing")
    if not (checked.refused or checked.notes or config.withheld):
        yield Check("configuration", of, OK, "nothing wrong")


def prices(client: Client, hosts: Sequence[Host], today: date) -> Iterator[Check]:
    """How old the price lists are of the hosts that are used here."""
    for host in hosts:
        routes = [route for route in priced_routes(client) if route.host is host]
        known = known_prices(routes, today)
        old = [one for one in known if one.days is not None and one.days > OLD]
        over = [one for one in known if one.price and one.price.why_not(today)]
        unknown = sum(one.price is None for one in known)
        said = f"{len(known) - unknown} of {len(known)} prices are known"
        if old or over:
            oldest = max((one.days or 0) for one in (*old, *over))
            why = f"{len({*old, *over})} are old or over, the oldest read {oldest} days ago"
            mend = f"see imagekit prices --host {host.name}; a newer plugin may have newer ones"
            yield Check("prices", host.name, WARNING, f"{said}; {why}", mend)
        elif known:
            yield Check("prices", host.name, OK, said)


def journal() -> Iterator[Check]:
    """Whether paid calls can be noted, and which of them are open."""
    place = state_directory()
    near = next(path for path in (place, *place.absolute().parents) if path.exists())
    if not near.is_dir() or not os.access(near, os.W_OK | os.X_OK):
        mend = "make it writable, or name another: IMAGEKIT_STATE=DIRECTORY"
        yield Check("journal", str(place), FAILED, "it can't be written, so nothing is made", mend)
        return
    left = left_behind(place) if place.exists() else []
    if left:
        found = f"{len(left)} calls are open"
        yield Check("journal", str(place), WARNING, found, "imagekit resume (buys nothing)")
    else:
        yield Check("journal", str(place), OK, "it can be written, and nothing is open")


def log_file(path: str | None) -> Iterator[Check]:
    """Whether the log of calls can be written, where there is to be one."""
    if path is None:
        return
    file = Path(path)
    near = file if file.exists() else file.parent
    if file.is_dir() or not os.access(near, os.W_OK):
        mend = "make its directory, or name another file"
        yield Check("log", path, WARNING, "it can't be written; calls go on without it", mend)
    else:
        yield Check("log", path, OK, "it can be written")
