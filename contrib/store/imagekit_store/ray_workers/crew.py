"""Workers on a Ray cluster, seen from the machine that starts them."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import define, field

from imagekit import ConfigurationError
from imagekit_store.pictures import reason
from imagekit_store.ray_workers.hand import Hand, How, identity
from imagekit_store.store import Store
from imagekit_store.values.entries import Entry
from imagekit_store.values.errors import StoreUnavailable

__all__ = ["RayWorkers"]

log = logging.getLogger("imagekit.store")

#: Of a processor, by which Ray places workers: they wait most of the time. A node that was started
#: with none is left free of them.
CPUS = 0.1
#: Seconds in which workers have to be placed, or to answer when they are told to stop.
PATIENCE = 60.0
#: Seconds between two looks.
LOOK = 0.5


@define(eq=False)
class _Post:
    """A worker's place, whoever fills it: Ray puts another into it when one dies.

    Attributes:
        how: as it said last; None while it does not answer.
        told: what was said last of its trouble.
        heard: when it last answered.
        dead: whether Ray has given it up.
    """

    hand: Any
    how: How | None = None
    told: str = ""
    heard: float = field(factory=time.monotonic)
    dead: bool = False

    @property
    def is_over(self) -> bool:
        silent = time.monotonic() - self.heard > PATIENCE
        return self.dead or silent or (self.how is not None and self.how.over)


class RayWorkers:
    """What `workers_on` gives."""

    def __init__(
        self, ray: Any, store: Store, hosts: frozenset[str], told: Callable[[Entry], object] | None
    ) -> None:
        self._ray, self._store, self._hosts, self._told = ray, store, hosts, told
        self._identity = identity(store)
        self._posts: list[_Post] = []
        self._asked: dict[Any, _Post] = {}
        self._done: deque[str] = deque()

    @property
    def working(self) -> tuple[str, ...]:
        """Of those that work now, the machine and process, for people."""
        hows = [post.how for post in self._posts if post.how]
        return tuple(how.where for how in hows if how.begun and not how.over)

    def look(self, seconds: float = LOOK) -> None:
        """Wait for so long, and hear how the workers are meanwhile: ``told`` is called here, what
        is wrong is logged, and a worker that Ray has just put in another's place is let in.

        Raises:
            whatever ``told`` raises.
        """
        until = time.monotonic() + seconds
        waiting = self._asked.values()
        free = [post for post in self._posts if not post.dead and post not in waiting]
        self._asked |= {post.hand.how.remote(): post for post in free}
        asked = [*self._asked]
        ready = self._ray.wait(asked, num_returns=len(asked), timeout=seconds)[0] if asked else []
        for answer in ready:
            self._hear(self._asked.pop(answer), answer)
        self._tell_done()
        time.sleep(max(0.0, until - time.monotonic()))

    # --- from the first to the last ---------------------------------------------------------

    def start(self, count: int, path: str, threads: int) -> None:
        """
        Raises:
            ConfigurationError: none of them can work, and why.
        """
        options = {"num_cpus": CPUS, "max_restarts": -1, "scheduling_strategy": "SPREAD"}
        actor = self._ray.remote(Hand).options(**options)
        self._posts = [_Post(actor.remote(path, threads)) for _ in range(count)]
        until = time.monotonic() + PATIENCE
        while any(self._is_new(post) for post in self._posts) and time.monotonic() < until:
            self.look(0.1)
        if not self.working:
            why = sorted({f"\n  {post.told}" for post in self._posts if post.told})
            raise ConfigurationError(
                "no worker of the Ray cluster can work:"
                + "".join(why or ["\n  it has had no room for one, or no answer from it, so far"])
            )
        if new := sum(self._is_new(post) for post in self._posts):
            log.warning("%s of %s workers wait until the Ray cluster has room", new, count)

    def drain(self) -> None:
        """Have all of them finish what they have in hand."""
        while left := [post for post in self._posts if not post.is_over]:
            for post in left:
                post.hand.stop.remote()  # again: another may have been put into its place
            self.look()

    def end(self) -> None:
        """What is still in hand is left to others."""
        for post in self._posts:
            self._ray.kill(post.hand)

    # --- one of them --------------------------------------------------------------------------

    def _is_new(self, post: _Post) -> bool:
        return not post.dead and not post.told and not (post.how and post.how.begun)

    def _hear(self, post: _Post, answer: Any) -> None:
        errors = self._ray.exceptions
        try:
            post.how, post.heard = self._ray.get(answer), time.monotonic()
        except errors.ActorUnavailableError:
            post.how = None
            self._tell(post, "a worker is gone, and Ray puts another in its place")
            return
        except errors.RayError as error:
            post.dead = True
            self._tell(post, _unstarted(error))
            return
        self._done += post.how.done
        self._admit(post, post.how)

    def _tell_done(self) -> None:
        while self._done and self._told:
            try:
                entry = self._store.request(self._done[0])
            except StoreUnavailable as error:  # which comes back
                log.warning("%s", error)
                return
            self._done.popleft()
            self._told(entry)

    def _admit(self, post: _Post, how: How) -> None:
        """Let it work, if it may; or say why not. It is looked at again next time."""
        if how.begun or not (how.store or how.trouble):
            return
        if why := how.trouble or self._wrong(how):
            self._tell(post, f"{how.where}: {why}")
        else:
            post.told = ""
            post.hand.begin.remote()

    def _wrong(self, how: How) -> str:
        if how.store != self._identity:
            return "its configuration names another store than the one here"
        if missing := sorted(self._hosts - how.hosts):
            return (
                f"it has no key of {', '.join(missing)}, and this machine has; give it to the node "
                "in the environment of ray start, or by imagekit keys set there"
            )
        try:
            shared = how.marker in dict(self._store.keeping.announced())
        except OSError as error:
            return f"this machine can't see where its pictures are: {reason(error)}"
        if not shared:
            return (
                "its pictures are not where those of this machine are; keep them in a bucket "
                '(pictures = "s3://...") or in a folder that all nodes share'
            )
        return ""

    def _tell(self, post: _Post, what: str) -> None:
        if post.told != what:
            post.told = what
            log.warning("%s", what)


def _unstarted(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return (
        "a worker could not be started; each node needs imagekit, imagekit-store and your plugins, "
        f"in the same versions: {said[-1] if said else type(error).__name__}"
    )
