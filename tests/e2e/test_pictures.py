"""The pictures of the documentation: those of each page of the story, and the one that opens the README."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import ROOT, SCREENSHOTS, TAKES_PICTURES

FRONT = ("01-home-id-360", "05-check-data-id-360", "13-wallet-id-360", "16-trail-id-360")
PAGES = 17
FRAME = "<body style='margin:0;background:#f7f5f0;display:flex;gap:24px;padding:24px;width:1584px;box-sizing:border-box'>"
PHONE_FRAME = (
    "<div style='width:360px;height:720px;overflow:hidden;border-radius:18px;border:1px solid #ddd8cd;"
    "box-shadow:0 4px 16px #16232b22'><img width=360 src='data:image/jpeg;base64,{}'></div>"
)


@pytest.mark.skipif(not TAKES_PICTURES, reason="pictures are taken by `make e2e`")
def test_picture_of_the_readme_is_made_of_the_story(browser: Browser) -> None:
    pictures = [base64.b64encode((SCREENSHOTS / f"{name}.jpg").read_bytes()).decode() for name in FRONT]
    page = browser.new_page(viewport={"width": 1584, "height": 770})
    page.set_content(FRAME + "".join(PHONE_FRAME.format(picture) for picture in pictures))

    page.screenshot(path=SCREENSHOTS / "readme.png")

    page.close()


def test_every_page_of_the_story_has_its_pictures() -> None:
    names = {path.name for path in SCREENSHOTS.glob("*.*")}

    story = {name for name in names if re.fullmatch(r"\d\d-[a-z-]+-(id|en)-(360|1280)\.jpg", name)}

    assert len(story) == PAGES * 4
    assert names - story == {"readme.png"}


def test_pictures_named_in_the_documentation_are_there() -> None:
    texts = [path.read_text() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]]

    named = {name for text in texts for name in re.findall(r"screenshots/([\w.-]+\.(?:png|jpg))", text)}

    assert named
    assert all((SCREENSHOTS / name).exists() for name in named)
