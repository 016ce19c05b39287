"""`terpadu verify` and `terpadu log`: check receipts offline, look after the transparency log and its witnesses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from terpadu_wire.errors import LogError
from terpadu_wire.receipts import MAX_BYTES, VerifiedReceipt, verify_receipt
from terpadu_wire.tlog.proofs import read_policy

REFUSED = 2
MEANING = {
    "log.receipt": "This file is not a receipt.",
    "log.policy": "The file of keys names no log, or a quorum that cannot be reached.",
    "log.key": "The file of keys has a line that is not a verifier key.",
    "log.origin": "The proof is of another log than the keys.",
    "log.signature": "A signature does not hold: the file was changed, or the keys are of somebody else.",
    "log.quorum": "Too few witnesses have signed this state of the log.",
    "log.certificate": "A certificate in the file is not of the authority that you named.",
    "log.message_signature": "A message was not signed by whom the record says.",
    "log.inclusion": "The log does not hold this record: it was changed after it was logged.",
}

app = typer.Typer(name="log", help="Look after the transparency log.", no_args_is_help=True)


def verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt, as downloaded from the trail.")],
    keys: Annotated[Path, typer.Option(help="Keys of the log and its witnesses (/exchange/log/keys).")],
    authority: Annotated[
        Path | None,
        typer.Option(help="Certificates of the agencies' authorities (PEM), to prove who signed."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check a receipt with public keys alone; needs no network, no account and no database."""
    try:
        with receipt.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        trusted = x509.load_pem_x509_certificates(authority.read_bytes()) if authority else []
        found = verify_receipt(raw, policy=read_policy(keys.read_text()), authorities=trusted)
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(REFUSED) from None
    except UnicodeDecodeError:
        typer.echo(f"{keys}: not a text", err=True)
        raise typer.Exit(REFUSED) from None
    except ValueError:
        typer.echo(f"{authority}: not a certificate", err=True)
        raise typer.Exit(REFUSED) from None
    except LogError as error:
        typer.echo(f"NOT PROVEN ({error.code}): {MEANING.get(error.code, error.reason)}", err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(_facts(found), indent=2) if as_json else _words(found))
    raise typer.Exit(1 if found.contradictions else 0)


@app.command()
def keys() -> None:
    """Print the keys of the log and its witnesses, as `terpadu verify` takes them."""
    _set_up()
    from terpadu.exchange.selectors.log import log_policy_text
    from terpadu.exchange.services.log import log_key_ensure

    log_key_ensure()
    typer.echo(log_policy_text(), nl=False)


@app.command()
def state() -> None:
    """Print the newest signed state of the log."""
    _set_up()
    from terpadu.exchange.errors import LogEmpty
    from terpadu.exchange.selectors.log import checkpoint_newest

    try:
        typer.echo(checkpoint_newest().signed_note, nl=False)
    except LogEmpty as empty:
        typer.echo(empty.in_words)


@app.command("witness-add")
def witness_add(
    url: Annotated[str, typer.Argument(help="Where the witness is asked.")],
    key: Annotated[str, typer.Option(help="Its verifier key, obtained from its operator.")],
) -> None:
    """Ask a witness to cosign the log from now on."""
    _set_up()
    from terpadu.exchange.services.log import witness_register
    from terpadu.kernel.actors import Actor

    try:
        name = witness_register(url=url, vkey=key, by=Actor.system("command line"))
    except LogError as error:
        typer.echo(f"{error.reason}", err=True)
        raise typer.Exit(REFUSED) from None
    typer.echo(f"{name} is asked from the next record on")


def _words(found: VerifiedReceipt) -> str:
    lines = []
    for one in found.records:
        record, proven = one.record, one.proven
        side = "consumer" if record.side == "out" else "provider"
        witnesses = ", ".join(proven.witnesses) or "no witness"
        lines.append(
            f"{side} {record.phase}: leaf {proven.index} of {proven.checkpoint.size}, cosigned by {witnesses}"
        )
    lines.append(_signed_words(found))
    if found.contradictions:
        lines.append(f"CONTRADICTION between the sides in: {', '.join(found.contradictions)}")
    else:
        both = "both sides" if len(found.sides) > 1 else "one side only"
        lines.append(f"PROVEN: every record stands in {found.records[0].proven.checkpoint.origin} ({both})")
    return "\n".join(lines)


def _signed_words(found: VerifiedReceipt) -> str:
    requests = {one.signers.request for one in found.records} - {""}
    responses = {one.signers.response for one in found.records} - {""}
    asked = f"question signed by {', '.join(sorted(requests))}" if requests else "question not checkable"
    given = f"answer signed by {', '.join(sorted(responses))}" if responses else "answer not checkable"
    return f"messages: {asked}; {given}"


def _facts(found: VerifiedReceipt) -> dict[str, object]:
    records = [
        {
            "side": one.record.side,
            "phase": one.record.phase,
            "transaction_id": one.record.transaction_id,
            "leaf": one.proven.index,
            "size": one.proven.checkpoint.size,
            "witnesses": list(one.proven.witnesses),
            "request_signed_by": one.signers.request,
            "response_signed_by": one.signers.response,
            "witnessed_at": one.proven.witnessed_at,
        }
        for one in found.records
    ]
    return {"proven": True, "contradictions": list(found.contradictions), "records": records}


def _set_up() -> None:
    import django

    django.setup()
