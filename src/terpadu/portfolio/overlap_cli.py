"""The verbs of `terpadu portfolio` on overlaps: overlaps in any list of applications, and one proposal held against a list or the inventory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
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
from terpadu.portfolio.rules.overlap.model import Model, current_model
from terpadu.portfolio.rules.overlap.proposal import Index, index_of
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
    name: Annotated[str, typer.Option(help="Name of the proposed application.")] = "",
    function: Annotated[
        str,
        typer.Option(
            help="What it is to do, in one or two sentences; without it names alone are held against each other."
        ),
    ] = "",
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
    proposal = OverlapRecord(id="", name=name, function=function)
    if file:
        records = _list(file, name_column=name_column, function_column=function_column).records
        index = _index_of(records, current_model())
        found = index.check(proposal, most=SHOWN)
        names = {record.id: record.name for record in records}
    else:
        index = _inventory()
        found = index.check(proposal, most=SHOWN)
        names = _names([one.right for one in found])
    if as_json:
        listed = [{**asdict(one), "name": names.get(one.right, "")} for one in found]
        typer.echo(json.dumps({"model": index.model.version, "findings": listed}, ensure_ascii=False))
        return
    for one in found:
        typer.echo(_line(one, names.get(one.right, "")))
    if not found:
        typer.echo(gettext("No overlap was found."))


def overlap_report(
    gently: Annotated[bool, typer.Option("--gently", help="Let other programs go first.")] = False,
    learn: Annotated[bool, typer.Option("--learn", help="Learn from people's verdicts first.")] = False,
) -> None:
    """Find all overlaps of the inventory and freeze them as the newest report."""
    from terpadu.kernel.actors import Actor
    from terpadu.portfolio.services.overlap_reports import overlap_run

    if gently:
        os.nice(GENTLE)
    report = overlap_run(learn=learn, by=Actor.system("portfolio.overlap_report"))
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


def _index_of(records: Iterable[OverlapRecord], model: Model) -> Index:
    corpus = corpus_of(records, vocabulary())
    return index_of(corpus, find_overlaps(corpus, model).sure, model=model)


def _inventory() -> Index:
    """Return the index of the newest report, else one of the inventory as it stands; only this needs the database."""
    from terpadu.portfolio.selectors.overlap import model_in_use, overlap_inputs
    from terpadu.portfolio.selectors.overlap_pages import newest_report_or_none
    from terpadu.portfolio.services.overlap_index import stored_index

    report = newest_report_or_none()
    stored = stored_index(report.pk) if report else None
    return stored or _index_of(overlap_inputs(), model_in_use())


def _names(codes: list[str]) -> dict[str, str]:
    from terpadu.portfolio.selectors.overlap_pages import records_of

    return {code: one.name for code, one in records_of(codes).items()}


def _refuse(fault: Fault, *, file: str = "") -> NoReturn:
    """Say what is wrong and what to do, and end the program."""
    from terpadu.portfolio.wording import (
        explain,
    )  # its words need Django, which the command has set up by now

    said = explain(fault)
    typer.echo(f"{file}: {said.message} {said.remedy}".removeprefix(": "), err=True)
    raise typer.Exit(REFUSED)
