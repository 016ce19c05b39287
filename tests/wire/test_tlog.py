"""The transparency log's mathematics and texts, held against RFC 6962's own definitions."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire.errors import LogError
from terpadu_wire.keys import generate_key
from terpadu_wire.records import Record, record_to_json
from terpadu_wire.tlog.checkpoints import Checkpoint, parse_checkpoint
from terpadu_wire.tlog.leaves import bundles_extended, canonical_record, commitment
from terpadu_wire.tlog.merkle import (
    EMPTY_ROOT,
    consistency_holds,
    consistency_proof,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
    node_hash,
)
from terpadu_wire.tlog.notes import (
    KeyKind,
    Note,
    NoteKey,
    cosign,
    cosigned_at,
    parse_note,
    read_vkey,
    sign_note,
    signers_of,
)
from terpadu_wire.tlog.proofs import LogPolicy, format_policy, format_proof, read_policy, verify_proof
from terpadu_wire.tlog.tiles import TileTree, extended, parse_tile_path, tile_path

ORIGIN = "log.example/jalan-tol"


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(tree_hash(leaves[:middle]), tree_hash(leaves[middle:]))


class Tiles:
    """A log's tiles in memory, grown as the platform grows them."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.size = 0

    def read(self, level: int, index: int) -> bytes:
        return self.tiles.get((level, index), b"")

    def append(self, entries: list[bytes]) -> None:
        hashes = [leaf_hash(entry) for entry in entries]
        self.tiles |= extended(self.size, hashes, read=self.read)
        self.size += len(entries)

    def tree(self, size: int) -> TileTree:
        return TileTree(size, read=self.read)


def entries(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@given(
    steps=st.lists(st.integers(0, 700), min_size=1, max_size=5),
    data=st.data(),
)
def test_tiles_grown_in_any_steps_give_rfc_6962_roots_and_proofs(
    steps: list[int], data: st.DataObject
) -> None:
    log, everything = Tiles(), entries(sum(steps))
    for step in steps:
        log.append(everything[log.size : log.size + step])
    size = data.draw(st.integers(0, log.size))
    old = data.draw(st.integers(0, size))
    tree = log.tree(size)
    assert tree.root() == tree_hash(everything[:size])
    proof = consistency_proof(old, size, range_hash=tree.range_hash)
    old_root = log.tree(old).root()
    assert consistency_holds(old=old, new=size, old_root=old_root, new_root=tree.root(), proof=proof)
    if size:
        index = data.draw(st.integers(0, size - 1))
        path = inclusion_proof(index, size, range_hash=tree.range_hash)
        leaf = leaf_hash(everything[index])
        assert inclusion_holds(leaf=leaf, index=index, size=size, proof=path, root=tree.root())
        assert not inclusion_holds(leaf=leaf, index=index, size=size, proof=[*path, leaf], root=tree.root())
        other = node_hash(leaf, leaf)
        assert not inclusion_holds(leaf=other, index=index, size=size, proof=path, root=tree.root())


@given(old=st.integers(1, 300), grown=st.integers(1, 300), data=st.data())
def test_consistency_with_one_hash_changed_does_not_hold(old: int, grown: int, data: st.DataObject) -> None:
    log = Tiles()
    log.append(entries(old + grown))
    tree, new = log.tree(old + grown), old + grown
    proof = consistency_proof(old, new, range_hash=tree.range_hash)
    roots = {"old_root": log.tree(old).root(), "new_root": tree.root()}
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:place], EMPTY_ROOT, *proof[place + 1 :]]
    assert not consistency_holds(old=old, new=new, proof=changed, **roots)
    assert not consistency_holds(old=old, new=new, proof=proof[:-1], **roots)
    assert not consistency_holds(
        old=old, new=new, proof=proof, old_root=EMPTY_ROOT, new_root=roots["new_root"]
    )


def test_tree_of_70000_has_the_tiles_the_standard_counts() -> None:
    log = Tiles()
    log.append(entries(70_000))
    widths = {key: len(tile) // 32 for key, tile in log.tiles.items()}
    assert sum(1 for (level, _), width in widths.items() if level == 0 and width == 256) == 273
    assert (widths[0, 273], widths[1, 0], widths[1, 1], widths[2, 0]) == (112, 256, 17, 1)


@pytest.mark.parametrize(
    ("path", "level", "index", "width"),
    [
        ("0/000", 0, 0, 256),
        ("1/x001/x234/067", 1, 1_234_067, 256),
        ("2/001.p/17", 2, 1, 17),
        ("entries/x001/234.p/255", None, 1234, 255),
    ],
)
def test_tile_path_is_read_and_written_alike(path: str, level: int | None, index: int, width: int) -> None:
    found = parse_tile_path(path)
    assert (found.level, found.index, found.width) == (level, index, width)
    assert tile_path(level, index, width=width) == path


@pytest.mark.parametrize(
    "path",
    [
        "00/000",
        "64/000",
        "0/0",
        "0/000.p/0",
        "0/000.p/256",
        "0/x000/001",
        "0/../000",
        "-1/000",
        "0/000/",
        "a/000",
    ],
)
def test_tile_path_of_another_form_is_refused(path: str) -> None:
    with pytest.raises(LogError, match=r"log\.path"):
        parse_tile_path(path)


def test_note_of_the_standard_verifies_under_its_key() -> None:
    # The example of C2SP signed-note, "Verifier keys".
    key = read_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = parse_note(
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlT"
        "gK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    assert signers_of(note, [key]) == [key]
    with pytest.raises(LogError, match=r"log\.signature"):
        signers_of(Note("Another message.\n", note.signatures), [key])
    assert str(note) == note.text + "\n" + str(note.signatures[0])


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno signature\n",
        "text\n\n— a b\n",
        "te\x07xt\n\n— a AAAAAAAA\n",
        "a\n\n— n AAAA\n",
    ],
)
def test_text_that_is_no_note_is_refused(raw: str) -> None:
    with pytest.raises(LogError, match=r"log\.note"):
        parse_note(raw)


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\nx\n", f"a\n-1\n{'A' * 43}=\n", "a\n1\nshort\n", "\n1\nx\n", "a\n1\n\n"]
)
def test_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LogError, match=r"log\.checkpoint"):
        parse_checkpoint(text)


