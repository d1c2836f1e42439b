"""What a worker takes that has many requests: jobs that it waits for, and one after the other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from imagekit_store import Store

from tests.bench.store.working import Work, work_elsewhere
from tests.chaos.bills import Sandbox

__all__ = ["jobs", "one_after_the_other"]

THREADS = 4


def jobs(count: int, latency: float) -> Work:
    """So many jobs at Kling, each done after so many seconds, by four threads."""
    return _worked(count, "klingai:kling-v3", f"{latency:g}", {}, [1, count])


def one_after_the_other(count: int, marks: list[int]) -> Work:
    """So many small pictures, which come with the answer."""
    return _worked(count, "sglang:glm-image", "0", {"size": "256x256"}, marks)


def _worked(count: int, model: str, latency: str, given: dict[str, str], marks: list[int]) -> Work:
    with TemporaryDirectory() as folder, Sandbox(latency) as sandbox:
        root = Path(folder)
        url, pictures = f"sqlite:///{root}/store.db", str(root / "pictures")
        with Store(url, pictures=pictures) as store:
            for number in range(count):
                store.ask(f"heron {number}", model=model, **given)
        return work_elsewhere(url, pictures, sandbox.configuration(root), THREADS, marks)
