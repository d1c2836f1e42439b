"""Pictures in a bucket of S3, or of a server that speaks like it, through obstore.

The credentials are those of the environment or of the machine (``AWS_ACCESS_KEY_ID``, a role of
the container or instance): they stand in no URL and in nothing that is told.

A large picture is sent in parts, which a process that was killed leaves behind unseen; a rule of
the bucket that ends unfinished uploads after a day removes them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from importlib.util import find_spec
from io import BufferedReader
from typing import TYPE_CHECKING, Any, BinaryIO

from attrs import frozen

from imagekit import Blob, ConfigurationError
from imagekit_store.pictures.bucket_file import BucketFile
from imagekit_store.pictures.bucket_trouble import told
from imagekit_store.pictures.place import Area, Gone, Stored

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store

__all__ = ["Bucket"]

#: Bytes of a part, and of what is read ahead; two parts are under way at once.
_PART = 5 << 20
_PIECE = 1 << 20
#: A request of a few megabytes has long failed after that, and is not tried for ever.
_CLIENT: Any = {"connect_timeout": "5s", "timeout": "30s"}
_RETRIES: Any = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {
        "init_backoff": timedelta(milliseconds=50),
        "max_backoff": timedelta(seconds=2),
        "base": 2,
    },
}


@frozen(slots=False)  # for what is cached
class Bucket:
    """See `Place`. Nothing is connected to before the first use, which has to come after a fork:
    obstore's threads don't survive one.

    Raises:
        ConfigurationError: obstore is not installed.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None

    def __attrs_post_init__(self) -> None:
        if find_spec("obstore") is None:
            raise ConfigurationError(
                "pictures in a bucket need obstore: pip install 'imagekit-store[s3]'"
            )

    @property
    def url(self) -> str:
        """Where it is, for people."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def put(self, area: Area, name: str, blob: Blob, media_type: str | None) -> None:
        import obstore

        if blob.size and (there := self._head(area, name)) and there.size == blob.size:
            return
        with told(self), blob.open() as file:
            obstore.put(
                self._store,
                f"{area}/{name}",
                file,
                attributes={"Content-Type": media_type or "application/octet-stream"},
                chunk_size=_PART,
                max_concurrency=2,
            )

    def stat(self, area: Area, name: str) -> Stored | None:
        there = self._head(area, name)
        if there is None:
            self._ask_for_the_bucket()
        return there

    def open(self, area: Area, name: str) -> BinaryIO:
        import obstore

        with told(self):
            try:
                file = obstore.open_reader(self._store, f"{area}/{name}", buffer_size=_PIECE)
            except FileNotFoundError:
                raise self._gone(name) from None
        return BufferedReader(BucketFile(file, self), _PIECE)

    def blob(self, area: Area, name: str, sha256: str) -> Blob:
        there = self._head(area, name)
        if there is None:
            raise self._gone(name)
        return Blob.of_object(lambda: self._brought(area, name), there.size, sha256)

    def where(self, area: Area, name: str) -> str:
        return f"{self.url}/{area}/{name}"

    def remove(self, area: Area, names: list[str]) -> None:
        import obstore

        if names:
            with told(self):
                obstore.delete(self._store, [f"{area}/{name}" for name in names])

    def listed(self, area: Area) -> Iterator[Stored]:
        import obstore

        with told(self):
            pages = iter(obstore.list(self._store, area.value))
        while True:
            with told(self):
                page = next(pages, None)
            if page is None:
                return
            yield from map(_stored, page)

    def free(self) -> int | None:
        return None

    def tidy(self, before: float) -> int:
        return 0

    @property
    def _store(self) -> S3Store:
        """
        Raises:
            OSError: this process was forked from one that had used a bucket already.
        """
        if not _PROCESSES:
            _PROCESSES.append(os.getpid())
        if _PROCESSES[0] != os.getpid():
            why = "a bucket that was used before a fork can't be used after it: fork first"
            raise OSError(errno.ENOTSUP, why, self.url)
        return self._connected

    @cached_property
    def _connected(self) -> S3Store:
        from obstore.store import S3Store

        said = {"endpoint": self.endpoint, "region": self.region}
        options: Any = {**_CLIENT, "allow_http": (self.endpoint or "").startswith("http:")}
        return S3Store(
            self.bucket,
            prefix=self.prefix or None,
            client_options=options,
            retry_config=_RETRIES,
            virtual_hosted_style_request=False,
            **{name: value for name, value in said.items() if value},  # type: ignore[arg-type]
        )

    def _head(self, area: Area, name: str) -> Stored | None:
        import obstore

        with told(self):
            try:
                return _stored(obstore.head(self._store, f"{area}/{name}"))
            except FileNotFoundError:
                return None

    def _ask_for_the_bucket(self) -> None:
        """What is not there says nothing of why; a list does, if it is the bucket."""
        import obstore

        with told(self):
            next(iter(obstore.list(self._store, Area.LEAVING.value)), None)

    def _gone(self, name: str) -> Gone:
        self._ask_for_the_bucket()
        return Gone(f"there is no {name} in {self.url}: it was removed, or never kept there")

    def _brought(self, area: Area, name: str) -> Blob:
        import obstore

        with told(self):
            try:
                answer = obstore.get(self._store, f"{area}/{name}")
            except FileNotFoundError:
                raise self._gone(name) from None
            return Blob.of_pieces(map(bytes, answer.stream(min_chunk_size=_PIECE)))


#: The process whose threads obstore has begun: they are one for all buckets.
_PROCESSES: list[int] = []


def _stored(meta: ObjectMeta) -> Stored:
    name = meta["path"].rpartition("/")[2]
    return Stored(name, meta["size"], meta["last_modified"].timestamp())
