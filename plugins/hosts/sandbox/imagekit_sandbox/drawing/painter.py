"""Draws a landscape from a digest: the same digest, the same picture, to the byte."""

from __future__ import annotations

import base64
import colorsys
import io
import math
import random

from PIL import ExifTags, Image, ImageDraw, ImageFont, ImageOps, PngImagePlugin

from imagekit_sandbox.drawing.scene import Scene

__all__ = ["paint"]

DRAWN = 1024  # longest side, in pixels, of what is drawn before it is scaled up
HILLS = 5
ABOUT = "imagekit sandbox; no model drew this"

RGB = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def paint(scene: Scene) -> bytes:
    """The finished picture as a file."""
    chance = random.Random(scene.digest)
    scale = DRAWN / max(scene.width, scene.height)
    small = (max(1, round(scene.width * scale)), max(1, round(scene.height * scale)))
    hue = chance.random()
    picture = _sky(small, hue)
    _sun(picture, hue, chance)
    _hills(picture, hue, chance)
    picture = picture.resize((scene.width, scene.height), Image.Resampling.BICUBIC)
    _write(picture, scene)
    return _encode(picture, scene)


def _sky(size: tuple[int, int], hue: float) -> Image.Image:
    """Dusk: a gradient from the hue to its neighbour, light towards the horizon."""
    column = Image.new("RGB", (1, 64))
    for y in range(64):
        t = y / 63
        column.putpixel((0, y), _color(hue + 0.12 * t, 0.55 - 0.35 * t, 0.55 + 0.42 * t))
    return column.resize(size, Image.Resampling.BICUBIC)


def _sun(picture: Image.Image, hue: float, chance: random.Random) -> None:
    width, height = picture.size
    radius = min(width, height) * chance.uniform(0.06, 0.13)
    x, y = width * chance.uniform(0.2, 0.8), height * chance.uniform(0.2, 0.45)
    draw = ImageDraw.Draw(picture, "RGBA")
    for ring in range(6, 0, -1):
        r = radius * (1 + ring * 0.22)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(*_color(hue + 0.1, 0.15, 1.0), 26))
    draw.ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=_color(hue + 0.12, 0.1, 1.0)
    )


def _hills(picture: Image.Image, hue: float, chance: random.Random) -> None:
    """Ridges of summed waves, the far ones pale, the near ones dark."""
    width, height = picture.size
    draw = ImageDraw.Draw(picture)
    for hill in range(HILLS):
        depth = (hill + 1) / HILLS
        base = height * (0.42 + 0.48 * depth)
        waves = [
            (chance.uniform(0.6, 1.6) * 2**k, chance.uniform(0, math.tau), 0.07 / 1.8**k)
            for k in range(5)
        ]
        ridge = [
            (
                x,
                base
                - height * sum(a * math.sin(f * math.tau * x / width + p) for f, p, a in waves),
            )
            for x in range(0, width + 8, 4)
        ]
        color = _color(hue + 0.5 + 0.05 * depth, 0.18 + 0.4 * depth, 0.78 - 0.62 * depth)
        draw.polygon([*ridge, (width + 8, height), (0, height)], fill=color)


def _write(picture: Image.Image, scene: Scene) -> None:
    """The mark that says no model drew this, the prompt, and the stamp if asked for."""
    unit = max(10, min(picture.size) // 28)
    draw = ImageDraw.Draw(picture, "RGBA")
    bold, plain = ImageFont.load_default(unit * 1.4), ImageFont.load_default(unit * 0.8)
    edge = unit
    draw.text((edge, edge * 0.8), "SANDBOX", font=bold, fill=(255, 255, 255, 230))
    draw.text(
        (edge, edge * 2.6),
        f"{scene.model}  {scene.width}x{scene.height}",
        font=plain,
        fill=(255, 255, 255, 200),
    )
    room = max(4, int((picture.width - 2 * edge) / (unit * 0.42)))
    bottom = picture.height - edge * 2.2
    draw.text((edge, bottom), _legible(scene.caption, room), font=plain, fill=(255, 255, 255, 220))
    for index, reference in enumerate(scene.references):
        _frame(picture, draw, reference, index, unit, plain)
    if scene.watermark:
        draw.text(
            (picture.width - edge, bottom - edge * 1.4),
            "WATERMARK",
            font=plain,
            fill=(255, 255, 255, 160),
            anchor="ra",
        )


def _frame(
    picture: Image.Image,
    draw: ImageDraw.ImageDraw,
    reference: str,
    index: int,
    unit: int,
    font: Font,
) -> None:
    """A reference given as bytes, small; of one given by URL, which a sandbox without a
    network can't fetch, only its place.
    """
    side = unit * 3
    left, top = unit + index * (side + unit // 3), unit * 4
    box = (left, top, left + side, top + side)
    draw.rectangle(box, fill=(0, 0, 0, 60))
    if reference:
        with Image.open(io.BytesIO(base64.b64decode(reference))) as small:
            shown = ImageOps.contain(small, (side, side))
        picture.paste(shown, (left + (side - shown.width) // 2, top + (side - shown.height) // 2))
    else:
        center = (left + side / 2, top + side / 2)
        draw.text(center, f"ref {index + 1}", font=font, fill=(255, 255, 255, 220), anchor="mm")
    draw.rectangle(box, outline=(255, 255, 255, 200), width=max(1, unit // 8))


def _legible(text: str, room: int) -> str:
    """The caption on one line, or its length when the built-in font can't show it."""
    line = " ".join(text.split())
    if any(ord(character) > 0x24F for character in line):
        return f"({len(text)} characters)"
    return line if len(line) <= room else line[: room - 3] + "..."


def _encode(picture: Image.Image, scene: Scene) -> bytes:
    file = io.BytesIO()
    if scene.format == "jpeg":
        picture.save(file, "JPEG", quality=90, comment=ABOUT.encode())
    elif scene.format == "webp":
        exif = Image.Exif()
        exif[ExifTags.Base.Software] = ABOUT
        picture.save(file, "WEBP", quality=90, exif=exif)
    else:
        about = PngImagePlugin.PngInfo()
        about.add_text("Software", ABOUT)
        picture.save(file, "PNG", pnginfo=about, compress_level=3)
    return file.getvalue()


def _color(hue: float, saturation: float, value: float) -> RGB:
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, saturation, min(1.0, max(0.0, value)))
    return round(r * 255), round(g * 255), round(b * 255)
