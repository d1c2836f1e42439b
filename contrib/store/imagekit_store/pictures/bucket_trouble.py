"""What goes wrong at a bucket, in a sentence each."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Named", "told"]

_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
#: Where a machine in a cloud asks for its role, when nothing else says who it is.
_ROLE_OF_MACHINE = "http://169.254."
_DENIED = "access was denied: listing, reading, writing and deleting have to be allowed"
_NOT_ACCEPTED = "the credentials were not accepted"
_SENTENCES = {
    "NoSuchBucket": (errno.ENOENT, "there is no such bucket"),
    "AccessDenied": (errno.EACCES, _DENIED),
    "InvalidAccessKeyId": (errno.EACCES, _NOT_ACCEPTED),
    "SignatureDoesNotMatch": (errno.EACCES, _NOT_ACCEPTED),
    "ExpiredToken": (errno.EACCES, "the credentials have expired"),
    "401": (errno.EACCES, _NOT_ACCEPTED),
    "403": (errno.EACCES, _DENIED),
}


class Named(Protocol):
    """Whatever has trouble."""

    @property
    def url(self) -> str: ...


@contextmanager
def told(bucket: Named) -> Iterator[None]:
    """Whatever obstore raises in here becomes an `OSError` of one sentence. What the server said
    is not repeated but for its code: it may quote the id of a key.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError, PermissionError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # told already
        number, why = _sentence(str(error))
        raise OSError(number, why, bucket.url) from None


def _sentence(text: str) -> tuple[int, str]:
    if _ROLE_OF_MACHINE in text:
        why = "there are no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
        return errno.EACCES, why
    if "redirect without LOCATION" in text:  # what S3 answers in all other regions
        return errno.EIO, "the bucket is in another region: say it as ?region="
    said = [found[1] for found in (_CODE.search(text), _STATUS.search(text)) if found]
    for word in said:
        if word in _SENTENCES:
            return _SENTENCES[word]
    if said:
        return errno.EIO, f"the bucket said {said[0]}"
    return errno.EIO, "the bucket could not be reached, or its answer broke off"
