"""`terpadu maturity`: score a table and check an instrument's file from the command line, without a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, NoReturn

import django
import typer
from django.utils import translation
from django.utils.translation import gettext as _

from terpadu.kernel.numbers import exact_text
from terpadu.maturity.errors import InstrumentExists, InstrumentInvalid, InstrumentUnknown
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments.loader import (
    instrument_codes,
    instrument_get,
    instrument_load,
    instrument_parse,
)
from terpadu.maturity.rules.instrument import Instrument, Text
from terpadu.maturity.rules.score import Score, Value, score_aspects, score_domains, score_indicators
from terpadu.maturity.rules.steps import OutOfReach, Raise, best_raises, least_steps
from terpadu.maturity.rules.tables import Table, read_table

REFUSED = 2
LARGEST_TABLE_BYTES = 1_000_000
SHOWN_RAISES = 10

app = typer.Typer(name="maturity", no_args_is_help=True, pretty_exceptions_enable=False)

TableFile = Annotated[
    Path, typer.Argument(help="CSV with the columns indicator,level or aspect,value or domain,value.")
]
InstrumentCode = Annotated[str, typer.Option("--instrument", help="Code, such as permenpanrb-59-2020.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Language = Annotated[str, typer.Option("--lang", help="Language of the answer: id or en.")]


@app.callback()
def prepare() -> None:
    """Compute a maturity index exactly, from a file."""
    django.setup()  # for the texts in both languages; opens no database


@app.command()
def score(
    file: TableFile, instrument: InstrumentCode, as_json: AsJson = False, lang: Language = "id"
) -> None:
    """Print the index, its band, the domains and the aspects of one agency."""
    with translation.override(lang):
        form = _instrument(instrument, as_json=as_json)
        result = _score(form, _table(file, instrument=form, as_json=as_json))
        typer.echo(json.dumps(_score_json(form, result)) if as_json else _score_text(form, result, lang=lang))


@app.command()
def steps(
    file: TableFile,
    instrument: InstrumentCode,
    target: Annotated[
        str, typer.Option(help="Index to reach; without it, single steps are ranked by what they add.")
    ] = "",
    as_json: AsJson = False,
    lang: Language = "id",
) -> None:
    """Print which indicators raise the index most for one level, or the fewest levels that reach a target."""
    with translation.override(lang):
        form = _instrument(instrument, as_json=as_json)
        table = _table(file, instrument=form, as_json=as_json)
        if table.kind != "indicator":
            _refuse_text(_("Steps need the levels of all indicators."), as_json=as_json)
        raises = _raises(form, table, target=target, as_json=as_json)
        lines = [_raise_text(form, one, lang=lang) for one in raises] or [_("The target is reached already.")]
        typer.echo(json.dumps([_raise_json(one) for one in raises]) if as_json else "\n".join(lines))


@app.command()
def instruments() -> None:
    """Print the code, regulation and years of every instrument."""
    for code in instrument_codes():
        form = instrument_get(code)
        typer.echo(f"{code}\t{form.regulation}\t{form.first_year}-{form.last_year or ''}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="YAML file of an instrument.")], lang: Language = "id"
) -> None:
    """Check an instrument's file; print every fault with its line, place and remedy."""
    with translation.override(lang):
        try:
            form = instrument_parse(_bytes(file, as_json=False), file=file.name)
        except InstrumentInvalid as error:
            _refuse(error.faults, file=file.name, as_json=False)
        typer.echo(f"{form.code}: {len(form.aspects)} / {len(form.indicators)}  sha256 {form.sha256}")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="YAML file of a new instrument.")], lang: Language = "id"
) -> None:
    """Check a new instrument's file and keep it; from then on rounds can use it."""
    with translation.override(lang):
        try:
            form = instrument_load(_bytes(file, as_json=False), file=file.name)
        except InstrumentInvalid as error:
            _refuse(error.faults, file=file.name, as_json=False)
        except InstrumentExists as error:
            _refuse_text(error.in_words, as_json=False)
        typer.echo(f"{form.code}: {len(form.aspects)} / {len(form.indicators)}  sha256 {form.sha256}")


def _instrument(code: str, *, as_json: bool) -> Instrument:
    try:
        return instrument_get(code)
    except InstrumentUnknown as error:
        _refuse_text(f"{error.in_words} {', '.join(instrument_codes())}", as_json=as_json)


