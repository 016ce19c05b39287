"""CloudEvents 1.0, read strictly: what is one, what is none, and what of it orders and names."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu_wire.cloudevents import MAX_EVENT, read_event, source_of
from terpadu_wire.errors import EventError

GOOD: dict[str, JsonValue] = {
    "specversion": "1.0",
    "id": "a-1",
    "source": "urn:terpadu:00000002:peristiwa",
    "type": "lahir.v1",
}


def raw(**changes: JsonValue) -> bytes:
    return orjson.dumps(GOOD | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "subject": "s",
            "time": "2026-11-22T10:00:00Z",
            "datacontenttype": "application/json",
            "data": {"a": 1},
        },
        {"time": "2026-11-22T10:00:00.123456+07:00", "dataschema": "https://contoh.id/skema"},
        {"data_base64": "aXNp", "ext1": "x", "flag": True, "number": -(2**31)},
        {"subject": None, "traceparent": None},
        {"data": None},
    ],
)
def test_event_that_keeps_the_rules_is_read(changes: dict[str, JsonValue]) -> None:
    event = read_event(raw(**changes))

    assert (event.id, event.peer_id, event.service, event.type) == (
        "a-1",
        "00000002",
        "peristiwa",
        "lahir.v1",
    )
    assert f"urn:terpadu:{event.peer_id}:{event.service}" == source_of("00000002", "peristiwa")


@pytest.mark.parametrize(
    "changes",
    [
        {"specversion": "1.1"},
        {"specversion": 1},
        {"id": ""},
        {"id": "a b"},
        {"id": "x" * 101},
        {"id": 7},
        {"type": ""},
        {"type": True},
        {"source": "peristiwa"},
        {"source": "urn:terpadu:2:p/../q"},
        {"subject": ""},
        {"subject": 5},
        {"time": "2026-11-22"},
        {"time": "2026-11-22T10:00:00"},
        {"datacontenttype": "json"},
        {"dataschema": "not a uri"},
        {"data": 1, "data_base64": "MQ=="},
        {"data_base64": 5},
        {"Ext": "x"},
        {"my_ext": "x"},
        {"ext": {"a": 1}},
        {"ext": [1]},
        {"ext": 2**31},
        {"ext": 1.5},
        {"ext": "a\nb"},
        {"ext": "a\u0085b"},
    ],
)
def test_object_that_breaks_a_rule_is_no_event(changes: dict[str, JsonValue]) -> None:
    with pytest.raises(EventError) as error:
        read_event(raw(**changes))
    assert error.value.code == "event.invalid"


@pytest.mark.parametrize("missing", GOOD)
def test_event_without_a_required_attribute_is_refused(missing: str) -> None:
    with pytest.raises(EventError):
        read_event(orjson.dumps({name: value for name, value in GOOD.items() if name != missing}))


def test_event_is_ordered_by_partition_key_else_subject_else_itself() -> None:
    assert read_event(raw(subject="s", partitionkey="p")).key == "p"
    assert read_event(raw(subject="s")).key == "s"
    assert read_event(raw()).key == "a-1"


def test_event_has_a_size_and_no_member_twice() -> None:
    with pytest.raises(EventError) as large:
        read_event(raw(data="x" * MAX_EVENT))
    with pytest.raises(EventError) as twice:
        read_event(b'{"id":"b",' + raw()[1:])

    assert (large.value.code, twice.value.code) == ("event.too_large", "event.invalid")


@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(orjson.dumps)
)
def test_anything_else_is_refused_and_never_crashes(content: bytes) -> None:
    with pytest.raises(EventError):
        read_event(content)
