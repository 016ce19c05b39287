"""What applications do: a topic and an activity, each with several wordings of its own (`topics.txt`, `activities.txt`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CHOICES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Topic:
    """A thing that government deals with. kinds: letters that say which activities fit."""

    unit: str
    kinds: frozenset[str]
    rab: str
    ral: str
    rad: str
    users: tuple[str, ...]
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """What an application does with a topic. sentences hold `{x}` where the topic goes."""

    kinds: frozenset[str]
    names: tuple[str, ...]
    sentences: tuple[str, ...]
    output: str


@dataclass(frozen=True, slots=True)
class Function:
    """An activity on a topic: two applications with the same function overlap."""

    id: str
    topic: Topic
    activity: Activity


@cache
def functions() -> tuple[Function, ...]:
    """Return every sensible pair of topic and activity."""
    return tuple(
        Function(f"F{at:03}-{on:02}", topic, activity)
        for at, topic in enumerate(_topics())
        for on, activity in enumerate(_activities())
        if topic.kinds & activity.kinds
    )


def _topics() -> list[Topic]:
    found = []
    for unit, kinds, rab, ral, rad, users, wordings in _rows("topics.txt"):
        found += [
            Topic(unit, frozenset(kinds), rab, ral, rad, tuple(users.split(",")), tuple(chosen.split("; ")))
            for chosen in _chosen(wordings)
        ]
    return found


def _chosen(wordings: str) -> list[str]:
    listed = CHOICES.search(wordings)
    if not listed:
        return [wordings]
    return [CHOICES.sub(one, wordings) for one in listed.group(1).split(",")]


def _activities() -> list[Activity]:
    return [
        Activity(frozenset(kinds), tuple(names.split("; ")), tuple(sentences.split("; ")), output)
        for kinds, names, sentences, output in _rows("activities.txt")
    ]


def _rows(file: str) -> list[list[str]]:
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split(" | ")] for line in lines if line and line[0] != "#"]
