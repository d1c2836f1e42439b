"""Mistakes of plugins that declare a host."""

from __future__ import annotations

from defects.mistake import (
    ARRIVES,
    FACTS,
    FIELDS,
    FREE,
    LINK,
    LOST,
    ON_FILE,
    PROXY,
    PURE,
    QUOTED,
    REACHES,
    REFERRED,
    REPLIES,
    REQUESTS,
    ROW,
    SHOWS,
    TWICE,
    UNSENT,
    WITHIN,
    Defect,
    defect,
    indented,
)


def quirk(body: str, *fails: str, says: str = "") -> Defect:
    """A host with a method of its own."""
    modules = "import itertools, json, logging\nfrom attrs import evolve\n"
    modules += "from imagekit import NotSent, OutcomeUnknown, Problem\n"
    modules += (
        "def dumped(body):\n    return json.dumps(body, separators=(',', ':')).encode()\n\n\n"
    )
    head = f"{modules}KEYS, NUMBERS = [], itertools.count()\n\n\nclass Quirky(Host):\n"
    edits = {"HOST = Host(": f"{head}{indented(body)}\n\nHOST = Quirky("}
    return defect(edits, *fails, says=says)


HOST_HOOK = "@hookimpl\ndef imagekit_hosts() -> Iterable[Host]:\n"

HOST = {
    "has its offers below its hooks": defect(
        {"    return [HOST]\n": "    return [HOST]\n\n\nMORE_OFFERS = ()\n"},
        "test_its_file_is_in_the_order_of_the_sheet",
    ),
    "spells a parameter that is none": defect(
        {'"size seed image': '"size sead image'},
        "test_every_spelling_is_of_a_parameter_that_exists",
        ON_FILE,
        REQUESTS,
    ),
    "offers a model that is none": defect(
        {'Offer(\n            "lily-1"': 'Offer(\n            "lily-l"'},
        "test_every_offer_leads_somewhere",
        ON_FILE,
    ),
    "speaks a wire that is none": defect(
        {'"openai-images"': '"openai-image"'}, "test_every_offer_leads_somewhere", ON_FILE
    ),
    "lacks a word for a value": defect(
        {'values={"hd": 2, "standard": 1}': 'values={"hd": 2}'}, ON_FILE, WITHIN, REACHES
    ),
    "has one word for two values": defect({'"standard": 1': '"standard": 2'}, ON_FILE, REACHES),
    "a row that another hides": defect(
        {"    errors=(": "    errors=(\n        ErrorRow(BillingError, 429, fact=PAGE),"},
        ON_FILE,
        REPLIES,
        ROW,
        "test_how_long_to_wait_is_told",
    ),
    "a row without a fact": defect({"charged=Charged.NO, fact=PAGE": "charged=Charged.NO"}, FACTS),
    "an id without a fact": defect({"            id_fact=PAGE,\n": ""}, FACTS),
    "a price without a date": defect(
        {'"USD", PAGE': '"USD", Fact("https://lily.example/prices", "")'}, FACTS
    ),
    "its hook reads the clock": defect(
        {HOST_HOOK: HOST_HOOK + "    import time\n\n    time.time()\n"}, PURE
    ),
    "another request than on file": defect({'"l-1",': '"l-2",'}, ON_FILE, REQUESTS),
    "another error than on file": defect({"retryable=True, ": ""}, ON_FILE, REPLIES),
    "adds a field that nobody gave": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    body = {**json.loads(request.body.read()), "stream": False}
    return evolve(request, body=dumped(body))
""",
        REQUESTS,
        UNSENT,
    ),
    "changes a second field": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    body = json.loads(request.body.read())
    if "style" in body:
        body["size"] = "1024x1024"
    return evolve(request, body=dumped(body))
""",
        REACHES,
    ),
    "leaves a field out": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    body = json.loads(request.body.read())
    body.pop("style", None)
    return evolve(request, body=dumped(body))
