"""Records and segment files: what is written is read, and a torn tail loses nothing before it."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire.errors import RecordError
from terpadu_wire.records import (
    MAGIC,
    Record,
    encode_frame,
    encode_record,
    read_records,
    read_segment,
    record_from_json,
    record_to_json,
)

RECORD = Record(
    transaction_id="01a1ffe6-ae32-7819-a387-3a7095712cb8",
    side="out",
    phase="request",
    at=1_800_000_000_000,
    consumer="10000001",
    provider="10000002",
    service="kependudukan",
    operation="cari",
    grant_hash="$1$3$x",
    purpose="kia.penerbitan",
    outcome="asked",
    salt="s" * 43,
    fields=("/a", "/b"),
)
FRAMES = [encode_record(replace(RECORD, status=status)) for status in range(4)]
SEGMENT = MAGIC + b"".join(FRAMES)

records = st.builds(
    replace,
    st.just(RECORD),
    side=st.sampled_from(["out", "in"]),
    phase=st.sampled_from(["request", "response"]),
    status=st.integers(0, 599),
    evidence=st.text(max_size=20),
    fields=st.lists(st.text(max_size=5), max_size=3).map(tuple),
)


@given(records)
def test_record_json_round_trip(record: Record) -> None:
    line = record_to_json(record)
    assert b"\n" not in line
    assert record_from_json(line) == record


@given(st.lists(records, max_size=5))
def test_segment_round_trip(written: list[Record]) -> None:
    file = io.BytesIO(MAGIC + b"".join(map(encode_record, written)))
    read = list(read_records(file))
    assert [one.record for one in read] == written
    for one in read:
        assert [two.record for two in read_records(file, start=one.end)] == written[read.index(one) + 1 :]


def test_segment_cut_at_any_byte_gives_every_whole_record() -> None:
    ends = [len(MAGIC)]
    for frame in FRAMES:
        ends.append(ends[-1] + len(frame))
    for length in range(len(SEGMENT) + 1):
        read = list(read_records(io.BytesIO(SEGMENT[:length])))
        assert len(read) == sum(end <= length for end in ends[1:])


@given(st.integers(len(MAGIC), len(SEGMENT) - 1), st.integers(1, 255))
def test_segment_with_one_altered_byte_gives_only_the_records_before_it(place: int, change: int) -> None:
    raw = bytearray(SEGMENT)
    raw[place] ^= change
    read = [one.record.status for one in read_records(io.BytesIO(bytes(raw)))]
    assert read == list(range(len(read)))
    assert len(read) < 4


def test_segment_with_zeros_at_its_end_stops_there() -> None:
    assert len(list(read_records(io.BytesIO(SEGMENT + b"\0" * 4096)))) == 4


def test_segment_with_a_frame_of_an_unknown_kind_skips_it() -> None:
    raw = MAGIC + FRAMES[0] + encode_frame(b"anything", kind=b"?") + FRAMES[1]
    assert [one.record.status for one in read_records(io.BytesIO(raw))] == [0, 1]


def test_read_segment_of_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    path.write_bytes(b"something else")
    with pytest.raises(RecordError):
        list(read_segment(path))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        record_to_json(RECORD).replace(b'"side":"out"', b'"side":"up"'),
        record_to_json(RECORD).replace(b'"status":0', b'"status":"0"'),
        record_to_json(RECORD).replace(b'"status":0', b'"status":true'),
        record_to_json(RECORD).replace(b'"fields":["/a","/b"]', b'"fields":"/a"'),
        record_to_json(RECORD)[:-1] + b',"nik":"1"}',
    ],
)
def test_record_from_json_of_something_else_is_refused(line: bytes) -> None:
    with pytest.raises(RecordError):
        record_from_json(line)
