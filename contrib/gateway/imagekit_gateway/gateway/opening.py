"""A gateway as a configuration has it, opened."""

from __future__ import annotations

import threading

from imagekit_store import store_at

from imagekit import Config, Plugins, tools
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.gateway.meters import Meters
from imagekit_gateway.gateway.moves import moved
from imagekit_gateway.gateway.settings import settings_of
from imagekit_gateway.gateway.tracing import Tracing

__all__ = ["configuration", "open_gateway"]


def configuration(choice: tools.Choice) -> Config:
    """
    Raises:
        ConfigurationError: it can't be used, or is not trusted.
    """
    config = tools.configuration(choice)
    tools.refuse_found(config, "would say who is asked, and for what")
    return config


def open_gateway(choice: tools.Choice, draining: threading.Event) -> Gateway:
    """A gateway, to be closed.

    Raises:
        ConfigurationError: it can't be set up so.
    """
    config = configuration(choice)
    settings, plugins, store = settings_of(config), Plugins.load(), store_at(config)
    meters, tracing = Meters(plugins), Tracing()
    at_once = settings.threads + settings.workers
    try:
        client = tools.open_client(
            choice,
            concurrency=at_once,
            observers=(*meters.observers, *tracing.observers, moved),
            plugins=plugins,
            journal=None if config.store else store,  # a plugin brings what is configured
            sharing=None if config.store else store,
        )
        return Gateway(client, store, settings, meters, tracing, draining)
    except BaseException:
        store.close()
        raise
