"""Mistakes of plugins that declare a family, and what every plugin can do wrong."""

from __future__ import annotations

from defects.mistake import (
    AT_ONCE,
    BEYOND,
    CELLS,
    FACTS,
    FROZEN,
    HASHABLE,
    LIGHT,
    LOADS,
    ON_FILE,
    PICKLED,
    PURE,
    STARTS,
    WITHIN,
    defect,
)

FAMILY_HOOK = "@hookimpl\ndef imagekit_families() -> Iterable[Family]:\n"
ODD = """from imagekit import Rule
from attrs import frozen


@frozen
class Odd(Rule):
    def check(self, name, value): ...
    def describe(self):
        return "odd"


"""

FAMILY = {
    # registration
    "imports a heavy library": defect({"from decimal": "import asyncio\nfrom decimal"}, LIGHT),
    "opens a socket at import": defect(
        {"from decimal": "import socket\nsocket.socket().close()\nfrom decimal"}, STARTS
    ),
    "starts a thread at import": defect(
        {
            "from decimal": "import threading, time\n"
            "threading.Thread(target=time.sleep, args=(3,), daemon=True).start()\nfrom decimal"
        },
        STARTS,
    ),
    "reads the clock": defect(
        {FAMILY_HOOK: FAMILY_HOOK + "    import time\n\n    time.time()\n"}, PURE
    ),
    "reads the date": defect(
        {FAMILY_HOOK: FAMILY_HOOK + "    import datetime\n\n    datetime.date.today()\n"}, PURE
    ),
    "reads the environment": defect(
        {FAMILY_HOOK: FAMILY_HOOK + "    import os\n\n    os.environ.get('LILY')\n"}, PURE
    ),
    "reads a file": defect({FAMILY_HOOK: FAMILY_HOOK + "    open(__file__).close()\n"}, PURE),
    "makes a socket": defect(
        {FAMILY_HOOK: FAMILY_HOOK + "    import socket\n\n    socket.socket().close()\n"}, PURE
    ),
    "declares something else each time": defect(
        {
            FAMILY_HOOK: "COUNT = [0]\n\n\n" + FAMILY_HOOK + "    COUNT[0] += 1\n",
            "return [FAMILY]": 'return [Family("lily", f"Lily {COUNT}", FAMILY.models)]',
        },
        "test_registration_is_repeatable",
    ),
    "a hook's argument has a default": defect(
        {FAMILY_HOOK: "@hookimpl\ndef imagekit_prepare_call(call=None): ...\n\n\n" + FAMILY_HOOK},
        LOADS,
    ),
    "a hook takes what it is not given": defect(
        {FAMILY_HOOK: "@hookimpl\ndef imagekit_sinks(client): ...\n\n\n" + FAMILY_HOOK}, LOADS
    ),
    "a misspelt hook": defect(
        {FAMILY_HOOK: "@hookimpl\ndef imagekit_sink(): ...\n\n\n" + FAMILY_HOOK}, LOADS
    ),
    "declares a family twice": defect({"return [FAMILY]": "return [FAMILY, FAMILY]"}, LOADS),
    "declares nothing": defect({"return [FAMILY]": "return []"}, LOADS),
    # values
    "a list that can change": defect(
        {'("lily-one", "vendor/lily")': '["lily-one", "vendor/lily"]'}, AT_ONCE
    ),
    "a rule that can change": defect(
        {
            "PARAMETERS = (": "class Even(Range):\n"
            "    __setattr__ = object.__setattr__\n\n\nPARAMETERS = (",
            "Range(0, 99)": "Even(0, 99)",
        },
        FROZEN,
    ),
    "a rule without a hash": defect(
        {'Enum(("hd", "standard"))': 'Enum((["hd"], "standard"))'},
        *(FROZEN, HASHABLE, ON_FILE, WITHIN),
    ),
    "a list of values": defect({'Enum(("hd", "standard"))': 'Enum(["hd", "standard"])'}, AT_ONCE),
    "a value that can't be pickled": defect(
        {"rules=RULES,": "rules=RULES, instead=__import__('types').MappingProxyType({}),"}, PICKLED
    ),
    # facts
    "a parameter without a fact": defect({"(Range(0, 99),), fact=PAGE": "(Range(0, 99),)"}, FACTS),
    "a model without a fact": defect(
        {"rules=RULES,\n            fact=PAGE,": "rules=RULES,"}, FACTS
    ),
    "sizes without a fact": defect(
        {'default_tier="1K",\n    fact=PAGE,': 'default_tier="1K",'}, FACTS
    ),
    "a fact without a source": defect({'Fact("https://lily.example/docs"': 'Fact(" "'}, FACTS),
    "a fact with half a date": defect({'"2026-11-21"': '"November 2026"'}, AT_ONCE),
    "not what is on file": defect({"Range(0, 99)": "Range(0, 98)"}, ON_FILE),
    # rules
    "a range that is turned around": defect({"Range(0, 99)": "Range(99, 0)"}, AT_ONCE),
    "a boundary that a hook refuses": defect(
        {
            "FAMILY = Family(": "class Narrow(Family):\n"
            "    @hookimpl\n"
            "    def imagekit_validate_request(self, call):\n"
            "        from imagekit import Problem\n\n"
            "        return [Problem('seed', 'no')] if call.values.get('seed') == 99 else []\n\n\n"
            "FAMILY = Narrow("
        },
        WITHIN,
    ),
    "two rules that contradict one another": defect(
        {"(Range(1, 4),)": "(Range(1, 4), Enum((1, 2)))"}, ON_FILE, WITHIN
    ),
    "advice that is no advice": defect(
        {'Length(6, unit="words", advice=True)': 'Length(6, unit="words")'}, ON_FILE
    ),
    "a rule that never refuses": defect(
        {
            "PARAMETERS = (": "class Anything(Range):\n"
            "    def check(self, name, value): ...\n\n\nPARAMETERS = (",
            "Range(0, 99)": "Anything(0, 99)",
        },
        BEYOND,
    ),
    "a rule that names no bound": defect(
        {
            "PARAMETERS = (": "class Mumbling(Range):\n"
            "    def describe(self):\n        return 'fine'\n\n\nPARAMETERS = (",
            "Range(0, 99)": "Mumbling(0, 99)",
        },
        ON_FILE,
        BEYOND,
    ),
    "a rule of an unknown kind": defect(
        {
            "PARAMETERS = (": ODD + "PARAMETERS = (",
            "(Range(0, 99),)": "(Range(0, 99), Odd())",
        },
        ON_FILE,
        "test_every_rule_has_boundaries_here",
    ),
    "rules that nobody can keep": defect(
        {"RULES = (": 'RULES = (\n    Excludes("style", "strength"),'}, ON_FILE, WITHIN
    ),
    # sizes and names
    "a cell beyond the limits": defect({"(2880, 1440)": "(2912, 1456)"}, ON_FILE, CELLS),
    "a cell with a slip": defect(
        {"(1408, 704)": "(704, 1408)"}, ON_FILE, "test_a_cell_has_about_the_ratio_it_is_named_for"
    ),
    "tiers in the wrong order": defect(
        {"(2880, 1440)": "(1280, 640)"}, ON_FILE, "test_a_higher_tier_has_more_pixels"
    ),
    "an alias that reads as another host's": defect(
        {'"vendor/lily"': '"sandbox:lily"'}, ON_FILE, "test_every_name_leads_to_its_model"
    ),
}
