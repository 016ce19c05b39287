"""Walks of made-up people through a definition: publishing runs them all."""

from __future__ import annotations

from collections.abc import Iterator

from terpadu.casework.definitions.compiled import OTHERWISE, Compiled
from terpadu.casework.definitions.language import Type
from terpadu.casework.definitions.model import PersonaTest
from terpadu.casework.definitions.scope import APPLICANT
from terpadu.casework.definitions.stored import from_json


def differences(compiled: Compiled, test: PersonaTest) -> Iterator[tuple[str, str]]:
    """Yield (message, remedy) for each way in which the walk is not what the test expects."""
    route = walk(compiled, test)
    expected = test.expect
    if expected.pages is not None and route[0] != expected.pages:
        yield _differ(test, "meets the pages", route[0], expected.pages)
    if route[1] != expected.evidence:
        yield _differ(test, "is asked for the evidence", route[1], expected.evidence)
    if route[2] != expected.stop:
        yield _differ(test, "is stopped by", route[2] or "nothing", expected.stop or "nothing")


def walk(compiled: Compiled, test: PersonaTest) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Return the pages, the evidence and the stopping condition that a persona meets."""
    given = test.given
    sources = {
        name: from_json(given.sources.get(name), of=compiled.scope[name])
        for name in compiled.definition.sources
    }
    answers = {name: _answer(value, compiled.scope.get(name)) for name, value in given.answers.items()}
    values = compiled.environment(
        applicant=from_json(given.applicant, of=APPLICANT), sources=sources, answers=answers, today=given.on
    )
    route = compiled.route(values, answers, today=given.on)
    stop = route.stopped.id if route.stopped else None
    return route.pages, tuple(item.id for item in route.evidence), stop


def _answer(value: object, kind: Type | None) -> object:
    return value if value == OTHERWISE or kind is None else from_json(value, of=kind)


def _differ(test: PersonaTest, what: str, found: object, expected: object) -> tuple[str, str]:
    message = f"'{test.persona}' {what} {_words(found)}, expected {_words(expected)}"
    return message, "Mend the rules, or what the test expects."


def _words(found: object) -> str:
    return ", ".join(found) or "none" if isinstance(found, tuple) else str(found)
