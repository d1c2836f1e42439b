"""imagekit: one plugin-based way to every image model at every host.

>>> from imagekit import Client
>>> client = Client()                                                 # doctest: +SKIP
>>> result = client.generate("a corgi", model="sandbox:seedream-4.5")  # doctest: +SKIP
>>> result.image.save("corgi.png")                                    # doctest: +SKIP

Importing imagekit imports none of its names; using a name does. A plugin that only declares
data never loads the client, nor ``--help`` the network.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def _homes() -> dict[str, str]:
    """name -> the module that it lives in, from ``__init__.pyi``, which type checkers read."""
    homes: dict[str, str] = {}
    stub: bytes = __loader__.get_data(f"{__path__[0]}/__init__.pyi")  # pkgutil costs 2 ms
    for line in stub.decode().split("\nfrom ")[1:]:
        module, _, names = line.partition("\n\n")[0].partition(" import ")
        for name in names.strip("()\n ,").split(","):
            homes[name.split(" as ")[0].strip()] = module
    return homes


_HOME = _homes()
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'imagekit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
