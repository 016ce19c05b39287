"""Reads of the transparency log: tiles, the newest state, and proofs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from terpadu.exchange.errors import LogEmpty, NotLogged
from terpadu.exchange.models import ENTRIES, DeliveredRecord, LogCheckpoint, LogTile, LogWitness
from terpadu.exchange.selectors.places import log_key_path, log_origin
from terpadu_wire.keys import load_private_key
from terpadu_wire.records import Record, record_from_json
from terpadu_wire.tlog.leaves import ENTRY_BYTES
from terpadu_wire.tlog.merkle import HASH_BYTES, inclusion_proof
from terpadu_wire.tlog.notes import NoteKey, parse_signature_lines, read_vkey
from terpadu_wire.tlog.proofs import LogPolicy, format_policy, format_proof
from terpadu_wire.tlog.tiles import TilePath, TileTree

_LOOKED_AT = 20
"""How many signed states are looked at for one that enough witnesses signed; all are asked about the same one."""


@dataclass(frozen=True)
class ProvenRecord:
    """One side's record of one phase of an exchange, with the proof that it stands in the log (C2SP tlog-proof)."""

    record: Record
    leaf_index: int
    proof: str


def checkpoint_newest() -> LogCheckpoint:
    """Return the newest signed state of the log. Raises LogEmpty before there is one."""
    newest = LogCheckpoint.objects.order_by("-size").first()
    if newest is None:
        raise LogEmpty
    return newest


def tile_read(level: int, index: int) -> bytes:
    """Return a tile as full as it is, or nothing when it is not there; see `models.LogTile`."""
    content = LogTile.objects.filter(level=level, index=index).values_list("content", flat=True).first()
    return bytes(content) if content is not None else b""


def tile_get(path: TilePath) -> bytes | None:
    """Return what an address asks for, exactly as wide as it asks; None when the log is not that far."""
    level, width = (ENTRIES, ENTRY_BYTES) if path.level is None else (path.level, HASH_BYTES)
    content = tile_read(level, path.index)[: path.width * width]
    return content if len(content) == path.width * width else None


def records_prove(transaction_id: UUID, *, parties: tuple[str, str] | None = None) -> list[ProvenRecord]:
    """Return every record of an exchange with its proof, oldest leaf first.

    parties: peer ids of who called and who was called; a gateway may have used the same id for a call elsewhere, about
    somebody else. None for all that there is under the id.
    Each proof stands on the newest state that enough witnesses have signed, else on the newest that one has, else on the newest.
    Raises NotLogged while not one of them is in a signed state of the log.
    """
    rows = DeliveredRecord.objects.filter(transaction_id=transaction_id, leaf_index__isnull=False)
    found = [
        (record_from_json(line.encode()), index)
        for line, index in rows.order_by("leaf_index").values_list("line", "leaf_index")
        if index is not None
    ]
    if parties is not None:
        found = [one for one in found if (one[0].consumer[:20], one[0].provider[:20]) == parties]
    if not found:
        raise NotLogged
    checkpoint = _checkpoint_for(max(index for _, index in found))
    tree = TileTree(checkpoint.size, read=tile_read)
    return [
        ProvenRecord(
            record,
            index,
            format_proof(
                index,
                inclusion_proof(index, checkpoint.size, range_hash=tree.range_hash),
                checkpoint.signed_note,
            ),
        )
        for record, index in found
    ]


def log_policy() -> LogPolicy:
    """Return whom a verifier of this log trusts: its key, its witnesses, and more than half of them as quorum."""
    witnesses = tuple(read_vkey(row.vkey) for row in witnesses_active())
    return LogPolicy(log_key(), witnesses, quorum=_quorum(len(witnesses)))


def log_policy_text() -> str:
    """Return the policy as the file that `terpadu verify` takes."""
    return format_policy(
        log_policy(),
        notes=[
            "Keys of this country's toll road log and of its witnesses.",
            "Compare them with a copy that you trust.",
        ],
    )


def witnesses_active() -> list[LogWitness]:
    """Return the witnesses that are asked to sign, by name."""
    return list(LogWitness.objects.filter(is_active=True).order_by("name"))


def log_key() -> NoteKey:
    """Return the public key of the log; it must have been made."""
    return NoteKey(log_origin(), load_private_key(log_key_path().read_bytes()).public_key())


def _quorum(witnesses: int) -> int:
    """Return how many of so many witnesses must have signed: more than half."""
    return witnesses // 2 + 1 if witnesses else 0


def _checkpoint_for(index: int) -> LogCheckpoint:
    states = LogCheckpoint.objects.filter(size__gt=index).order_by("-size")
    signed = states.exclude(cosignatures="")
    found = _with_quorum(signed) or signed.first() or states.first()
    if found is None:
        raise NotLogged
    return found


def _with_quorum(signed: QuerySet[LogCheckpoint]) -> LogCheckpoint | None:
    """Return the newest state that enough witnesses signed; while one is away, that may be far behind the newest."""
    witnesses = witnesses_active()
    quorum = _quorum(len(witnesses))
    if not quorum:
        return None
    names = {witness.name for witness in witnesses}
    # No newer state can have enough signatures than the newest that this many witnesses have come to.
    furthest = sorted((witness.size for witness in witnesses), reverse=True)[quorum - 1]
    for state in signed.filter(size__lte=furthest)[:_LOOKED_AT]:
        if len(names & {line.name for line in parse_signature_lines(state.cosignatures)}) >= quorum:
            return state
    return None
