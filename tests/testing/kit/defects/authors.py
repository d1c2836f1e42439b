"""Mistakes that authors of a host with a queue make: of its data, and of its wire.

The first plugins by others were written from the guides alone, and then broken in these ways, one
at a time.
"""

from __future__ import annotations

from defects.mistake import (
    ANYBODYS,
    ARRIVES,
    BROKEN,
    DONE,
    ENDED,
    FIELDS,
    FREE,
    GOES_ON,
    HOLDS,
    INSIDE,
    KIND,
    LEISURE,
    LINK,
    LOADS,
    LOOKS,
    NATIVE,
    NONE,
    ON_FILE,
    ORDER,
    REACHES,
    REFERRED,
    REPLIES,
    REQUESTS,
    ROW,
    SHAPES,
    SPELLED,
    TWICE,
    UNSENT,
    Defect,
    defect,
)
from defects.typed import LOADING, TYPING

BODY = "json_body(body_of(call))"
HOOK = "@hookimpl\ndef imagekit_wires"


def sending(change: str, *fails: str, says: str = "") -> Defect:
    """A wire that sends another body: ``change`` is what it does to ``body``."""
    made = "changed(body_of(call), call)"
    function = f"def changed(body, call):\n    {change}\n    return body\n\n\n"
    return defect({BODY: f"json_body({made})", HOOK: function + HOOK}, *fails, says=says)


#: Of the data: what only a page can tell is found by files that say it a second time.
DATA = {
    "a field of another name": defect(
        {
            '*spell("n seed quality")': '*spell("n quality"),\n'
            '                Spell("seed", to="sead")'
        },
        ON_FILE,
        says="seed",
    ),
    "more pictures at once than there can be": defect(
        {"Range(1, 4)": "Range(1, 11)"}, ON_FILE, says="n"
    ),
    "one reference too many": defect({"Length(3, 1": "Length(4, 1"}, ON_FILE, says="image"),
    "a row that is missing": defect(
        {'        ErrorRow(RateLimited, code="busy", retryable=True, charged=Charged.NO),\n': ""},
        REPLIES,
        says="retryable",
    ),
    "another row that is missing": defect(
        {'        ErrorRow(HostUnavailable, text="worker lost", charged=Charged.NO),\n': ""},
        REPLIES,
        says="charged",
    ),
    "references as strings": defect(
        {'Carried(each=Each("image_url.url"), listed=True)': "Carried(listed=True)"},
        REQUESTS,
        says="refs",
    ),
    "edits to where pictures are made": defect(
        {'"edit": "/jobs/edit"': '"edit": "/jobs"'}, REQUESTS, says="/v1/jobs"
    ),
    "sides of a multiple of 8": defect(
        {'"multiple": 16': '"multiple": 8'}, ON_FILE, says="multiple"
    ),
    "a size in a field of another name": defect(
        {"image_size.width": "image_sizes.width", "image_size.height": "image_sizes.height"},
        REQUESTS,
        says="image_size",
    ),
    "the word before the key": defect({', scheme="Key"': ""}, REQUESTS, says="Authorization"),
    "two parameters in one field": defect(
        {
            '*spell("n seed quality")': '*spell("n seed"),\n'
            '                Spell("quality", to="seed")'
        },
        FIELDS,
        says="seed and quality both go to the field seed",
    ),
    "a misspelt parameter": defect(
        {'"n seed quality"': '"n sead quality"'},
        SPELLED,
        says="there is no such parameter",
    ),
    "a key that signs nothing": defect(
        {
            "HOST = Host(": "class Silent(Bearer):\n    def headers(self, credential, now):\n"
            "        return {}\n\n\nHOST = Host(",
            "auth=Bearer(": "auth=Silent(",
        },
        ARRIVES,
        says="signs with nothing",
    ),
    "an id that two rows hide": defect(
        {"    errors=(\n": '    errors=(\n        ErrorRow(Moderated, text="o"),\n'},
        ROW,
        says="it becomes Moderated",
    ),
    "a hook of another name": defect(
        {
            HOOK: "@hookimpl\ndef imagekit_wire():\n    return []\n\n\n" + HOOK,
            "import imagekit_wires as imagekit_wires": "import imagekit_wires as imagekit_wires\n"
            "from reed.wire import imagekit_wire as imagekit_wire",
        },
        LOADS,
        says="did you mean",
    ),
}

