"""Mistakes of plugins that bring a wire."""

from __future__ import annotations

from defects.mistake import (
    ANYBODYS,
    GOES_ON,
    LOST,
    NATIVE,
    PROXY,
    REACHES,
    TWICE,
    UNSENT,
    Defect,
    defect,
    indented,
)


def reading(body: str, *fails: str) -> Defect:
    """A wire that looks at the answer before the healthy code does."""
    modules = "import imagekit.errors as errors\nfrom attrs import evolve\n"
    modules += "from imagekit import Image\n"
    healthy = "        return OpenAIImages()"
    return defect(
        {
            "from imagekit import Call": f"{modules}from imagekit import Call",
            healthy: indented(indented(body)) + healthy,
        },
        *fails,
    )


def hearing(body: str, *fails: str) -> Defect:
    """A wire that has events of its own."""
    hook = "    @hookimpl\n    def imagekit_decode_event(self, call, event):\n"
    shape = "    @hookimpl\n    def imagekit_shape_request"
    return defect(
        {
            shape: f"{hook}{indented(indented(body))}\n{shape}",
            "from imagekit import Call": "from attrs import evolve\nfrom imagekit import Call",
        },
        *fails,
    )


FREE_OF_CHARGE = "    raise errors.RejectedRequest('no', charged=errors.Charged.NO)"
JOBS = (
    "test_a_job_is_made_once_and_asked_for_until_it_is_done",
    LOOKED_PAST := "test_trouble_while_a_job_is_asked_for_is_looked_past",
    RESUMED := "test_a_job_that_is_not_done_in_time_can_be_resumed",
    GONE := "test_a_job_that_the_host_does_not_know_any_more_may_have_been_charged",
    ENDED := "test_a_job_that_failed_has_ended",
    LOOKS := "test_a_look_at_a_job_is_a_free_get",
    LEISURE := "test_a_job_has_an_id_and_is_asked_for_at_leisure",
    ANYBODYS,
    GOES_ON,
)
STRANGER = "test_a_job_at_a_strangers_address_takes_no_key_there"

