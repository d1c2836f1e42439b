"""How ``fal-queue`` says yes, not yet and no, for the suites of whoever speaks it."""

from __future__ import annotations

from typing import Any

from imagekit.testing import Answer, Answers, Job


class FalAnswers(Answers):
    def pictures(self, *base64: str) -> None:
        """There are none at once: all are at the end of a job."""

    def link(self, url: str) -> dict[str, Any]:
        return _made(url)

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        """As a model says it; without a code, as the front of the queue does."""
        return {"detail": [{"loc": ["body"], "msg": message, "type": code}] if code else message}

    def job(self, server: str, *base64: str) -> Job:
        links = {
            "status_url": f"{server}/fal-ai/flux-2-pro/requests/r1/status",
            "response_url": f"{server}/fal-ai/flux-2-pro/requests/r1",
        }
        return Job(
            submitted={**_ticket("IN_QUEUE"), **links},
            running=_ticket("IN_PROGRESS"),
            done=[
                _ticket("COMPLETED"),
                _made(*(f"data:image/png;base64,{one}" for one in base64)),
            ],
            failed=[
                _ticket("COMPLETED"),
                Answer(422, json=self.refusal("content_policy_violation", "no herons")),
            ],
        )


def _ticket(status: str) -> dict[str, Any]:
    return {"request_id": "r1", "status": status}


def _made(*urls: str) -> dict[str, Any]:
    return {"images": [{"url": one} for one in urls]}
