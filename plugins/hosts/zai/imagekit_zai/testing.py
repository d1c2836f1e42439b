"""How ``zai-images`` says yes, not yet and no, for the suites of whoever speaks it."""

from __future__ import annotations

from typing import Any

from imagekit.testing import Answers, Job

__all__ = ["ZaiAnswers"]


class ZaiAnswers(Answers):
    """The vendor sends links alone; a picture in place of one is read all the same."""

    def pictures(self, *base64: str) -> dict[str, Any]:
        return {"created": 1, "data": _links(base64)}

    def link(self, url: str) -> dict[str, Any]:
        return {"created": 1, "data": [{"url": url}]}

    def job(self, server: str, *base64: str) -> Job:
        return Job(
            submitted=_task("PROCESSING"),
            running=_task("PROCESSING"),
            done=[{**_task("SUCCESS"), "image_result": _links(base64)}],
            failed=[_task("FAIL")],
        )

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        return {"error": {"message": message, **({"code": code} if code else {})}}


def _links(base64: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"url": f"data:image/png;base64,{one}"} for one in base64]


def _task(status: str) -> dict[str, Any]:
    return {"id": "job-1", "task_status": status, "model": "glm-image"}
