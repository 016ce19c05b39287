"""The native build counts only while it is of the source that stands here."""

from pathlib import Path

import pytest

from terpadu.config import env, native, processes

GATEWAY = 'name = "portal"\n[outway]\nlisten = "127.0.0.1:8011"\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one module, its native build, and one gateway provisioned."""
    (tmp_path / "setup.py").write_text("NATIVE = {}\n")
    module = tmp_path / "src" / "terpadu_wire" / "digest.py"
    module.parent.mkdir(parents=True)
    module.write_text("one = 1\n")
    config = tmp_path / "exchange" / "gateways" / "portal" / "gateway.toml"
    config.parent.mkdir(parents=True)
    config.write_text(GATEWAY)
    monkeypatch.setattr(env, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(native, "FOLDER", tmp_path / "build")
    monkeypatch.setattr(native, "STAMP", tmp_path / "build" / "made-of")
    native.FOLDER.mkdir()
    native.STAMP.write_text(native.fingerprint())
    return tmp_path


def test_gateways_with_a_native_build_of_this_source_run_from_it(checkout: Path) -> None:
    (gateway,) = processes.gateways(checkout)

    assert gateway.environment == {"PYTHONPATH": str(native.FOLDER)}


@pytest.mark.parametrize("changed", ["setup.py", "src/terpadu_wire/digest.py", "src/terpadu_wire/new.py"])
def test_gateways_with_a_native_build_of_another_source_run_from_the_source(
    checkout: Path, changed: str
) -> None:
    (checkout / changed).write_text("two = 2\n")

    (gateway,) = processes.gateways(checkout)

    assert gateway.environment == {}


def test_gateways_without_a_native_build_run_from_the_source(checkout: Path) -> None:
    native.STAMP.unlink()

    (gateway,) = processes.gateways(checkout)

    assert gateway.environment == {}
