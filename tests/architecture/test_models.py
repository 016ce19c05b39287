"""Stored fields carry a privacy class; keys between domains point down, protect, and leave no reverse accessor."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from terpadu.kernel.privacy import Privacy

ROOT = Path(__file__).resolve().parents[2]


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("terpadu.")]


def domain_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def layer_of(domain: str) -> int:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    for height, layer in enumerate(reversed(contracts[0]["layers"])):
        if domain in layer.replace("(", "").replace(")", "").split(" | "):
            return height
    raise LookupError(domain)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_stored_field_has_a_privacy_class(model: type[models.Model]) -> None:
    stored = {field.name for field in model._meta.get_fields() if getattr(field, "concrete", False)}

    classes: dict[str, Privacy] = getattr(model, "PRIVACY", {})

    assert set(classes) == stored
    assert all(isinstance(value, Privacy) for value in classes.values())


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_between_domains_point_down_and_protect(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if not isinstance(field, models.ForeignKey) or not target.__module__.startswith("terpadu."):
            continue
        if domain_of(target) == domain_of(model):
            continue
        assert layer_of(domain_of(target)) < layer_of(domain_of(model)), f"{field} points up"
        assert field.remote_field.on_delete is models.PROTECT, f"{field} must protect"
        assert field.remote_field.related_name == "+", f"{field} leaks a reverse accessor"
