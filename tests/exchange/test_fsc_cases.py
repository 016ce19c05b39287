"""The guide's table of FSC's written cases: every case once, every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHORT = {"M": "tests/exchange/test_fsc_manager.py", "S": "tests/exchange/fsc_story.py"}
CASES = 84
"""FSC's overview tables list 85 ids; Manager-Services-1 stands there twice."""


def test_fsc_cases_are_each_in_the_guide_with_a_test_that_exists() -> None:
    guide = (ROOT / "docs/guide/fsc.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:Manager|Inway|Outway|Integration)-\S+) \| (.+) \|$", guide, re.MULTILINE)

    assert len(rows) == len({case for case, _ in rows}) == CASES
    for case, told in rows:
        if told.startswith("not applicable: "):
            continue
        file, name = _place(told)
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), case


def _place(told: str) -> tuple[str, str]:
    short = re.fullmatch(r"([MS]) `(\w+)`", told)
    if short:
        return SHORT[short[1]], short[2]
    file, _, name = told.strip("`").partition("::")
    return file, name
