"""The suites of what every installed plugin declares; made when this is imported, for
``python -m imagekit.testing``, which prefers a plugin's own."""

from __future__ import annotations

from types import ModuleType

from imagekit.plugins.loading import Plugins
from imagekit.testing.kit.conformance import suites_of

for _plugin in Plugins.load({}).installed:
    if isinstance(_plugin.module, ModuleType):
        for _suite, _kind in suites_of(_plugin.module):
            _name = f"Test_{_plugin.name}_{_kind}".replace("-", "_")
            globals()[_name] = type(_name, (_suite,), {"plugin": _plugin.module})
