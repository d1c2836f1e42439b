"""Z.ai and BigModel: every field of their pages, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape that the pages document, and that of the one
answer on record; ``facts.json`` has ids, spellings and refusals a second time.
"""

import imagekit_zai

from imagekit.testing import Answers, HostSuite, WireSuite


class ZaiAnswers(Answers):
    """The vendor sends links alone; a picture in place of one is read all the same."""

    def pictures(self, *base64):
        return {"created": 1, "data": [{"url": f"data:image/png;base64,{one}"} for one in base64]}

    def link(self, url):
        return {"created": 1, "data": [{"url": url}]}

    def job(self):
        return {"id": "job-1", "task_status": "PROCESSING", "model": "glm-image"}

    def failed_job(self):
        return {"id": "job-1", "task_status": "FAIL", "model": "glm-image"}

    def refusal(self, code, message):
        return {"error": {"message": message, **({"code": code} if code else {})}}


class TestZai(HostSuite):
    plugin = imagekit_zai
    answers = ZaiAnswers()
    relaxed = {
        "test_every_boundary_is_accepted[zai:glm-image-quality=standard]": (
            "taken, with a note of what the other page says; requests/fields.json has it"
        )
    }


class TestZaiImages(WireSuite):
    plugin = imagekit_zai
    answers = ZaiAnswers()
