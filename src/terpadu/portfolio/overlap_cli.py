"""The verbs of `terpadu portfolio` on overlaps: overlaps in any list of applications, and one proposal held against a list or the inventory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.utils import translation
from django.utils.translation import gettext

from terpadu.portfolio.faults import Fault
from terpadu.portfolio.reference import synonyms
from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.engine import find_overlaps
from terpadu.portfolio.rules.overlap.lists import ReadList, read_list
from terpadu.portfolio.rules.overlap.model import current_model
from terpadu.portfolio.rules.overlap.proposal import index_of
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import Finding
from terpadu.portfolio.rules.overlap.report import overlap_report as report_of_list
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.rules.tables import TableRefused

REFUSED = 2
SHOWN = 20
GENTLE = 10
NameColumn = Annotated[str, typer.Option("--name-column", help="Title of the column with the names.")]
FunctionColumn = Annotated[
    str, typer.Option("--function-column", help="Title of the column with the functions.")
]


Language = Annotated[str, typer.Option("--lang", help="Language of the answer: id or en.")]


def overlaps(
    file: Annotated[
        Path, typer.Option("--input", help="List with name and function columns: CSV, XLSX or JSON.")
    ],
    to: Annotated[Path, typer.Option("--json", help="Where to write the report.")],
    name_column: NameColumn = "",
    function_column: FunctionColumn = "",
    lang: Language = "id",
) -> None:
    """Find all overlaps in a list, without a database; write the report as JSON."""
    translation.activate(lang)
    listed = _list(file, name_column=name_column, function_column=function_column)
    report = report_of_list(listed.records, vocabulary=vocabulary(), model=current_model())
    try:
        to.write_text(report.as_json() + "\n", encoding="utf-8")
    except OSError as error:
        _refuse(Fault("report_unwritable", values={"given": error.strerror or ""}), file=to.name)
    typer.echo(json.dumps({**report.facts(), "columns": listed.columns, "skipped_rows": len(listed.skipped)}))


def check(
    name: Annotated[str, typer.Option(help="Name of the proposed application.")],
    function: Annotated[str, typer.Option(help="What it is to do, in one or two sentences.")],
    file: Annotated[
        Path | None, typer.Option("--input", help="List to hold it against; else the inventory.")
    ] = None,
    name_column: NameColumn = "",
    function_column: FunctionColumn = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    lang: Language = "id",
) -> None:
    """Hold one proposed application against a list or the inventory; print what it would overlap with."""
    translation.activate(lang)
    if not (name.strip() or function.strip()):
        _refuse(Fault("proposal_blank"))
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
        typer.echo(gettext("No overlap was found."))


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
    named = {field: title for field, title in (("name", name_column), ("function", function_column)) if title}
    try:
        with file.open("rb") as content:
            return read_list(content, name=file.name, synonyms=synonyms(), named=named)
    except OSError as error:
        _refuse(Fault("list_unreadable", values={"given": error.strerror or ""}), file=file.name)
    except TableRefused as error:
        _refuse(Fault(error.code, row=error.row, values=error.values), file=file.name)


def _inventory() -> tuple[OverlapRecord, ...]:
    """Return the inventory's records; only this needs the database."""
    from terpadu.portfolio.selectors.overlap import overlap_inputs

    return tuple(overlap_inputs())


def _refuse(fault: Fault, *, file: str = "") -> NoReturn:
    """Say what is wrong and what to do, and end the program."""
    from terpadu.portfolio.wording import (
        explain,
    )  # its words need Django, which the command has set up by now

    said = explain(fault)
    typer.echo(f"{file}: {said.message} {said.remedy}".removeprefix(": "), err=True)
    raise typer.Exit(REFUSED)
