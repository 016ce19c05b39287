"""The whole portfolio of the made-up country: functions, products on them, placements in agencies, second registrations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from demo.applications import wording
from demo.applications.agencies import owners
from demo.applications.functions import Function, functions
from demo.applications.records import DemoApplication, DemoOwner, Truth
from demo.applications.technology import life, technology
from demo.population.dice import Dice, Weighted

DEFAULT_SIZE = 27_000
DEFAULT_SEED = 27
FAMILY_SIZES = Weighted([((1, 1), 30), ((2, 8), 40), ((9, 20), 22), ((21, 40), 8)])
PRODUCT_SIZES = Weighted([((1, 1), 60), ((2, 3), 24), ((4, 12), 16)])
TWICE = 0.07
NO_FUNCTION_TEXT = 0.05
NO_CODES = 0.12
WRONG_CODE = 0.04
NO_USERS = 0.35
SHARED_HOST = 0.12
HAS_HOST = 0.55
EXCHANGED = 0.06
VENDOR_HOSTED = 0.15


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The applications in the order of the national list, what each really is, and their owners."""

    applications: tuple[DemoApplication, ...]
    truth: dict[str, Truth]
    owners: tuple[DemoOwner, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A product that one or more agencies run. text: the function text that places copy. vendor_hosted: under its maker's site."""

    id: str
    function: Function
    label: wording.Label
    text: str
    vendor_hosted: bool


def portfolio(*, size: int = DEFAULT_SIZE, seed: int = DEFAULT_SEED) -> Portfolio:
    """Return `size` applications, the same for the same size and seed.

    Beyond the default size families grow in proportion, since there are no more functions to choose from.
    """
    dice = Dice(seed)
    found: list[tuple[DemoApplication, Truth]] = []
    for product, truth, copies in _products(size, dice=dice):
        found += _placements(product, truth, copies=copies, dice=dice)
        if len(found) >= size:
            break
    shuffled = _shuffled(found[:size], dice=dice)
    numbered = [
        (replace(application, id=f"APP-{number:06}"), truth)
        for number, (application, truth) in enumerate(shuffled, start=1)
    ]
    return Portfolio(
        _with_successors([application for application, _ in numbered], dice=dice),
        {application.id: truth for application, truth in numbered},
        owners(),
    )


def _products(size: int, *, dice: Dice) -> Iterator[tuple[Product, Truth, int]]:
    growth = max(1, -(-size // DEFAULT_SIZE))
    number = 0
    while True:  # a second round over the functions only happens when chance made families small
        for function in _shuffled(list(functions()), dice=dice):
            left = dice.between(*dice.draw(FAMILY_SIZES)) * growth
            while left > 0:
                copies = min(left, dice.between(*dice.draw(PRODUCT_SIZES)))
                number += 1
                yield _product(function, number, dice=dice), Truth(function.id, f"P{number:06}", ""), copies
                left -= copies


def _product(function: Function, number: int, *, dice: Dice) -> Product:
    text = wording.description(function, place="", owner="", dice=dice)
    return Product(
        f"P{number:06}", function, wording.label(function, dice=dice), text, dice.chance(VENDOR_HOSTED)
    )


def _placements(
    product: Product, truth: Truth, *, copies: int, dice: Dice
) -> Iterator[tuple[DemoApplication, Truth]]:
    several = copies > 1
    for copy in range(copies):
        owner = dice.pick(owners())
        application = _application(product, owner=owner, shares_text=several and dice.chance(0.7), dice=dice)
        real = replace(truth, application=f"{product.id}-{copy}")
        yield application, replace(real, is_silent=_is_silent(application, product))
        if dice.chance(TWICE):
            second = _second(application, product=product, owner=owner, dice=dice)
            yield second, replace(real, is_silent=_is_silent(second, product))


def _is_silent(application: DemoApplication, product: Product) -> bool:
    """Tell whether a record says nothing: no function text, and a name without any word of the written-out one."""
    written_out = product.label.expansion.lower().split()[-1]
    return application.function == "-" and written_out not in application.name.lower()


def _application(product: Product, *, owner: DemoOwner, shares_text: bool, dice: Dice) -> DemoApplication:
    function, topic = product.function, product.function.topic
    unit = f"{topic.unit} {owner.place}".strip() if owner.region_code else f"{topic.unit}, {owner.name}"
    text = (
        wording.reworded(product.text, dice=dice)
        if shares_text
        else wording.description(function, place=owner.place, owner=owner.name, dice=dice)
    )
    return DemoApplication(
        id="",
        name=wording.name(product.label, place=owner.place, dice=dice),
        description=wording.description(function, place=owner.place, owner=owner.name, dice=dice)
        if dice.chance(0.5)
        else "",
        function="-" if dice.chance(NO_FUNCTION_TEXT) else text,
        supported_service=f"{dice.pick(function.activity.names)} {topic.wordings[0]}",
        data_used=(f"Data {topic.wordings[0]}",),
        output=function.activity.output,
        developer_unit=unit
        if dice.chance(0.6)
        else f"Dinas Komunikasi dan Informatika {owner.place}".strip(),
        operator_unit=unit,
        related_ids=(),
        agency_code=owner.code,
        region_code=owner.region_code or None,
        users=() if dice.chance(NO_USERS) else topic.users,
        successor_id=None,
        interfaces=(f"{topic.rad.lower()}.v1",) if dice.chance(EXCHANGED) else (),
        **_codes(function, dice=dice),
        **_address(product, owner=owner, dice=dice),
        **technology(dice=dice),
        **life(owner=owner, dice=dice),
    )


def _codes(function: Function, *, dice: Dice) -> dict[str, Any]:
    topic = function.topic
    general = topic.ral.startswith("RAL.02") and dice.chance(0.6)
    klass = "umum" if general else "khusus"
    if dice.chance(NO_CODES):
        return {"raa": (), "rab": (), "ral": (), "rad": (), "klass": klass}
    wrong = dice.chance(WRONG_CODE)
    rab = f"{topic.rab[:9]}.{dice.between(1, 4):02}" if wrong else topic.rab
    raa = "RAA.01.02" if general else "RAA.02.02"
    return {"raa": (raa,), "rab": (rab,), "ral": (topic.ral,), "rad": (topic.rad,), "klass": klass}


def _address(product: Product, *, owner: DemoOwner, dice: Dice) -> dict[str, Any]:
    """Return host and store id. Some agencies keep everything under one address, which says little about an application."""
    word = product.label.acronym.lower()
    zone = owner.name.split()[-1].lower() + {"regency": "kab", "city": "kota", "province": "prov"}.get(
        owner.group, ""
    )
    host = None
    if dice.chance(HAS_HOST):
        own = f"{word}.{zone}.go.example"
        shared = f"layanan.{zone}.go.example"
        host = (
            shared
            if dice.chance(SHARED_HOST)
            else f"{zone}.{word}.co.example"
            if product.vendor_hosted
            else own
        )
    store = f"example.{zone}.{word}" if dice.chance(0.08) else None
    return {"host": host, "store_id": store}


def _second(first: DemoApplication, *, product: Product, owner: DemoOwner, dice: Dice) -> DemoApplication:
    """Return the same application as somebody else registered it: another unit, or an agency above or beside the owner."""
    other = owner if dice.chance(0.6) else dice.pick(owners())
    text = (
        wording.reworded(first.function, dice=dice)
        if dice.chance(0.6)
        else wording.description(product.function, place=owner.place, owner=owner.name, dice=dice)
    )
    return replace(
        first,
        name=wording.renamed(first.name, dice=dice),
        function=text if first.function != "-" else first.function,
        description="",
        agency_code=other.code,
        region_code=other.region_code or None,
        operator_unit=f"Dinas Komunikasi dan Informatika {other.place}".strip(),
        host=first.host if dice.chance(0.7) else None,
        costs=(),
        contract_number="",
        contractor="",
        **({} if dice.chance(0.7) else _codes(product.function, dice=dice)),
    )


def _with_successors(applications: list[DemoApplication], *, dice: Dice) -> tuple[DemoApplication, ...]:
    """Let a part of the ended applications name a living one of the same agency as the successor."""
    living: dict[str, str] = {}
    for application in applications:
        if application.state == "active":
            living.setdefault(application.agency_code, application.id)
    return tuple(
        replace(one, successor_id=living.get(one.agency_code))
        if one.state == "ended" and dice.chance(0.3)
        else one
        for one in applications
    )


def _shuffled(values: list[Any], *, dice: Dice) -> list[Any]:
    """Return the values in an order drawn by Fisher and Yates' method."""
    order = list(values)
    for at in range(len(order) - 1, 0, -1):
        other = dice.between(0, at)
        order[at], order[other] = order[other], order[at]
    return order
