"""Slips of typing in a declaration. Most are told where they are made, so that nothing of it
can be imported; the rest when it is loaded."""

from __future__ import annotations

from defects.mistake import AT_ONCE, LOADS, Defect, defect


def typed(old: str, new: str, says: str) -> Defect:
    """A slip in a declaration, told where it is made."""
    return defect({old: new}, AT_ONCE, says=says)


TYPING = {
    "a size of height and width": typed(
        '("image_size.width", "image_size.height")',
        '("image_size.height", "image_size.width")',
        "first the width, then the height",
    ),
    "a variable that is no tuple": typed('("REED_API_KEY",)', '"REED_API_KEY"', "tuple"),
    "a comma that is missing": typed(
        '("REED_API_KEY",)', '("REED_API_KEY")', "a tuple of one has a comma"
    ),
    "a key in place of its variable": typed(
        '"REED_API_KEY"', '"sk-1234"', "names of environment variables"
    ),
    "a misspelt operation": typed(
        '"generate": "/jobs", "edit"', '"genrate": "/jobs", "edit"', "did you mean 'generate'"
    ),
    "a path without its slash": typed(
        '"edit": "/jobs/edit"', '"edit": "jobs/edit"', "begin with a slash"
    ),
    "a misspelt scheme of the address": typed('"https://api', '"htps://api', "an address such as"),
    "rules that are no tuple": typed("(Range(1, 4),)", "Range(1, 4)", "a tuple of"),
    "rules without their comma": typed(
        "(Range(1, 4),)", "(Range(1, 4))", "a tuple of one has a comma"
    ),
    "a type as text": typed('Parameter("n", int,', 'Parameter("n", "int",', "a type, such as int"),
    "a status as text": typed(
        'code="busy", retryable', 'status="429", code="busy", retryable', "a number such as 429"
    ),
    "a code as a number": typed('code="busy"', "code=429", "text, also of a number"),
    "an error that is none": typed(
        "ErrorRow(Moderated,", 'ErrorRow("Moderated",', "a HostError such as"
    ),
    "free by a status alone": typed(
        'code="busy", retryable', "status=500, retryable", "by a status alone"
    ),
    "free by a status as its code": typed('code="busy"', 'code="500"', "by a status alone"),
    "to be sent again, charged or not": typed(
        ", retryable=True, charged=Charged.NO", ", retryable=True", "charged"
    ),
    "spellings as text": typed('*spell("n seed quality"),', '"n", "seed", "quality",', "spellings"),
    "spellings that are no tuple": typed("spells=(\n", "spells=[\n", ""),
    "auth that is not made": typed(
        'auth=Bearer(("REED_API_KEY",), scheme="Key")', "auth=Bearer", "a way to sign"
    ),
    "a fact that is a text": typed(
        "    fact=DOCS,\n    offers", "    fact=DOCS.source,\n    offers", "Fact"
    ),
    "a day that is none": typed(
        '"https://docs.reed.example/api", "2026-11-21"',
        '"https://docs.reed.example/api", "21.11.2026"',
        "2026-11-29",
    ),
    "a name with a colon": typed('name="reed-host"', 'name="reed:host"', "before the colon"),
    "a header that is a number": typed('"X-Reed-Version": "2"', '"X-Reed-Version": 2', "texts"),
    "a limit of another name": typed(
        '{"multiple": 16', '{"multiples": 16', "did you mean 'multiple'"
    ),
    "an argument of another name": typed("base_url=", "url=", "unexpected keyword"),
    "offers without their comma": typed(
        "        ),\n    ),\n    errors",
        "        )\n    ),\n    errors",
        "a tuple of one has a comma",
    ),
}
#: Of what is joined, or made, when plugins are loaded.
#: In ``host.py``, while ``__init__.py`` names the first alone.
HOOK_MORE = "@hookimpl\ndef imagekit_offers() -> Iterable[Offer]:\n    return []\n\n\n"

LOADING = {
    "a wire's field as text": defect(
        {'links=frozenset({"url"})': 'links="url"'}, LOADS, says="frozenset"
    ),
    "answers without a colon": defect(
        {'.testing:ReedAnswers"': '.testing.ReedAnswers"'}, LOADS, says="a module and a name"
    ),
    "a model that is none": defect(
        {'model="reed-1"': 'model="reed-l"'},
        "test_every_offer_leads_somewhere",
        says="needs a plugin",
    ),
    "a wire that is none": defect(
        {'wire="reed-queue"': 'wire="reed-cue"'},
        "test_every_offer_leads_somewhere",
        says="the wire",
    ),
    "a hook that its module does not name": defect(
        {"@hookimpl\ndef imagekit_hosts": HOOK_MORE + "@hookimpl\ndef imagekit_hosts"},
        "test_its_hooks_are_named_by_its_module",
        says="is never called",
    ),
    "an offer twice": defect(
        {
            "    return [HOST]": "    from attrs import evolve\n\n"
            "    return [evolve(HOST, offers=HOST.offers * 2)]"
        },
        LOADS,
        says="twice",
    ),
}
