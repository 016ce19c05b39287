"""Translate what every exchange runs through to machine code when TERPADU_NATIVE=1 asks for it; all else is in pyproject.toml.

``make native`` does so for this checkout; ``TERPADU_NATIVE=1 pip wheel --no-build-isolation --no-deps .`` in its
environment makes a wheel for a gateway's machine.
"""

import os

from setuptools import Extension, setup

NATIVE = {
    "terpadu_gateway": (
        "access answers bodies breakers calls clients consents credentials interactions inway journal listeners messages"
        " metrics outway questions receipts replay replies rules systems targets visits"
    ),
    "terpadu_wire": "batches canonical digest fields patterns policy randomness records signing strict_json transactions",
}
"""Modules by package. Left out: asynchronous generators, classes that others inherit from, pydantic's dataclasses (mypyc
takes none of these), and slices whose bounds do something (it evaluates them twice); the gateway's tests find such things.
"""
_FLAGS = (
    "--config-file=",  # that of the project loads Django
    "--follow-imports=silent",
    "--ignore-missing-imports",
)


def extensions() -> list[Extension]:
    """Return what is to be compiled."""
    if os.environ.get("TERPADU_NATIVE") != "1":
        return []
    from mypyc.build import mypycify

    modules = [f"src/{package}/{name}.py" for package, names in NATIVE.items() for name in names.split()]
    return mypycify([*_FLAGS, *modules], opt_level="2", debug_level="0", group_name="terpadu")


setup(ext_modules=extensions())
