"""Text keeps a contrast of 4.5 to 1 (WCAG 2.1 AA, 1.4.3) in both themes and with every accent."""

import math
import re
from pathlib import Path

import pytest
from django.conf import settings

SHEET = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\(\s*(#\w+|oklch\([^;]*?\)),\s*(#\w+|oklch\([^;]*?\))\s*\);", re.DOTALL)
ACCENT = re.compile(r'data-accent="(\w+)"\]\s*{\s*--accent-hue: ([\d.]+);\s*--accent-chroma: ([\d.]+);')
DEFAULT = re.search(r"--accent-hue: ([\d.]+);\s*--accent-chroma: ([\d.]+);", SHEET)
assert DEFAULT
ACCENTS = {"blue": DEFAULT.groups()} | {name: (hue, chroma) for name, hue, chroma in ACCENT.findall(SHEET)}
THEMES = ("light", "dark")

Linear = tuple[float, float, float]

TONES = [
    (f"{tone}-ink", surface)
    for tone in ("success", "warning", "danger", "info", "neutral")
    for surface in (f"{tone}-soft", "surface", "page")
]
TEXTS = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "warning-soft"),
    ("ink-muted", "page"),
    ("ink-muted", "surface"),
    ("ink-muted", "surface-sunken"),
    ("ink-muted", "surface-hover"),
    ("code-ink", "code-surface"),
    ("ink-muted", "code-surface"),
    *TONES,
]
WITH_ACCENT = [("accent-ink", "page"), ("accent-ink", "surface"), ("accent-ink", "accent-soft"), ("white", "accent")]


def from_hex(text: str) -> Linear:
    channels = [int(text[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return red, green, blue


def from_oklch(text: str, hue: float, chroma: float) -> Linear:
    """Linear sRGB of a token's `oklch(L calc(var(--accent-chroma) * K) var(--accent-hue))`, clipped to the gamut."""
    [light] = re.findall(r"oklch\(([\d.]+)", text)
    lightness = float(light)
    factor = re.search(r"\* ([\d.]+)\)", text)
    strength = chroma * (float(factor[1]) if factor else 1)
    a, b = strength * math.cos(math.radians(hue)), strength * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (min(max(value, 0.0), 1.0) for value in channels)
    return red, green, blue


def tokens(theme: str, accent: str) -> dict[str, Linear]:
    hue, chroma = map(float, ACCENTS[accent])
    values = {"white": (1.0, 1.0, 1.0)}
    for name, light, dark in TOKEN.findall(SHEET):
        text = light if theme == "light" else dark
        values[name] = from_hex(text) if text.startswith("#") else from_oklch(text, hue, chroma)
    return values


def contrast(one: Linear, other: Linear) -> float:
    light, dark = sorted((0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21_to_1() -> None:
    assert contrast(from_hex("#000000"), from_hex("#ffffff")) == pytest.approx(21)
    assert contrast(from_hex("#767676"), from_hex("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "surface"), [*TEXTS, ("white", "danger-solid")])
def test_text(theme: str, text: str, surface: str) -> None:
    values = tokens(theme, "blue")

    assert contrast(values[text], values[surface]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize(("text", "surface"), WITH_ACCENT)
def test_accents(theme: str, accent: str, text: str, surface: str) -> None:
    values = tokens(theme, accent)

    assert contrast(values[text], values[surface]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_edge_of_a_field_shows(theme: str) -> None:
    """WCAG 2.1, 1.4.11: 3 to 1 for what a control cannot be seen without."""
    values = tokens(theme, "blue")

    assert contrast(values["line-control"], values["surface"]) >= 3
