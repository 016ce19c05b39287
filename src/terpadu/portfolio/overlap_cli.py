"""The verbs of `terpadu portfolio` on overlaps: overlaps in any list of applications, and one proposal held against a list or the inventory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.engine import find_overlaps
from terpadu.portfolio.rules.overlap.lists import ListUnreadable, ReadList, read_list
from terpadu.portfolio.rules.overlap.model import current_model
from terpadu.portfolio.rules.overlap.proposal import index_of
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import Finding
from terpadu.portfolio.rules.overlap.report import overlap_report as report_of_list
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary

REFUSED = 2
LARGEST_BYTES = 200_000_000
SHOWN = 20
GENTLE = 10
FAULTS = {
    "empty": "Daftar kosong: tidak ada baris dengan nama aplikasi. / The list is empty: no row has a name.",
    "columns": (
        "Kolom nama dan fungsi tidak ditemukan. Sebutkan dengan --name-column dan --function-column. / "
        "No name and function columns found. Name them with --name-column and --function-column."
    ),
    "encoding": "Berkas bukan CSV (mungkin XLSX). / The file is not a CSV file (perhaps XLSX).",
    "duplicate_id": "Dua baris memiliki id yang sama. / Two rows have the same id.",
    "broken": "Berkas CSV rusak. / The CSV file is broken.",
}

NameColumn = Annotated[str, typer.Option("--name-column", help="Title of the column with the names.")]
FunctionColumn = Annotated[
    str, typer.Option("--function-column", help="Title of the column with the functions.")
]


def overlaps(
    file: Annotated[Path, typer.Option("--input", help="CSV list with name and function columns.")],
    to: Annotated[Path, typer.Option("--json", help="Where to write the report.")],
    name_column: NameColumn = "",
    function_column: FunctionColumn = "",
) -> None:
    """Find all overlaps in a list, without a database; write the report as JSON."""
    listed = _list(file, name_column=name_column, function_column=function_column)
    report = report_of_list(listed.records, vocabulary=vocabulary(), model=current_model())
    try:
        to.write_text(report.as_json() + "\n", encoding="utf-8")
    except OSError as error:
        _refuse(f"{to}: {error.strerror}")
    typer.echo(json.dumps({**report.facts(), "columns": listed.columns, "skipped_rows": len(listed.skipped)}))


def check(
    name: Annotated[str, typer.Option(help="Name of the proposed application.")],
    function: Annotated[str, typer.Option(help="What it is to do, in one or two sentences.")],
    file: Annotated[
        Path | None, typer.Option("--input", help="CSV list to hold it against; else the inventory.")
    ] = None,
    name_column: NameColumn = "",
    function_column: FunctionColumn = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold one proposed application against a list or the inventory; print what it would overlap with."""
    if not (name.strip() or function.strip()):
        _refuse("Nama atau fungsi harus diisi. / Give a name or a function.")
    records = (
        _list(file, name_column=name_column, function_column=function_column).records
        if file
        else _inventory()
    )
    model = current_model()
    corpus = corpus_of(records, vocabulary())
    index = index_of(corpus, find_overlaps(corpus, model).sure, model=model)
    found = index.check(OverlapRecord(id="", name=name, function=function), most=SHOWN)
    names = {record.id: record.name for record in records}
    if as_json:
        listed = [{**asdict(one), "name": names[one.right]} for one in found]
        typer.echo(json.dumps({"model": model.version, "findings": listed}, ensure_ascii=False))
        return
    for one in found:
        typer.echo(_line(one, names[one.right]))
    if not found:
        typer.echo("Tidak ada tumpang tindih yang ditemukan. / No overlap found.")


def overlap_report(
    gently: Annotated[bool, typer.Option("--gently", help="Let other programs go first.")] = False,
) -> None:
    """Find all overlaps of the inventory and freeze them as the newest report."""
    from terpadu.kernel.actors import Actor
    from terpadu.portfolio.services.overlap_reports import overlap_run

    if gently:
        os.nice(GENTLE)
    report = overlap_run(by=Actor.system("portfolio.overlap_report"))
    typer.echo(json.dumps({"records": report.records, "pairs": report.found, "model": report.model_id}))


def _line(one: Finding, name: str) -> str:
    return (
        f"{one.score:.2f}  {one.kind:<9}  {one.right}  {name}  [{', '.join((*one.why.acts, *one.why.words))}]"
    )


def _list(file: Path, *, name_column: str, function_column: str) -> ReadList:
    named = {role: title for role, title in (("name", name_column), ("function", function_column)) if title}
    try:
        if file.stat().st_size > LARGEST_BYTES:
            _refuse(f"{file.name}: > {LARGEST_BYTES:,} bytes")
        return read_list(file.read_bytes(), named=named)
    except OSError as error:
        _refuse(f"{file.name}: {error.strerror}")
    except ListUnreadable as error:
        _refuse(f"{file.name}: {FAULTS[error.fault]} {error.detail}".rstrip())


def _inventory() -> tuple[OverlapRecord, ...]:
    """Return the inventory's records; only this needs the database."""
    from terpadu.portfolio.selectors.overlap import overlap_inputs

    return tuple(overlap_inputs())


def _refuse(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(REFUSED)
