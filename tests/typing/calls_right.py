"""Programs that call, as their authors write them."""

import io
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from imagekit import (
    Action,
    Blob,
    Body,
    Budget,
    Catalogue,
    Charged,
    Client,
    Config,
    Cost,
    Credential,
    HostSettings,
    Image,
    InProcess,
    InvalidRequest,
    Parameters,
    Pending,
    Plan,
    PlannedCall,
    Problem,
    Provenance,
    Receipt,
    Records,
    Reference,
    Request,
    Result,
    Retry,
    Route,
    Trouble,
    Usage,
    error_of,
    from_json,
    read_reference,
    to_json,
)
from imagekit.errors import HostError, ImagekitError, SinkError
from imagekit.events import Event

ASKED: Parameters = {"ratio": "16:9", "n": 2, "seed": None, "on_unsupported": "adapt"}


def clients(observe: Callable[[Event], None], keep: Callable[[Result], object]) -> None:
    assert_type(Client(), Client)
    Client(credentials={"ark": "secret", "zai": Credential(api_key="secret")}, prefer=["ark"])
    Client(config="imagekit.toml", hosts={"ark": HostSettings(base_url="http://localhost:1")})
    Client(config=Path("imagekit.toml"), environment={}, concurrency=2, retry=Retry(attempts=1))
    Client(config=Config(), observers=[observe, print], sinks=(keep,), sleep=lambda seconds: None)
    Client(sharing=InProcess(), budget="5 USD", unknown_price="refuse")
    Client(budget=Budget("20", "USD", "month"), unknown_price=Cost("0.05", "USD"))
    assert_type(Client.from_config(sandbox=True, strict=True), Client)
    assert_type(Client.from_config(budget="5 USD/day", sharing=InProcess()), Client)
    with Client.from_config("imagekit.toml", prefer=("ark",)) as client:
        assert_type(client, Client)


def calls(client: Client, stop: threading.Event) -> None:
    result = client.generate("a corgi", model="ark:seedream-4.5", deadline=30, stop=stop)
    assert_type(result, Result)
    client.generate("a corgi", fetch=False, id="order7", **ASKED)
    client.generate("a corgi", size="2048x2048", quality="hd", output_format="png")
    client.generate("a corgi", size="1000x1000", ratio="7:5", resolution="6K", quality="ultra")
    client.generate(
        "a corgi",
        sequential_image_generation="auto",
        sequential_image_generation_options={"max_images": 4},
        options={"optimize_prompt": True},
        native={"whatever": [1, None]},
        watermark=False,
        negative_prompt=None,
        user="42",
    )


def references(client: Client, made: Image, data: bytes) -> None:
    client.generate("this one", image="corgi.png", mask=Path("mask.png"))
    client.generate("these", image=["https://example.com/1.png", Path("2.png"), data, made])
    client.generate("these", image=(io.BytesIO(data), bytearray(data), memoryview(data)))
    with open("corgi.png", "rb") as file:  # noqa: PTH123
        client.generate("this one", image=file)
    assert_type(read_reference(data), Reference)
    client.generate("this one", image=read_reference("corgi.png"))


def jobs(client: Client) -> Result:
    outcome = client.begin("a corgi", model="kling-v3", n=10, id="order7", part=2)
    asked: Parameters = {"resolution": "1K", "n": 2}
    client.plan("a corgi", model="kling-v3", id="order7", **asked)
    client.reserve("a corgi", model="kling-v3", id="order7", **asked)
    client.begin("a corgi", model="kling-v3", id="order7", part=1, **asked)
    assert_type(outcome, Result | Pending)
    while isinstance(outcome, Pending):
        assert_type(outcome.wait, float)
        assert_type(outcome.charged, Charged)
        outcome = client.look(outcome, deadline=10)
        assert_type(outcome, Result | Pending)
    assert_type(outcome, Result)
    return outcome


def plans(client: Client) -> None:
    plan = client.plan("a corgi", model="seedream-4.5", streamed=True, size="2K")
    assert_type(plan, Plan)
    assert_type(plan.problems, tuple[Problem, ...])
    assert_type(plan.request, Request | None)
    if plan.request is not None:
        assert_type(plan.request.headers, Mapping[str, str])
        assert_type(plan.request.body, Body | None)
    assert_type(plan.paid_calls, int)
    assert_type(plan.calls, tuple[PlannedCall, ...])
    assert_type(plan.calls[0].places, tuple[int, ...])
    assert_type(plan.calls[0].n, int | None)
    assert_type(plan.estimate, Cost)
    assert_type(plan.estimate.amount, Decimal | None)
    assert_type(plan.estimate.known, Mapping[str, Decimal])
    assert_type(client.models_at("ark"), Catalogue)
    assert_type(client.records("token360"), Records)
    assert_type(client.route("seedream-4.5").name, str)
    assert_type(client.routes("seedream-4.5"), tuple[Route, ...])


def results(client: Client, result: Result) -> None:
    assert_type(result.images, tuple[Image, ...])
    assert_type(result.image, Image)
    assert_type(result.usage, Usage | None)
    assert_type(result.cost, Cost)
    assert_type(result.provenance, Provenance | None)
    assert_type(result.receipt, Receipt)
    assert_type(result.receipt["size"].action, Action)
    assert_type(result.notes, tuple[str, ...])
    assert_type([failure.message for failure in result.failures], list[str])
    for image in result.images:
        assert_type(image.pixels, tuple[int, int] | None)
        assert_type(image.media_type, str | None)
        assert_type(image.error, Trouble | None)
        assert_type(image.read(), bytes)
        assert_type(client.fetch(image, deadline=1), Image)
        assert_type(image.save(f"corgi{image.extension}", overwrite=True), Path)


def documents(data: dict[str, Any], trouble: Trouble, kept: Callable[[str], Blob | None]) -> None:
    assert_type(from_json(data, Result), Result)
    assert_type(from_json(data, Pending, pictures=kept), Pending)
    assert_type(from_json(data, HostError), HostError)
    assert_type(to_json(Usage()), dict[str, Any])
    assert_type(error_of(trouble), ImagekitError)
    assert_type(Blob.of_object(lambda: Blob.of_file(Path("1.png")), 7, "0f"), Blob)


def refusals(client: Client) -> Pending | Result | None:
    try:
        client.generate("a corgi")
    except InvalidRequest as error:
        assert_type(error.problems, tuple[Problem, ...])
        assert_type([problem.nearest for problem in error.problems], list[Any])
    except HostError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.status, int | None)
    except SinkError as error:
        assert_type(error.result, Result | None)
        return error.result
    except ImagekitError as error:
        assert_type(error.charged, Charged)
        assert_type(error.retryable, bool)
        return error.pending
    return None