#: Of the wire.
WIRE = {
    "loses the seed where there are references": sending(
        "body.pop('seed', None) if call.references else None", REACHES, says="seed"
    ),
    "sends no last reference": sending(
        "body.get('refs', [])[1:] and body['refs'].pop()", REFERRED, says="are not in the body"
    ),
    "turns references around": sending(
        "body.get('refs', []).reverse()", REFERRED, says="in one order, and sent in another"
    ),
    "says it is no JSON": defect({'"application/json"': '"text/plain"'}, KIND, says="text/plain"),
    "loses native fields": sending(
        "[body.pop(name) for name in call.native]", NATIVE, says="put `call.native` into the body"
    ),
    "loses the prompt": sending("body.pop('prompt')", HOLDS, says="the prompt is not"),
    "sends our name of the model": sending(
        "body['model'] = call.route.model.name", HOLDS, says="the model's id"
    ),
    "makes a seed up": sending("body.setdefault('seed', 7)", UNSENT, says="nobody gave seed"),
    "stamps its requests": sending(
        "body['at'] = __import__('time').monotonic_ns()", TWICE, says="another the second time"
    ),
    "waits for another word": defect(
        {
            "phase = phase_of(status, bool(pictures))": (
                "phase = Phase.DONE if pictures else Phase.RUNNING"
            )
        },
        DONE,
        says="was asked for again instead",
    ),
    "does not see that a job failed": defect(
        {"failed = phase is Phase.FAILED or (done and response.status == 422)": "failed = False"},
        ENDED,
        says="does not say that it is the end",
    ),
    "takes every error for the end": defect(
        {"final=failed": "final=True"}, ANYBODYS, says="has ended the job"
    ),
    "takes whatever comes last for the end": defect(
        {"(done and response.status == 422)": "done"}, ANYBODYS, says="Log in first"
    ),
    "does not ask whose words they are": defect(
        {
            "raise refuse(call, response, refusal, final=failed)": "raise HostError(\n"
            "                refusal.message, status=response.status, final=failed\n            )",
            "import Call,": "import Call, HostError,",
        },
        ANYBODYS,
        says="has ended the job",
    ),
    "takes an empty list for the end": defect(
        {"if phase is Phase.DONE and (done or pictures):": "if done or pictures is not None:"},
        GOES_ON,
        says="has ended a job that goes on",
    ),
    "takes links for base64": defect(
        {'links=frozenset({"url"})': 'blobs=frozenset({"url"})'}, LINK
    ),
    "reads a field that is not there": defect(
        {'document.get("images")': 'document.get("pictures")'}, ORDER, says="it becomes"
    ),
    "sends what is paid for again": defect(
        {BODY + ")": BODY + ", repeatable=True)"}, FREE, says="times"
    ),
    "asks by POST": defect(
        {"poll_request(url)": 'Request("POST", url, step="poll", repeatable=True)'},
        LOOKS,
        says="a job is asked for by GET",
    ),
    "asks without a pause": defect(
        {"wait=0.1 if done else 1.0": "wait=0.0", "longest=None if done else 10.0": "longest=None"},
        LEISURE,
        says="asks as fast as the host answers",
    ),
    "says no id of the job": defect(
        {'        task=as_text(job.get("request_id")),\n': ""}, LEISURE, says="Pending(task=...)"
    ),
    "forgets what the ticket said": defect(
        {"{**call.state, **said}": "said"}, DONE, says="looked past"
    ),
    "keeps nothing for the next look": defect({'{**job, "done": done}': '{"done": done}'}, DONE),
    "asks at an address that is written down": defect(
        {"poll_request(url)": 'poll_request("https://api.reed.example/v1/jobs/r1")'},
        DONE,
    ),
    "numbers all pictures 0": defect(
        {
            "return Result(images, failures": "images = tuple(\n"
            "                evolve(one, index=0) for one in images\n            )\n"
            "            return Result(images, failures",
            "from typing import Any": "from typing import Any\nfrom attrs import evolve",
        },
        ORDER,
        says="`Image.index` counts from 0",
    ),
    "turns pictures around": defect(
        {"Result(images,": "Result(images[::-1],"}, ORDER, says="in this order"
    ),
    "keeps the first picture": defect(
        {"Result(images,": "Result(images[:1],"}, ORDER, says="in this order"
    ),
    "swallows a broken picture": defect(
        {"Result(images, failures,": "Result(images, (),"}, BROKEN, says="broken"
    ),
    "calls nothing a result": defect(
        {
            "images, failures = images_of(call, response, pictures)": "images, failures = (), ()\n"
            "            if pictures:\n"
            "                images, failures = images_of(call, response, pictures)"
        },
        NONE,
        says="it passes for a result",
    ),
    "trusts that a field is there": defect(
        {'document.get("status", "done" if done else None)': 'document["status"]'},
        SHAPES,
        says="KeyError",
    ),
    "overlooks an error in a success": defect(
        {" or (error_in(document) and not pictures)": ""}, INSIDE, says="the host said why"
    ),
    "answers that are not there": defect(
        {':ReedAnswers"': ':ReedWords"'}, DONE, says="the answers of reed"
    ),
}

AUTHOR = {**DATA, **WIRE, **TYPING, **LOADING}
