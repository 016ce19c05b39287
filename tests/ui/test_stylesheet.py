"""The stylesheet is small, its colours can be read, and templates keep to what the content policy allows."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from terpadu.kernel.templatetags.ui import STATES

SRC = Path(__file__).resolve().parents[2] / "src" / "terpadu"
SHEET = SRC / "kernel" / "static" / "terpadu" / "terpadu.css"
ICONS = SRC / "kernel" / "templates" / "ui" / "icons"
OURS = [
    path
    for folder in ("kernel/templates/ui", "kernel/templates/django", "portal/templates")
    for path in sorted((SRC / folder).rglob("*.html"))
]
TEXT_ON_GROUND = [
    ("ink", "paper"),
    ("ink", "sand"),
    ("ink-2", "paper"),
    ("ink-2", "sand"),
    ("sea", "paper"),
    ("sea", "sand"),
    ("sea", "sea-soft"),
    ("on-sea", "sea"),
    ("saga", "paper"),
    ("saga", "sand"),
    ("saga", "saga-soft"),
    ("on-saga", "saga"),
    ("ok", "ok-soft"),
    ("wait", "wait-soft"),
    ("info", "info-soft"),
    ("ink", "wait-soft"),
    ("ink", "saga-soft"),
    ("foot-ink", "foot"),
]


def tokens(scheme: str) -> dict[str, str]:
    """Return the colours of a scheme by token name; the dark one builds on the light one."""
    light, dark = (
        SHEET.read_text().partition("/* ---- Ground")[0].split("@media (prefers-color-scheme: dark)")
    )
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})", light))
    return found | dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})", dark)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    """Return the relative luminance of a hex colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two hex colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_stylesheet_is_small_and_one_file() -> None:
    text = SHEET.read_bytes()

    assert len(gzip.compress(text, 9)) <= 12_000
    assert text.count(b"\n") < 400
    # Pictures of figures have a sheet of their own, which only their pages ask for.
    assert sorted(SHEET.parent.glob("*.css")) == sorted([SHEET, SHEET.with_name("charts.css")])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_on_its_ground_can_be_read(text: str, ground: str, scheme: str) -> None:
    colours = tokens(scheme)

    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_stand_out(scheme: str) -> None:
    colours = tokens(scheme)

    assert contrast(colours["edge"], colours["paper"]) >= 3


def test_stylesheet_has_every_class_that_pages_may_use() -> None:
    text = SHEET.read_text()
    promised = [
        "card",
        "facts",
        "steps",
        "btn",
        "plain",
        "warm",
        "wide",
        "field",
        "hint",
        "choice",
        "src",
        "grid",
    ]
    promised += [
        "band",
        "kpi",
        "tabs",
        "cols",
        "wrap",
        "muted",
        "small",
        "num",
        "tag",
        "crumbs",
        "sheet",
        "list",
    ]

    missing = [name for name in [*promised, *(STATES - {"info"})] if not re.search(rf"\.{name}\b", text)]

    assert missing == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_template_has_no_style_or_script_of_its_own(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\bstyle\s*=|<style|<script|\bon[a-z]+\s*=\s*[\"']", text)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_template_names_only_icons_that_are_drawn(path: Path) -> None:
    named = re.findall(r'{% icon "([a-z]+)" %}|icon_name="([a-z]+)"', path.read_text())

    missing = [a or b for a, b in named if not (ICONS / f"{a or b}.svg").exists()]

    assert missing == []
