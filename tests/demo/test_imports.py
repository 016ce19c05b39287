"""The demo country stands apart: it knows nothing of the platform, and its systems not each other."""

import ast
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demo"
FILES = sorted(DEMO.rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Return the full names of all modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DEMO)))
def test_demo_file_imports_nothing_of_the_platform(file: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(file)}
    assert not roots & {"terpadu", "terpadu_wire", "terpadu_gateway", "django"}


@pytest.mark.parametrize(
    ("system", "other"), [("dukcapil", "akta"), ("akta", "dukcapil"), ("population", "dukcapil")]
)
def test_demo_systems_do_not_know_each_other(system: str, other: str) -> None:
    names = set().union(*(imported(file) for file in (DEMO / system).glob("*.py")))
    assert not {name for name in names if name.startswith(f"demo.{other}")}
    assert any(name.startswith("demo.") for name in names)


@pytest.mark.parametrize("system", ["dukcapil", "akta"])
def test_demo_system_reads_the_population_only_while_building(system: str) -> None:
    readers = {
        file.name for file in (DEMO / system).glob("*.py") if any("population" in n for n in imported(file))
    }
    assert readers == {"__main__.py", "intake.py"}