""",
        REACHES,
    ),
    "the receipt says another thing": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    body = json.loads(request.body.read())
    if "style" in body:
        body["style"] = body["style"].upper()
    return evolve(request, body=dumped(body))
""",
        REACHES,
    ),
    "refuses a boundary": quirk(
        """
@hookimpl
def imagekit_validate_request(self, call):
    return [Problem("n", "no")] if call.values.get("n") == 4 else []
""",
        WITHIN,
        REACHES,
    ),
    "numbers its requests": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    return evolve(request, headers={**request.headers, "X-Id": str(next(NUMBERS))})
""",
        TWICE,
    ),
    "logs what it sends": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def logged(request):
            logging.getLogger("lily").info("%s", dict(request.headers))
            return send(request)
        return logged
    return wrap
""",
        SHOWS,
        QUOTED,
    ),
    "keeps the key in a note": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def noted(request):
            KEYS.append(request.headers.get("Authorization", ""))
            return send(request)
        return noted
    return wrap
@hookimpl(wrapper=True)
def imagekit_decode_response(self, call, response):
    result = yield
    return evolve(result, notes=tuple(KEYS))
""",
        REPLIES,
        SHOWS,
    ),
    "signs downloads": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def signed(request):
            if request.step == "generate":
                KEYS.append(request.headers["Authorization"])
                return send(request)
            return send(evolve(request, headers={**request.headers, "X-Key": KEYS[-1]}))
        return signed
    return wrap
""",
        LINK,
    ),
    "sends no key": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def bare(request):
            kept = {k: v for k, v in request.headers.items() if k != "Authorization"}
            return send(evolve(request, headers=kept))
        return bare
    return wrap
""",
        ARRIVES,
        says="the key should arrive in Authorization",
    ),
    "keeps its key where it shows": defect(
        {
            "HOST = Host(": "class Remembering(Bearer):\n"
            "    seen = []\n\n"
            "    def headers(self, credential, now):\n"
            "        self.seen.append(credential['api_key'])\n"
            "        return super().headers(credential, now)\n\n"
            "    def __repr__(self):\n        return f'Remembering({self.seen})'\n\n\n"
            "HOST = Host(",
            "auth=Bearer(": "auth=Remembering(",
        },
        SHOWS,
        QUOTED,
        says="the key shows in the repr of its `auth`",
    ),
    "leaves the last reference out": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    body = json.loads(request.body.read())
    if isinstance(body.get("image"), list):
        body["image"] = body["image"][:-1]
    return evolve(request, body=dumped(body))
""",
        REFERRED,
        says="of 3 references 1 are not in the body",
    ),
    "turns references around": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_shape_request(self, call):
    request = yield
    body = json.loads(request.body.read())
    if isinstance(body.get("image"), list):
        body["image"] = body["image"][::-1]
    return evolve(request, body=dumped(body))
""",
        REFERRED,
        says="given in one order, and sent in another",
    ),
    "puts two parameters into one field": defect(
        {
            "negative_prompt style strength": "negative_prompt strength",
            'Spell("quality", to=': 'Spell("style", to="seed"),\n'
            '                Spell("quality", to=',
        },
        FIELDS,
        ON_FILE,
        says="seed and style both go to the field seed",
    ),
    "quotes the host's words once more": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_decode_response(self, call, response):
    try:
        return (yield)
    except Exception as error:
        error.code = getattr(error, "vendor_message", None)
        raise
""",
        REPLIES,
    ),
    "sends again what was lost": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def again(request):
            try:
                return send(request)
            except OutcomeUnknown:
                return send(request)
        return again
    return wrap
""",
        LOST,
    ),
    "sends again whatever the status": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def again(request):
            reply = send(request)
            return send(request) if reply.status == 500 else reply
        return again
    return wrap
""",
        FREE,
        PROXY,
    ),
    "believes a status": quirk(
        """
@hookimpl(wrapper=True)
def imagekit_decode_response(self, call, response):
    try:
        return (yield)
    except Exception as error:
        if response.status == 503:
            error.retryable, error.charged = True, Charged.NO
        raise
""",
        PROXY,
    ),
    "calls a refused connection lost": quirk(
        """
@hookimpl
def imagekit_transport_wrapper(self, host):
    def wrap(send):
        def lost(request):
            try:
                return send(request)
            except NotSent as error:
                raise OutcomeUnknown("lost") from error
        return lost
    return wrap
""",
        "test_a_refused_connection_is_not_sent_and_free",
    ),
}
