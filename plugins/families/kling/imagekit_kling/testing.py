"""For tests of hosts that speak ``kling-tasks``: ``answers = TaskAnswers()`` in their suite.

It needs pytest, as `imagekit.testing` does.
"""

from __future__ import annotations

from typing import Any

from imagekit.testing import Answers

__all__ = ["TaskAnswers"]


class TaskAnswers(Answers):
    """How the dialect says yes, which may be at once, not yet and no."""

    def pictures(self, *base64: str) -> dict[str, Any]:
        return _succeeded(*(f"data:image/png;base64,{one}" for one in base64))

    def link(self, url: str) -> dict[str, Any]:
        return _succeeded(url)

    def job(self) -> dict[str, Any]:
        return _task(task_status="processing")

    def failed_job(self) -> dict[str, Any]:
        return _task(task_status="failed", task_status_msg="no room in the studio")

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        number = {"code": int(code) if code.isdecimal() else code} if code else {}
        return {**number, "message": message, "request_id": "r-1"}


def _succeeded(*urls: str) -> dict[str, Any]:
    images = [{"index": at, "url": url} for at, url in enumerate(urls)]
    return _task(task_status="succeed", task_result={"images": images})


def _task(**state: Any) -> dict[str, Any]:
    task = {"task_id": "t-1", **state}
    return {"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": task}
