"""What comes back from the process in which a model is measured."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smos_cli.adapters.models.bench import child
from smos_cli.core.benching import Figures
from smos_cli.errors import ModelError

MEASURED = "import json; print(json.dumps({'load_ms': 2.0, 'per_second': 3.0, 'peak_bytes': 4}))"


def test_the_last_line_counts_whatever_was_printed_before() -> None:
    noise = r"import sys; sys.stdout.buffer.write(b'\xff\n'); sys.stderr.buffer.write(b'\xff'); sys.stdout.flush();"
    assert child(["-c", noise + MEASURED], os.environ) == Figures(2.0, 3.0, 4)


def test_no_module_of_the_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('it was run')")
    monkeypatch.chdir(tmp_path)

    assert child(["-c", MEASURED], os.environ) == Figures(2.0, 3.0, 4)


@pytest.mark.parametrize("code", ["", "print('no')", "print(7)", "print('[]', 'x')", "import os; os._exit(3)"])
def test_a_process_that_tells_nothing_is_an_error(code: str) -> None:
    with pytest.raises(ModelError, match="and said nothing"):
        child(["-c", code], os.environ)
