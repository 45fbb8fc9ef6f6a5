"""No broken file ends the process or prints: each is a model, or an error that says why not."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.llamacpp.ggufs import STORIES, folder_of, needs_llama

pytestmark = needs_llama
HEADER = 14_000
"""Bytes of the small model before its tensors."""
TRY = """
import sys
from pathlib import Path
from smos_cli.adapters.llamacpp.embedder import LlamaEmbedder
from smos_cli.adapters.llamacpp.writer import LlamaWriter
from smos_cli.core.prompting.prompt import SCHEMA
from smos_cli.errors import ModelError

for folder in sorted(Path(sys.argv[1]).iterdir(), key=lambda folder: int(folder.name)):
    (folder / "tried").touch()
    for use in (
        lambda: LlamaWriter(folder, "m@1").complete("Tell a story.", "Once upon a time", SCHEMA, 12),
        lambda: LlamaEmbedder(folder, "m@1").embed(["Once upon a time"]),
    ):
        try:
            use()
        except ModelError as error:
            assert error.remedy
"""


def _changed(data: bytes, rng: random.Random) -> bytes:
    """Return a file cut off, or with bytes of its header or floats of its weights changed."""
    kind = rng.choice(["cut", "header", "header", "weights"])
    if kind == "cut":
        return data[: rng.choice([rng.randrange(64), rng.randrange(HEADER), rng.randrange(len(data))])]
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 3, 30])):
        if kind == "header":
            changed[rng.randrange(HEADER)] = rng.choice([0, 1, 4, 6, 128, 255, rng.randrange(256)])
        else:
            place = rng.randrange(HEADER + 200, len(data) - 4) & ~3
            changed[place : place + 4] = rng.choice([b"\0\0\xc0\x7f", b"\0\0\x80\xff", rng.randbytes(4)])
    return bytes(changed)


def _twins(data: bytes) -> bytes:
    """Return a file in which two tokens are the same: llama.cpp aborts over it."""
    return data.replace(b"<0x41>", b"<0x42>")


def _no_kinds(data: bytes) -> bytes:
    """Return a file that doesn't say which tokens are bytes: its words can't make JSON, and llama.cpp aborts."""
    return data.replace(b"tokenizer.ggml.token_type", b"tokenizer.ggml.token_tipe")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_broken_file_ends_no_process_and_prints_nothing(tmp_path: Path, seed: int) -> None:
    data = STORIES.read_bytes()
    rng = random.Random(seed)
    broken = [data, _twins(data), _no_kinds(data), *(_changed(data, rng) for _ in range(60))]
    for number, changed in enumerate(broken):
        folder_of(tmp_path / str(number), changed)
    ended = subprocess.run([sys.executable, "-c", TRY, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert len(list(tmp_path.glob("*/tried"))) == len(broken)