STREAMS = (
    "test_pictures_of_a_stream_come_one_by_one",
    "test_what_had_come_of_a_stream_that_breaks_off_is_kept",
    "test_a_refusal_in_a_stream_is_the_refusal",
)
WIRE = {
    "drops a parameter": defect(
        {"dict(body_of(call))": "{k: v for k, v in body_of(call).items() if k != 'user'}"}, REACHES
    ),
    "loses native fields": defect(
        {"dict(body_of(call))": "{k: v for k, v in body_of(call).items() if k not in call.native}"},
        NATIVE,
        says="native fields are lost: put `call.native` into the body",
    ),
    "sends a default": defect(
        {"dict(body_of(call))": "{'quality': 'hd', **body_of(call)}"}, UNSENT
    ),
    "stamps the time": defect(
        {"**call.headers}": "**call.headers, 'X-At': str(__import__('time').monotonic_ns())}"},
        TWICE,
    ),
    "spells an option of one family": defect(
        {'Spell("prompt"))': 'Spell("prompt"), Spell("petal"))'},
        "test_its_paths_and_spellings_are_sound",
    ),
    "takes a page of HTML for a refusal": reading(
        "if response.defect == 'not JSON' and response.status < 400:\n" + FREE_OF_CHARGE,
        "test_a_page_of_html_is_unreadable",
    ),
    "trips over a refusal in HTML": reading(
        "if response.defect and response.status >= 400:\n    raise errors.UsageError('no')",
        "test_a_refusal_in_html_is_still_the_refusal",
        LOOKED_PAST,
        PROXY,
    ),
    "calls an empty answer free": reading(
        "if response.defect == 'empty' and response.status < 400:\n" + FREE_OF_CHARGE,
        "test_an_empty_answer_is_unreadable",
    ),
    "calls half an answer free": reading(
        "if response.defect == 'truncated':\n" + FREE_OF_CHARGE,
        "test_an_answer_that_breaks_off_is_unreadable",
        LOST,
    ),
    "wants all of an answer or nothing": reading(
        "if response.salvaged is not None and response.defect is None:\n"
        "    raise errors.RejectedRequest('no')",
        "test_what_was_whole_of_an_answer_that_breaks_off_is_kept",
    ),
    "trips over a list": reading(
        "if isinstance(response.document, list):\n" + FREE_OF_CHARGE,
        "test_json_of_another_shape_is_unreadable",
    ),
    "overlooks an error in a success": reading(
        "found = response.document\n"
        "if isinstance(found, dict) and 'error' in found and response.status == 200:\n"
        "    return Result((Image(0, 'https://pictures.example/1.png'),))",
        "test_an_error_inside_a_success_is_an_error",
        ANYBODYS,
    ),
    "calls no picture a result": reading(
        "if isinstance(response.document, dict) and response.document.get('data') == []:\n"
        "    return Result(())",
        "test_an_answer_without_pictures_is_an_error",
    ),
    "leaves broken pictures out": reading(
        "result = OpenAIImages().imagekit_decode_response(call, response)\n"
        "return evolve(result, failures=())",
        "test_a_broken_picture_is_no_picture",
    ),
    "turns the pictures around": reading(
        "result = OpenAIImages().imagekit_decode_response(call, response)\n"
        "return evolve(result, images=result.images[::-1])",
        "test_pictures_come_in_their_order_and_are_measured",
    ),
    "forgets how long to wait": reading(
        "try:\n"
        "    return OpenAIImages().imagekit_decode_response(call, response)\n"
        "except errors.HostError as error:\n"
        "    error.retry_after = None\n"
        "    raise",
        "test_how_long_to_wait_is_told",
    ),
    "makes a job anew to ask for it": defect(
        {'Request("GET", url, step="poll", repeatable=True)': "self.imagekit_shape_request(call)"},
        *(one for one in JOBS if one != LEISURE),
    ),
    "asks for a job as if that cost": defect({", repeatable=True)": ")"}, LOOKS),
    "knows a job by no id": defect({', task=found["id"])': ")"}, LEISURE),
    "asks for a job without a pause": defect({"wait=1.0": "wait=0.0"}, LEISURE, RESUMED),
    "signs whatever leaves": defect(
        {
            '"budding":': '"budding":\n            POLLED.append(found.get("look"))',
            "@hookimpl\ndef imagekit_wires": "POLLED, KEYS = [], []\n\n\n"
            "def told(send, request):\n"
            "    KEYS.append(request.headers.get('Authorization', ''))\n"
            "    if POLLED and POLLED[-1]:\n"
            "        import urllib.request\n\n"
            "        signed = {'Authorization': KEYS[-1]}\n"
            "        with contextlib.suppress(OSError):\n"
            "            asked = urllib.request.Request(POLLED.pop(), headers=signed)\n"
            "            urllib.request.urlopen(asked)\n"
            "    return send(request)\n\n\n"
            "@hookimpl\ndef imagekit_transport_wrapper(host):\n"
            "    return lambda send: lambda request: told(send, request)\n\n\n"
            "@hookimpl\ndef imagekit_wires",
            "from collections.abc": "import contextlib\nfrom collections.abc",
        },
        STRANGER,
        GONE,
    ),
    "knows no jobs": defect({'== "budding"': '== "in bud"'}, *JOBS),
    "takes trouble for the end of a job": reading(
        "if response.status >= 500 and response.request.step == 'poll':\n"
        "    raise errors.NoPictures('it is over')",
        LOOKED_PAST,
    ),
    "takes a proxy's page for the end of a job": reading(
        "if response.status == 502 and response.request.step == 'poll' and found:\n"
        "    raise errors.NoPictures('it is over', final=True)",
        ANYBODYS,
    ),
    "takes an empty list for the end of a job": defect(
        {'== "budding"': '== "budding" and found.get("data") != []'}, GOES_ON
    ),
    "does not say that a job has ended": defect(
        {'NoPictures("it wilted", final=True)': 'NoPictures("it wilted")'}, ENDED
    ),
    "calls a job that is gone free": reading(
        "if response.status == 404 and response.request.step == 'poll':\n"
        + "    raise errors.RejectedRequest('no', charged=errors.Charged.NO, final=True)",
        GONE,
        ANYBODYS,
    ),
    "calls whatever a poll brings a job": reading(
        "if response.request and response.request.step == 'poll' and not found.get('data'):\n"
        + "    return Pending(response.request, wait=1.0)",
        GONE,
        ANYBODYS,
    ),
    "hears no events": hearing("return []", *STREAMS),
    "takes one picture for another": hearing(
        "return [\n"
        "    evolve(one, image=evolve(one.image, index=7)) if hasattr(one, 'image') else one\n"
        "    for one in super().imagekit_decode_event(call, event)\n"
        "]",
        STREAMS[0],
    ),
    "asks for a stream twice": defect(
        {
            "@hookimpl\ndef imagekit_wires": "def twice(send, request):\n"
            "    reply = send(request)\n"
            "    if not reply.streamed:\n"
            "        return reply\n"
            "    reply.stream.close()\n"
            "    return send(request)\n\n\n"
            "@hookimpl\ndef imagekit_transport_wrapper(host):\n"
            "    return lambda send: lambda request: twice(send, request)\n\n\n"
            "@hookimpl\ndef imagekit_wires"
        },
        STREAMS[1],
        "test_a_stream_that_brings_nothing_may_have_been_charged",
    ),
}
