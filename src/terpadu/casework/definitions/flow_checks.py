"""Publishing checks of what happens with a case: a table of steps in which everything is reached and everything ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from terpadu.casework.definitions.flow import Auto, Step
from terpadu.casework.definitions.loading import Path
from terpadu.casework.definitions.model import Definition
from terpadu.casework.enums import FINAL_STATES, Action, PublicState

Finding = tuple[Path, str, str]

ACTIONS_OF: dict[str, set[Action]] = {
    "role": {Action.APPROVE, Action.SIGN, Action.SEND_BACK, Action.RETURN, Action.REJECT},
    "waits_for": {Action.SEND},
    "auto": {Action.OK},
    "end": set(),
}
STATE_OF_END = {
    "done": PublicState.DONE,
    "rejected": PublicState.REJECTED,
    "lapsed": PublicState.LAPSED,
}
NUMBER_PARTS = {"prefix", "region", "year", "date", "sequence"}


def kind_of(step: Step) -> str:
    """Return which of role, waits_for, auto and end a step has; "" for none or several."""
    kinds = [kind for kind in ACTIONS_OF if getattr(step, kind)]
    return kinds[0] if len(kinds) == 1 else ""


def next_steps(step: Step) -> set[str]:
    """Return the steps that can follow."""
    found = set(step.actions.values())
    return found | {step.on_timeout} if step.on_timeout else found


def check_steps(definition: Definition) -> Iterator[Finding]:
    """Find steps whose words do not fit together."""
    for index, step in enumerate(definition.steps):
        path: Path = ("steps", index)
        kind = kind_of(step)
        if not kind:
            message = f"it is not clear who has the ball in '{step.id}'"
            yield path, message, "Write exactly one of role, waits_for, auto, end."
            continue
        yield from _check_actions(path, step, kind)
        yield from _check_kind(path, step, kind, definition)


def _check_actions(path: Path, step: Step, kind: str) -> Iterator[Finding]:
    allowed = ACTIONS_OF[kind]
    for action in step.actions:
        if action not in allowed:
            known = ", ".join(sorted(allowed)) or "none"
            yield (
                (*path, "actions", action.value),
                f"'{action.value}' does not fit '{step.id}'",
                f"Use: {known}.",
            )
    if allowed and not step.actions:
        yield path, f"the step '{step.id}' can not end", f"Add actions: {', '.join(sorted(allowed))}."
    if step.role and not ({Action.APPROVE, Action.SIGN} & set(step.actions)):
        yield path, f"nobody can say yes in '{step.id}'", "Add approve or sign to its actions."


def _check_kind(path: Path, step: Step, kind: str, definition: Definition) -> Iterator[Finding]:
    if step.role and step.role not in definition.roles:
        yield (*path, "role"), f"there is no role '{step.role}'", f"Known: {', '.join(definition.roles)}."
    if kind == "waits_for" and (not step.within or not step.within.days or not step.on_timeout):
        message = f"'{step.id}' can wait for ever"
        yield path, message, "Add within: {days: …} and on_timeout with a step that ends lapsed."
    if step.within and step.role and not step.within.working_days:
        yield (*path, "within"), "an officer's limit is in working days", "Write {working_days: …}."
    if step.auto:
        yield from _check_auto(path, step.auto, definition)
    if step.end and step.state is not STATE_OF_END[step.end]:
        yield (*path, "state"), f"a step that ends {step.end} has that state", f"Write {step.end}."
    if not step.end and step.state in FINAL_STATES:
        yield (*path, "state"), f"'{step.state.value}' is the state of an end", "Choose another state."
    if step.end == "rejected" and not step.objection:
        yield path, "a rejection must say how to object", "Add objection with within_days and how."


def _check_auto(path: Path, auto: Auto, definition: Definition) -> Iterator[Finding]:
    if auto.issue not in definition.outputs:
        yield (*path, "auto", "issue"), f"there is no output '{auto.issue}'", "Add it under outputs."
    for name in auto.push:
        if name not in definition.pushes:
            yield (*path, "auto", "push"), f"there is no push '{name}'", "Add it under pushes."
    if not any(Action.SIGN in other.actions for other in definition.steps):
        yield path, "an output is issued that nobody signs", "Add a step with the action sign before it."


def check_ways(definition: Definition) -> Iterator[Finding]:
    """Find steps that lead nowhere, that nothing leads to, and from which no end can be reached."""
    steps = definition.steps_by_id
    for index, step in enumerate(definition.steps):
        for name in sorted(next_steps(step) - set(steps)):
            yield ("steps", index), f"'{step.id}' leads to '{name}', which is no step", "Name a step."
    reached = _closure(definition.first_step.id, {s.id: next_steps(s) for s in definition.steps})
    ending = _ending(definition)
    for index, step in enumerate(definition.steps):
        if step.id not in reached:
            yield (
                ("steps", index),
                f"nothing leads to the step '{step.id}'",
                "Let an action lead to it, or remove it.",
            )
        if step.id not in ending:
            yield (
                ("steps", index),
                f"the step '{step.id}' can not end",
                "Let an action lead to a step with end.",
            )
    if not definition.first_step.role:
        yield ("steps", 0), "a case begins with an officer", "Put a step with role first."


def _ending(definition: Definition) -> set[str]:
    """Return the steps from which an end can be reached."""
    backwards: dict[str, set[str]] = {}
    for step in definition.steps:
        for name in next_steps(step):
            backwards.setdefault(name, set()).add(step.id)
    return set().union(*(_closure(step.id, backwards) for step in definition.steps if step.end))


def _closure(start: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    open_ = [start]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += sorted(edges.get(name, set()))
    return found


def check_send_back(definition: Definition) -> Iterator[Finding]:
    """Find actions whose target has the wrong sort of step."""
    steps = definition.steps_by_id
    for index, step in enumerate(definition.steps):
        for action, target_id in step.actions.items():
            target = steps.get(target_id)
            path: Path = ("steps", index, "actions", action.value)
            if target is None:
                continue
            if action is Action.SEND_BACK and not target.waits_for:
                yield path, f"'{target_id}' does not wait for the applicant", "Send back to a waits_for step."
            if action is Action.REJECT and target.end != "rejected":
                yield path, f"'{target_id}' does not end rejected", "Reject to a step with end: rejected."
        if step.on_timeout and (target := steps.get(step.on_timeout)) and target.end != "lapsed":
            yield ("steps", index, "on_timeout"), f"'{target.id}' does not end lapsed", "Name such a step."


def check_notices(definition: Definition) -> Iterator[Finding]:
    """Find moments at which the applicant would not be told."""
    needed = {"received": True, "late": True}
    needed["issued"] = bool(definition.outputs)
    needed["needs_changes"] = any(step.waits_for for step in definition.steps)
    needed["rejected"] = any(step.end == "rejected" for step in definition.steps)
    needed["lapsed"] = any(step.end == "lapsed" for step in definition.steps)
    for moment, is_needed in needed.items():
        if is_needed and moment not in definition.notify:
            yield ("notify",), f"the applicant is not told: {moment}", f"Add {moment} under notify."


def check_credit(definition: Definition) -> Iterator[Finding]:
    """Find officers' steps without effort, and effort for steps that no officer takes."""
    acted = {step.id for step in definition.steps if step.role}
    for name in sorted(acted - set(definition.credit.effort_minutes)):
        yield ("credit",), f"the step '{name}' earns its officer nothing", f"Add {name} to effort_minutes."
    for name in sorted(set(definition.credit.effort_minutes) - acted):
        yield ("credit", "effort_minutes", name), f"'{name}' is no officer's step", "Remove it."


def check_numbers(definition: Definition) -> Iterator[Finding]:
    """Find unknown parts in the numbers of outputs."""
    for name, output in definition.outputs.items():
        parts = {part.partition("}")[0] for part in output.number.split("{")[1:]}
        for part in sorted(parts - NUMBER_PARTS):
            known = ", ".join(sorted(NUMBER_PARTS))
            yield ("outputs", name, "number"), f"'{{{part}}}' is not known", f"Use {known}."
        if "sequence" not in parts:
            yield ("outputs", name, "number"), "two documents would have one number", "Use {sequence}."


FLOW_CHECKS: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    check_steps,
    check_ways,
    check_send_back,
    check_notices,
    check_credit,
    check_numbers,
)
