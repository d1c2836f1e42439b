"""Pictures of the gateway's page, to be looked at; some of them are in the docs.

    python -m tests.screenshots

All are in .cache/screenshots: every view, at three widths, in both themes.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, frozen
from imagekit_gateway import Application, Gateway
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_store import Caller, Keys, Limits, Store
from PIL import Image
from werkzeug.serving import make_server

from imagekit import Client, ImagekitError
from tests.clients.browser import play, prepared
from tests.clients.environments import Unreachable

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / ".cache" / "screenshots"
#: Those that are in the docs, and their largest size.
SHOWN = {
    "make-desktop-light": "page-make.webp",
    "gallery-desktop-dark": "page-gallery.webp",
    "admin-desktop-light": "page-admin.webp",
}
MOST_BYTES = 150_000
PROMPTS = (
    "A lighthouse above a calm sea at first light, gouache",
    "Paper boats in a harbour, seen from above",
    "The last day of summer, a train in the hills",
    "A fox asleep in a field of barley, woodcut",
    "Terraced rice fields after rain",
    "A greenhouse at night, lit from within",
    "Snow on the roofs of a small town",
    "Two herons over still water, fog behind",
    "A desert road, one cloud",
    "A reading room with tall windows",
    "An orchard in blossom, risograph in two colours",
    "Mountains behind mountains",
)
#: What is made while it is looked at, by each device in each theme; one of them is in the docs.
ASKED = (
    "A harbour in winter, ink",
    "A kite over the dunes",
    "Poplars along a canal",
    "An owl on a gatepost, linocut",
    "A corgi on the beach at dusk, looking out to sea",
    "Windmills before a storm",
)
DAY = 86_400_000_000


@frozen
class Served:
    url: str
    key: str


def main() -> int:
    SHOTS.mkdir(parents=True, exist_ok=True)
    try:
        home = prepared()
    except Unreachable as error:
        sys.exit(f"there is no browser: {error}")
    with TemporaryDirectory() as folder, served(Path(folder)) as gateway:
        told = {"model": "seedream-4.0", "prompts": ASKED, "shown": PROMPTS[0]}
        play(home, "shots", gateway.url, gateway.key, folder=str(SHOTS), **told)
    for shot, name in SHOWN.items():
        keep(SHOTS / f"{shot}.png", ROOT / "docs" / "images" / name)
    print(f"{len([*SHOTS.glob('*.png')])} pictures in {SHOTS.relative_to(ROOT)}")
    return 0


def keep(shot: Path, path: Path) -> None:
    """A screenshot as the docs have it."""
    path.parent.mkdir(exist_ok=True)
    with Image.open(shot) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=86, method=6)
    size = path.stat().st_size
    assert size <= MOST_BYTES, f"{path.name} has {size:,} bytes"


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A gateway that somebody has used for a month."""
    with Upstreams([Rule("lost", host="ark")]) as upstreams:
        store = Store(f"sqlite:///{folder}/store.db")
        config = evolve(upstreams.configuration(), prefer=("modelark", "powertokens"))
        client = Client(config=config, journal=store, concurrency=8)
        with Gateway(client, store) as gateway:
            key = fill(gateway, folder / "store.db")
            server = make_server("127.0.0.1", 0, Application(gateway), threaded=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            yield Served(f"http://127.0.0.1:{server.server_port}", key)
            server.shutdown()
            thread.join()
            server.server_close()


def fill(gateway: Gateway, database: Path) -> str:
    """Pictures of the days before, one that got lost, and keys. Gives that of an operator."""
    keys = Keys(gateway.store)
    key = keys.add("ada", settings={"operator": True})
    keys.add("studio", limits=Limits(rpm=60, budget="20"), settings={"models": ["seedream-*"]})
    shapes = ("16:9", "1:1", "3:4", "4:3")
    for number, prompt in enumerate(PROMPTS[::-1]):
        make(gateway, f"img_{number:032}", prompt, "seedream-4.0", shapes[number % 4])
    with suppress(ImagekitError):
        make(gateway, "img_lost", "One that got lost", "ark:seedream-4.0", "1:1")
    with closing(sqlite3.connect(database)) as rows:
        # As if they had been asked for one after the other, several on some days.
        rows.execute(f"update attempts set began = began - (rowid * 7 % 29) * {DAY}")
        rows.commit()
    return key


def make(gateway: Gateway, id: str, prompt: str, model: str, ratio: str) -> None:
    with gateway.store.on_behalf(id, Caller("ada")):
        gateway.client.generate(prompt, id=id, model=model, ratio=ratio)


if __name__ == "__main__":
    sys.exit(main())
