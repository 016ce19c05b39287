"""`terpadu portfolio`: lists in, from the command line; the same steps and checks as on the page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import django
import typer
from django.utils import translation
from django.utils.translation import gettext

from terpadu.portfolio import overlap_cli

REFUSED = 2
SHOWN_ROWS = 20

app = typer.Typer(name="portfolio", no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(overlap_cli.overlaps)
app.command()(overlap_cli.check)
app.command()(overlap_cli.overlap_report)

ListFile = Annotated[
    Path, typer.Argument(help="CSV, XLSX, JSON or publiccode.yml.", exists=True, dir_okay=False)
]
Agency = Annotated[
    str, typer.Option(help="Code of the owner; without it a column names the owner of each row.")
]
Language = Annotated[str, typer.Option("--lang", help="Language of the answer: id or en.")]


@app.callback()
def prepare() -> None:
    """The inventory of applications."""
    django.setup()


@app.command(name="import")
def import_list(
    file: ListFile,
    agency: Agency = "",
    dry_run: Annotated[bool, typer.Option(help="Only tell row by row what would change.")] = False,
    skip_rejected: Annotated[bool, typer.Option(help="Leave rejected rows out instead of stopping.")] = False,
    columns: Annotated[
        Path | None,
        typer.Option(help="JSON file with the heading of each field; without it they are guessed."),
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="Where to write the rejected rows.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take guessed columns without asking at the terminal.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    lang: Language = "id",
) -> None:
    """Take a list of applications in: all of it or nothing."""
    from terpadu.kernel.errors import DomainError
    from terpadu.portfolio.errors import FileRefused
    from terpadu.portfolio.faults import Fault

    with translation.override(lang):
        try:
            _run(file, agency, dry_run, skip_rejected, columns, rejects, as_json, asks=not yes)
        except FileRefused as error:
            _refuse(Fault(error.fault, values=error.values), file=file.name)
        except DomainError as error:
            typer.echo(error.in_words, err=True)
            raise typer.Exit(REFUSED) from None


def _run(
    file: Path,
    agency: str,
    dry_run: bool,
    skip_rejected: bool,
    columns: Path | None,
    rejects: Path | None,
    as_json: bool,
    *,
    asks: bool,
) -> None:
    from terpadu.directory.public import agency_get
    from terpadu.kernel.actors import Actor
    from terpadu.portfolio.enums import RunState
    from terpadu.portfolio.faults import Fault
    from terpadu.portfolio.services import imports
    from terpadu.portfolio.services.import_watch import at_work

    by = Actor.system("cli")
    if agency:
        agency_get(agency)
    with file.open("rb") as content:
        run = imports.import_start(content, name=file.name, agency_code=agency, by=by)
    reading = imports.import_reading(run)
    chosen = _columns(columns) if columns else dict(reading.columns)
    if asks and not (columns or dry_run or reading.is_saved) and sys.stdin.isatty():
        _confirm(chosen)
    with at_work(run.id):
        if dry_run:
            imports.import_confirm(run.id, columns=chosen, by=by, is_queued=False)
            run = imports.import_check(run.id, by=by)
        else:
            run = imports.import_take(run.id, columns=chosen, by=by)
        if run.state == RunState.CHECKED and skip_rejected and not dry_run:
            imports.import_ask(run.id, skip_rejected=True, by=by, is_queued=False)
            run = imports.import_apply(run.id, by=by)
    if run.state == RunState.FAILED:
        _refuse(Fault(run.fault, values=run.fault_values), file=file.name)
    _report(run.id, columns=chosen, dry_run=dry_run, rejects=rejects, as_json=as_json)


def _columns(file: Path) -> dict[str, str]:
    """Read the heading of each field from a JSON file; a file that says none ends the program."""
    from terpadu.portfolio.faults import Fault

    try:
        said = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        said = None
    if not isinstance(said, dict) or not all(isinstance(heading, str) for heading in said.values()):
        _refuse(Fault("columns_file"), file=file.name)
    return said


def _confirm(columns: dict[str, str]) -> None:
    """Show what the columns were taken for, and go on when the person says that it is right. Raises typer.Abort."""
    from terpadu.portfolio.wording import label

    for field, heading in columns.items():
        typer.echo(f"{heading}: {label(field)}")
    typer.confirm(
        gettext("Are these columns right? They are kept for the next list with the same headings."),
        abort=True,
    )


def _report(
    run_id: object, *, columns: dict[str, str], dry_run: bool, rejects: Path | None, as_json: bool
) -> None:
    from uuid import UUID

    from django.core.files.storage import default_storage

    from terpadu.portfolio.enums import RunState
    from terpadu.portfolio.selectors.imports import run_get
    from terpadu.portfolio.services.reports import plan_lines, report_path

    run = run_get(UUID(str(run_id)))
    if rejects:
        with default_storage.open(report_path(run.id, "rejects")) as found:
            _write(rejects, found.read())
    counts = {name: run.counts[name] for name in ("created", "changed", "same", "rejected")}
    if as_json:
        typer.echo(json.dumps({"state": run.state, "columns": columns, **counts}))
    else:
        typer.echo(", ".join(f"{name} {number}" for name, number in counts.items()))
        for line in plan_lines(run.id, outcome="" if dry_run else "rejected", count=SHOWN_ROWS):
            typer.echo(_line_text(line))
    if run.state != RunState.DONE and not dry_run:
        raise typer.Exit(REFUSED)


def _write(file: Path, content: bytes) -> None:
    from terpadu.portfolio.faults import Fault

    try:
        file.write_bytes(content)
    except OSError as error:
        _refuse(Fault("report_unwritable", values={"given": error.strerror or ""}), file=file.name)


def _line_text(line: dict[str, object]) -> str:
    from terpadu.portfolio.services.reports import fault_from
    from terpadu.portfolio.wording import explain, label, said_again

    found = line["faults"]
    assert isinstance(found, list)  # noqa: S101 - as the plan writes it
    faults = [explain(fault_from(one)) for one in found]
    changes = line["changes"]
    assert isinstance(changes, list)  # noqa: S101 - as above
    said = [
        f"{label(field)}: {said_again(field, before)} -> {said_again(field, after)}"
        for field, before, after in changes
    ]
    said += [f"{one.column}: {one.message} {one.remedy}" for one in faults]
    return f"{line['row']}: {line['outcome']} {line['name']}  {'; '.join(said)}"


def _refuse(fault: object, *, file: str) -> NoReturn:
    from terpadu.portfolio.faults import Fault
    from terpadu.portfolio.wording import explain

    assert isinstance(fault, Fault)  # noqa: S101 - only faults come here
    said = explain(fault)
    typer.echo(f"{file}: {said.message} {said.remedy}", err=True)
    raise typer.Exit(REFUSED)
