"""The steps of a service as a picture in Mermaid's text form, for documents and process owners."""

from __future__ import annotations

from collections.abc import Iterator

from terpadu.casework.definitions.flow import Step
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.words import Language


def step_diagram(definition: Definition, *, language: Language = "id") -> str:
    """Return a state diagram (Mermaid `stateDiagram-v2`) of a service's steps with their actions."""
    lines = ["stateDiagram-v2", f"    [*] --> {definition.first_step.id}"]
    for step in definition.steps:
        lines.append(f"    {step.id} : {getattr(step.name, language)}")
        lines += [f"    {line}" for line in _arrows(step)]
    return "\n".join(lines) + "\n"


def _arrows(step: Step) -> Iterator[str]:
    for action, target in step.actions.items():
        yield f"{step.id} --> {target} : {action.value}"
    if step.on_timeout:
        yield f"{step.id} --> {step.on_timeout} : timeout"
    if step.end:
        yield f"{step.id} --> [*]"