class Country:
    """A log with two witnesses and a proof of one of its entries."""

    def __init__(self) -> None:
        self.log, self.first, self.second = generate_key(), generate_key(), generate_key()
        self.policy = LogPolicy(
            NoteKey(ORIGIN, self.log.public_key()),
            (
                NoteKey("w.example/one", self.first.public_key(), KeyKind.COSIGNATURE),
                NoteKey("w.example/two", self.second.public_key(), KeyKind.COSIGNATURE),
            ),
            quorum=1,
        )
        self.tiles = Tiles()
        self.entries = entries(300)
        self.tiles.append(self.entries)
        tree = self.tiles.tree(300)
        text = Checkpoint(ORIGIN, 300, tree.root()).text()
        lines = (
            sign_note(text, name=ORIGIN, key=self.log),
            cosign(text, name="w.example/one", key=self.first, at=1_800_000_000),
        )
        self.note = Note(text, lines)
        self.path = inclusion_proof(7, 300, range_hash=tree.range_hash)

    def proof(self) -> str:
        return format_proof(7, self.path, str(self.note))


@pytest.fixture(scope="module")
def country() -> Country:
    return Country()


def test_proof_verifies_with_public_keys_alone(country: Country) -> None:
    policy = read_policy(format_policy(country.policy, notes=["a made-up country"]))
    proven = verify_proof(country.proof(), entry=country.entries[7], policy=policy)
    assert (proven.index, proven.checkpoint.size) == (7, 300)
    assert proven.witnesses == ("w.example/one",)
    assert proven.witnessed_at == cosigned_at(country.note.signatures[1]) == 1_800_000_000
    assert len(country.proof()) < 4_000


def test_proof_of_another_entry_is_refused(country: Country) -> None:
    with pytest.raises(LogError, match=r"log\.inclusion"):
        verify_proof(country.proof(), entry=country.entries[8], policy=country.policy)


def test_proof_with_too_few_witnesses_is_refused(country: Country) -> None:
    policy = LogPolicy(country.policy.log, country.policy.witnesses, quorum=2)
    with pytest.raises(LogError, match=r"log\.quorum"):
        verify_proof(country.proof(), entry=country.entries[7], policy=policy)


def test_proof_of_another_log_or_unsigned_is_refused(country: Country) -> None:
    other = LogPolicy(NoteKey("other.example/log", generate_key().public_key()))
    with pytest.raises(LogError, match=r"log\.origin"):
        verify_proof(country.proof(), entry=country.entries[7], policy=other)
    stranger = LogPolicy(NoteKey(ORIGIN, generate_key().public_key()))
    with pytest.raises(LogError, match=r"log\.signature"):
        verify_proof(country.proof(), entry=country.entries[7], policy=stranger)


@given(place=st.integers(0, 2_000), character=st.sampled_from("A0\n —+=/x"))
def test_proof_with_any_character_changed_never_passes_for_another_entry(
    country: Country, place: int, character: str
) -> None:
    text = country.proof()
    place %= len(text)
    changed = text[:place] + character + text[place + 1 :]
    try:
        proven = verify_proof(changed, entry=country.entries[7], policy=country.policy)
    except LogError:
        return
    assert (proven.index, proven.checkpoint.root) == (7, parse_checkpoint(country.note.text).root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum 1\n",
        "nonsense\n",
        "example.com/foo+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
    ],
)
def test_policy_without_one_log_is_refused(text: str) -> None:
    with pytest.raises(LogError):
        read_policy(text)


@given(evidence=st.text(max_size=40), fields=st.lists(st.text(max_size=10), max_size=3))
def test_record_is_canonical_as_rfc_8785_has_it(evidence: str, fields: list[str]) -> None:
    record = Record(
        transaction_id="t",
        side="out",
        phase="request",
        at=1_800_000_000_123,
        consumer="1",
        provider="2",
        service="s",
        operation="o",
        grant_hash="g",
        purpose="p",
        outcome="asked",
        salt=base64.b64encode(b"x" * 32).decode(),
        evidence=evidence,
        fields=tuple(fields),
    )
    value = json.loads(record_to_json(record))
    assert canonical_record(record) == rfc8785.dumps(value)
    bundles = bundles_extended(255, [commitment(record)] * 2, read=lambda index: b"x" * 255 * 34)
    assert {index: len(content) for index, content in bundles.items()} == {0: 256 * 34, 1: 34}
