"""How ``kling-tasks`` says yes, not yet and no, for the suites of whoever speaks it."""

from __future__ import annotations

from typing import Any

from imagekit.testing import Answers, Job

__all__ = ["TaskAnswers"]


class TaskAnswers(Answers):
    """How the dialect says yes, which may be at once, not yet and no."""

    def pictures(self, *base64: str) -> dict[str, Any]:
        return _succeeded(*(f"data:image/png;base64,{one}" for one in base64))

    def link(self, url: str) -> dict[str, Any]:
        return _succeeded(url)

    def job(self, server: str, *base64: str) -> Job:
        return Job(
            submitted=_task(task_status="submitted"),
            running=_task(task_status="processing"),
            done=[self.pictures(*base64)],
            failed=[_task(task_status="failed", task_status_msg="no room in the studio")],
        )

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        number = {"code": int(code) if code.isdecimal() else code} if code else {}
        return {**number, "message": message, "request_id": "r-1"}


def _succeeded(*urls: str) -> dict[str, Any]:
    images = [{"index": at, "url": url} for at, url in enumerate(urls)]
    return _task(task_status="succeed", task_result={"images": images})


def _task(**state: Any) -> dict[str, Any]:
    task = {"task_id": "t-1", **state}
    return {"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": task}