def _bytes(file: Path, *, as_json: bool) -> bytes:
    try:
        if file.stat().st_size > LARGEST_TABLE_BYTES:
            _refuse_text(_("The file is larger than one megabyte."), as_json=as_json)
        return file.read_bytes()
    except OSError:
        _refuse_text(_("The file %(file)s cannot be read.") % {"file": file.name}, as_json=as_json)


def _table(file: Path, *, instrument: Instrument, as_json: bool) -> Table:
    try:
        text = _bytes(file, as_json=as_json).decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_text(_("The file is not a CSV file in UTF-8."), as_json=as_json)
    table = read_table(text, instrument=instrument)
    if table.faults:
        _refuse(table.faults, file=file.name, as_json=as_json)
    return table


def _score(instrument: Instrument, table: Table) -> Score:
    if table.kind == "indicator":
        return score_indicators(instrument, table.values)
    by_kind = score_aspects if table.kind == "aspect" else score_domains
    return by_kind(instrument, table.values)


def _raises(instrument: Instrument, table: Table, *, target: str, as_json: bool) -> list[Raise]:
    if not target:
        return best_raises(instrument, table.values)[:SHOWN_RAISES]
    try:
        return least_steps(instrument, table.values, target=Decimal(target.replace(",", ".")))
    except InvalidOperation:
        _refuse_text(_("The target is not a number."), as_json=as_json)
    except OutOfReach as error:
        reach = {"highest": error.highest}
        _refuse_text(_("The target is out of reach; the highest is %(highest)s.") % reach, as_json=as_json)


def _score_text(instrument: Instrument, result: Score, *, lang: str) -> str:
    head = f"{_in(instrument.name, lang)} ({instrument.regulation})"
    index = f"{_('Index')}: {result.index.published} ({exact_text(result.index.exact)})"
    lines = [head, index, f"{_('Predicate')}: {_in(result.band.name, lang)}"]
    lines += [
        _node_text(_("Domain"), one.number, result.domains[one.number], name=_in(one.name, lang))
        for one in instrument.domains
    ]
    lines += [
        _node_text(_("Aspect"), one.number, result.aspects[one.number], name=_in(one.name, lang))
        for one in instrument.aspects
        if result.aspects
    ]
    return "\n".join(lines)


def _node_text(title: str, number: str, value: Value, *, name: str) -> str:
    return f"{title} {number:>2}  {value.published}  {name}"


def _raise_text(instrument: Instrument, one: Raise, *, lang: str) -> str:
    name = _in(instrument.indicators[one.indicator].name, lang)
    return (
        f"{one.indicator:>3}  {one.from_level} > {one.to_level}  +{exact_text(one.gain)}  {one.index}  {name}"
    )


def _score_json(instrument: Instrument, result: Score) -> dict[str, Any]:
    return {
        "instrument": instrument.code,
        "index": _value_json(result.index),
        "band": {"key": result.band.key, "id": result.band.name.id, "en": result.band.name.en},
        "domains": {number: _value_json(value) for number, value in result.domains.items()},
        "aspects": {number: _value_json(value) for number, value in result.aspects.items()},
    }


def _value_json(value: Value) -> dict[str, str]:
    return {"published": str(value.published), "exact": exact_text(value.exact)}


def _raise_json(one: Raise) -> dict[str, str | int]:
    return {
        "indicator": one.indicator,
        "from": one.from_level,
        "to": one.to_level,
        "gain": exact_text(one.gain),
        "index": str(one.index),
    }


def _in(text: Text, lang: str) -> str:
    return text.en if lang == "en" else text.id


def _refuse(faults: Sequence[Fault], *, file: str, as_json: bool) -> NoReturn:
    from terpadu.maturity.wording import explain  # its texts need the settings, which a verb loads first

    found = [explain(fault) for fault in faults]
    if as_json:
        typer.echo(json.dumps({"file": file, "faults": [vars(one) for one in found]}))
    for one in found:
        typer.echo(f"{file}:{one.line}: {one.place}: {one.message} {one.remedy}", err=True)
    raise typer.Exit(REFUSED)


def _refuse_text(text: str, *, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"faults": [{"message": text}]}))
    typer.echo(text, err=True)
    raise typer.Exit(REFUSED)
