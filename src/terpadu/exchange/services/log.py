"""The transparency log grows: records become leaves, states are signed, witnesses asked to sign them too.

Tiles, leaf numbers and the signed state are written in one transaction, so after a crash either all of it is there or
nothing; a state leaves the platform only after that. Many workers may call: one at a time does the work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import structlog
from django.db import connection, transaction

from terpadu.directory.public import private_key_ensure
from terpadu.exchange.adapters.witnesses import WitnessAway, WitnessBehind, WitnessRefused, ask_witness
from terpadu.exchange.events import LogGrown
from terpadu.exchange.models import ENTRIES, DeliveredRecord, LogCheckpoint, LogTile, LogWitness
from terpadu.exchange.selectors.log import tile_read, witnesses_active
from terpadu.exchange.selectors.places import log_key_path, log_origin
from terpadu.kernel.actors import Actor
from terpadu.kernel.audit import record as audit
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu_wire.errors import LogError
from terpadu_wire.keys import PrivateKey
from terpadu_wire.records import record_from_json
from terpadu_wire.tlog.checkpoints import Checkpoint
from terpadu_wire.tlog.leaves import bundles_extended, commitment
from terpadu_wire.tlog.merkle import consistency_proof, leaf_hash
from terpadu_wire.tlog.notes import KeyKind, Note, NoteKey, read_vkey, sign_note
from terpadu_wire.tlog.tiles import TileTree, extended

log = structlog.get_logger(__name__)

MAX_LEAVES = 10_000
KEPT_STATES = 20_000
"""How many signed states are kept; a day of one each few seconds."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,80})?")
_LOCK = 7_305_517_290_003  # one advisory lock for all who let the log grow


@transaction.atomic
def log_extend() -> int:
    """Log the records that wait and sign the new state; return how many became leaves."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    size = LogCheckpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    waiting = DeliveredRecord.objects.filter(leaf_index__isnull=True).order_by("received_at", "id")
    rows = list(waiting.values_list("id", "line")[:MAX_LEAVES])
    if not rows:
        return 0
    entries = [commitment(record_from_json(line.encode())) for _, line in rows]
    _write_tiles(size, entries)
    _number([row_id for row_id, _ in rows], first=size)
    _sign_state(size + len(rows))
    return len(rows)


def log_cosign() -> int:
    """Ask every witness to sign the newest state; return how many did. One that is away is asked again next time."""
    newest = LogCheckpoint.objects.order_by("-size").first()
    if newest is None:
        return 0
    return sum(_ask(witness, newest) for witness in witnesses_active() if witness.size < newest.size)


@transaction.atomic
def witness_register(*, url: str, vkey: str, by: Actor) -> str:
    """Let a witness cosign the log from now on; return its name.

    url: where it is asked. vkey: its verifier key, obtained from its operator and not from the address alone.
    Raises LogError when the key is none of a witness, or the address is none.
    """
    key = read_vkey(vkey)
    if key.kind is not KeyKind.COSIGNATURE:
        raise LogError(
            "log.key", "this is the key of a log; ask the witness's operator for the witness's key"
        )
    if not _ADDRESS.fullmatch(url):
        raise LogError("log.witness_url", "the address of a witness is https://host or http://host:port")
    LogWitness.objects.update_or_create(
        name=key.name, defaults={"url": url.rstrip("/"), "vkey": key.vkey(), "is_active": True}
    )
    audit("exchange.witness_registered", by=by, about_kind="witness", about_id=key.name)
    return key.name


def log_key_ensure() -> NoteKey:
    """Return the log's public key, making the key at first use."""
    return NoteKey(log_origin(), _key().public_key())


def _key() -> PrivateKey:
    return private_key_ensure(log_key_path())


def _write_tiles(size: int, entries: Sequence[bytes]) -> None:
    tiles = extended(size, [leaf_hash(entry) for entry in entries], read=tile_read)
    bundles = bundles_extended(size, entries, read=lambda index: tile_read(ENTRIES, index))
    rows = [LogTile(level=level, index=index, content=content) for (level, index), content in tiles.items()]
    rows += [LogTile(level=ENTRIES, index=index, content=content) for index, content in bundles.items()]
    LogTile.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["level", "index"], update_fields=["content"]
    )


def _number(ids: Sequence[object], *, first: int) -> None:
    """Give rows their leaf numbers in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{DeliveredRecord._meta.db_table}" set leaf_index = %s + waiting.nth - 1'  # noqa: S608 - our own table's name
            " from unnest(%s::uuid[]) with ordinality as waiting (row_id, nth) where id = waiting.row_id",
            [first, list(ids)],
        )


def _sign_state(size: int) -> None:
    checkpoint = Checkpoint(log_origin(), size, TileTree(size, read=tile_read).root())
    line = sign_note(checkpoint.text(), name=checkpoint.origin, key=_key())
    LogCheckpoint.objects.create(size=size, note=str(Note(checkpoint.text(), (line,))))
    kept = LogCheckpoint.objects.order_by("-size").values("size")[:KEPT_STATES]
    if size % 100 == 0:
        LogCheckpoint.objects.exclude(size__in=kept).delete()
    emit(LogGrown(size=size))


def _ask(witness: LogWitness, newest: LogCheckpoint) -> bool:
    try:
        line = _cosignature(witness, newest)
    except (WitnessAway, WitnessRefused) as error:
        log.warning("witness_not_signed", witness=witness.name, reason=error.reason)
        LogWitness.objects.filter(pk=witness.pk).update(last_error=error.reason[:100])
        return False
    with transaction.atomic():
        state = LogCheckpoint.objects.select_for_update().get(pk=newest.pk)
        state.cosignatures += line
        state.save(update_fields=["cosignatures"])
        LogWitness.objects.filter(pk=witness.pk).update(size=newest.size, seen_at=now(), last_error="")
    return True


def _cosignature(witness: LogWitness, newest: LogCheckpoint) -> str:
    """Return the witness's line; one that remembers another state than we think says so, and is asked from there."""
    tree = TileTree(newest.size, read=tile_read)
    old = witness.size
    for _ in range(2):
        try:
            return ask_witness(
                witness.url,
                key=read_vkey(witness.vkey),
                old=old,
                proof=consistency_proof(old, newest.size, range_hash=tree.range_hash),
                note=newest.note,
            )
        except WitnessBehind as answer:
            if answer.size > newest.size:
                raise WitnessRefused("it has seen a longer log than ours") from answer
            old = answer.size
    raise WitnessRefused("it does not say twice the same")
