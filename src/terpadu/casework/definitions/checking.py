"""All publishing checks of a definition: `check_definition` is what the publisher and the command line call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from terpadu.casework.definitions.compiled import Compiled
from terpadu.casework.definitions.flow_checks import FLOW_CHECKS
from terpadu.casework.definitions.form_checks import FORM_CHECKS
from terpadu.casework.definitions.loading import Document, Path, load_document
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.personas import differences
from terpadu.casework.definitions.rule_checks import check_rules
from terpadu.casework.definitions.shape import shape
from terpadu.casework.errors import DefinitionRefused, Problem

Finding = tuple[Path, str, str]
CheckFunction = Callable[[Definition], Iterator[Finding]]


@dataclass(frozen=True)
class Checked:
    """A definition that passed everything, with its file."""

    document: Document
    compiled: Compiled

    @property
    def definition(self) -> Definition:
        """The definition."""
        return self.compiled.definition


def check_definition(text: str) -> Checked:
    """Load a definition file and run every publishing check.

    Raises DefinitionRefused with all problems of the first stage that has any: shape, then structure and rules, then
    the walks of the test personas.
    """
    document = load_document(text)
    definition = shape(document)
    findings = [found for check in (*FORM_CHECKS, *FLOW_CHECKS, check_rules) for found in check(definition)]
    _refuse(document, findings)
    compiled = Compiled(definition)
    _refuse(document, _walks(compiled))
    return Checked(document=document, compiled=compiled)


def _walks(compiled: Compiled) -> list[Finding]:
    findings: list[Finding] = []
    for index, test in enumerate(compiled.definition.tests):
        path = ("tests", index)
        try:
            findings += [(path, *found) for found in differences(compiled, test)]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"'{test.persona}' brings values of the wrong type ({type(error).__name__})"
            findings.append((path, message, 'Write days as "2026-11-21" and records as {name: value}.'))
    return findings


def _refuse(document: Document, findings: list[Finding]) -> None:
    problems = tuple(
        Problem(
            line=document.line_of(path),
            where=".".join(str(part) for part in path),
            message=message,
            remedy=remedy,
        )
        for path, message, remedy in findings
    )
    if problems:
        raise DefinitionRefused(problems)
