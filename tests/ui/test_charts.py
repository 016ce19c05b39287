"""Pictures drawn on the server: what a phone shows of them, and that names are text."""

from __future__ import annotations

import re

import pytest

from terpadu.kernel.ui.charts import Row, bars, columns


def left_out(drawn: str) -> list[str]:
    """Return the values that a phone does not show."""
    return re.findall(r'class="tiny roomy"[^>]*>([^<]+)<', drawn)


@pytest.mark.parametrize(
    ("series", "stacked", "hidden"),
    [
        pytest.param([[12, 9]], False, [], id="short"),
        pytest.param([[1_234_567, 12_345_678_901_234_567_890_123_456_789]], False, [], id="room-for-two"),
        pytest.param([[123] * 9 + [1234], [12] * 10], False, ["123"] * 9, id="longer-than-the-column"),
        pytest.param([[10_000.5] * 9 + [1], [1] * 10], True, [], id="all-the-highest-but-one"),
        pytest.param([[1000 + n for n in range(20)]], False, [str(1000 + n) for n in range(19)], id="all-but-the-highest"),
    ],
)  # fmt: skip
def test_value_that_would_run_into_the_next_is_left_out_on_a_phone_but_for_the_highest(
    series: list[list[float]], stacked: bool, hidden: list[str]
) -> None:
    names = [str(at) for at in range(len(series[0]))]

    drawn = columns(names, series, title="x", stacked=stacked, say=lambda value: f"{value:.0f}")

    assert left_out(drawn) == hidden


def test_bars_write_whole_names_as_text_and_fill_by_the_highest() -> None:
    long = "Sistem Informasi <b>Pelayanan</b> Administrasi Terpadu Kecamatan dan Kelurahan"

    drawn = bars([Row(long, 4, "4"), Row("B", 1, "1"), Row("C", 0, "0")], title="x")

    assert "&lt;b&gt;Pelayanan&lt;/b&gt; Administrasi Terpadu Kecamatan dan Kelurahan</span>" in drawn
    assert re.findall(r'part-0" width="([\d.]+)"', drawn) == ["100", "25", "0"]
