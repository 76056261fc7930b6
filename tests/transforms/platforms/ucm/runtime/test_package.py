"""UCM is on where it is asked for and installed; what is broken of it stops the engine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.ucm.loaded import load, with_counterpart

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("asked", [None, "", "0", "false", "no"])
def test_it_is_off_where_nobody_asks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str | None
) -> None:
    with_counterpart(monkeypatch, tmp_path, broken="SystemError('imported')")
    assert not load(monkeypatch, asked).on
    assert "ucm" not in sys.modules


@pytest.mark.parametrize("asked", ["1", "true", "True", "on"])
def test_it_is_on_where_it_is_asked_for_and_still_not_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str
) -> None:
    with_counterpart(monkeypatch, tmp_path)
    assert load(monkeypatch, asked).on
    assert "ucm" not in sys.modules


def test_without_the_package_it_is_off_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert not load(monkeypatch, "1").on
    (record,) = caplog.records
    assert "ENABLE_UCM_PATCH" in record.getMessage()
    assert "uc-manager" in record.getMessage()


def test_a_folder_of_that_name_is_no_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ucm").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not load(monkeypatch, "1").on


def test_the_connector_is_what_the_package_makes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, "def create_ucm_connector(): return 'made'")
    assert load(monkeypatch, "1").counterpart.create_connector() == "made"


def test_a_package_without_a_connector_of_its_own_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, "class UCMConnector: pass")
    assert load(monkeypatch, "1").counterpart.create_connector() is None


def test_a_package_that_cannot_be_imported_is_named_with_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, broken="ImportError('no store')")
    package = load(monkeypatch, "1")
    with pytest.raises(
        ImportError, match=r"ENABLE_UCM_PATCH .*ucm_connector.* no store.*uc-manager"
    ):
        package.counterpart.create_connector()
