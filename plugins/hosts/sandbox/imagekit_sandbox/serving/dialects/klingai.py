"""Kling AI, in both regions: an envelope with a number as its code, an API key or a key pair.

From https://kling.ai/document-api (authentication, errors) in copies read 2026-11-21. Any
secret key is good here: a token is looked at for its times, and its signature is not checked.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from imagekit_sandbox.serving.kit.dialect import Dialect, bearer
from imagekit_sandbox.serving.makers.kling import endpoints, operations
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["CHINA", "INTERNATIONAL"]

#: Why -> status, code, message.
REFUSALS = {
    Why.INVALID: (400, 1201, "Invalid parameters"),
    Why.UNAUTHORIZED: (401, 1002, "access key not found"),
    Why.NO_BALANCE: (429, 1102, "Account balance not enough"),
    Why.FROZEN: (429, 1100, "Account is abnormal"),
    Why.FORBIDDEN: (403, 1103, "No permission for this resource"),
    Why.NO_SUCH_MODEL: (404, 1203, "Resource does not exist"),
    Why.NOT_FOUND: (404, 1203, "Resource does not exist"),
    Why.MODERATED: (400, 1301, "Content safety policy was triggered"),
    Why.RATE_LIMITED: (429, 1303, "parallel task over resource pack limit"),
    Why.BROKEN: (500, 5000, "Internal server error"),
    Why.BAD_GATEWAY: (500, 5000, "Internal server error"),
    Why.OVERLOADED: (503, 5001, "Server is under maintenance"),
    Why.TIMED_OUT: (504, 5002, "Internal timeout, tasks have piled up"),
}
#: The claim of a token that is wrong -> code.
CLAIMS = {"nbf": 1003, "exp": 1004}


def key(asked: Asked) -> str | None:
    """An API key, or the access key of a token.

    Raises:
        Refusal: the token is not valid yet, or no longer.
    """
    found = bearer(asked)
    claims = _claims(found or "")
    if claims is None:
        return found
    if claims.get("nbf", 0) > asked.at:
        raise Refusal(Why.UNAUTHORIZED, "Authorization is not active", field="nbf")
    if claims.get("exp", 0) < asked.at:
        raise Refusal(Why.UNAUTHORIZED, "Authorization has expired", field="exp")
    return str(claims["iss"]) if claims.get("iss") else None


def _claims(token: str) -> dict[str, Any] | None:
    """What a JSON Web Token says; None for a key that is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def envelope(refusal: Refusal) -> Answer:
    status, code, usual = REFUSALS[refusal.why]
    document = {
        "code": CLAIMS.get(refusal.field or "", code),
        "message": refusal.message or usual,
        "request_id": secrets.token_urlsafe(16),
    }
    return json_answer(document, status, **refusal.headers)


def _dialect(host: str) -> Dialect:
    served = endpoints(
        omni_image=("kling-image-o1", "kling-v3-omni"),
        generations=("kling-v3", "kling-v2-1"),
        multi=("kling-v2-1",),
    )
    return Dialect(
        host=host,
        base="",
        operations=operations("/v1/images", served),
        envelope=envelope,
        key=key,
    )


INTERNATIONAL = _dialect("klingai")
CHINA = _dialect("klingai-cn")
