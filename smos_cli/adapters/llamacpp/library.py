"""llama.cpp by way of llama-cpp-python: found, kept quiet, and given a file that is known to hold together.

Owns the library's settings for the whole process. Nothing here loads before it is called.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import os
import weakref
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from smos_cli.adapters.llamacpp.gguf import Header, broken, header
from smos_cli.errors import ModelError

_ERROR = 4
"""ggml's level of what went wrong."""
_FEW = 4
"""Processors up to which each may be half of a core, and both halves are needed."""

_SMALL = 8 << 20
"""Bytes of a model below which threads wait for each other longer than they work."""


class Library(NamedTuple):
    """The library, and what it says went wrong, which it would print."""

    module: Any
    said: deque[str]
    listener: object
    """kept for as long as the library may call it"""


def model_file(folder: Path) -> tuple[Path, Header]:
    """Return the first GGUF file of a folder and its header, all of them whole; ``ModelError`` when one is not."""
    files = sorted(path for path in folder.iterdir() if path.suffix == ".gguf") if folder.is_dir() else []
    if not files:
        raise ModelError(f"There is no GGUF file in {folder}.", "Pull the model again with `smos models pull`.")
    first, *_ = [header(path) for path in files]
    return files[0], first


def load(path: Path, owner: object, **options: object) -> Any:
    """Return a ``llama_cpp.Llama`` of a file that is whole, closed with its owner or when the process ends.

    Raises ``ModelError``, prints nothing.
    """
    found = library()
    found.said.clear()
    threads = _processors() if path.stat().st_size >= _SMALL else 1
    broken_template = importlib.import_module("jinja2").TemplateError
    try:
        llama = found.module.Llama(
            model_path=str(path),
            verbose=False,
            n_threads=threads if threads <= _FEW else threads // 2,
            n_threads_batch=threads,
            **options,
        )
    except (ValueError, RuntimeError, OSError, MemoryError, broken_template) as error:
        raise broken(path, _reason(found.said, error)) from error
    weakref.finalize(owner, llama.close)  # as the interpreter ends, the library would fail to and print so
    return llama


@functools.cache
def library() -> Library:
    """Load the library and make it quiet; ``ModelError`` when it is not installed or can't run here."""
    try:
        module = importlib.import_module("llama_cpp")
    except ImportError as error:
        raise ModelError("llama-cpp-python is not installed.", "Install it: pip install 'smos-cli[llama]'.") from error
    except (OSError, RuntimeError) as error:
        raise ModelError(f"llama-cpp-python can't run here: {error}.", "Install it again.") from error
    said: deque[str] = deque(maxlen=20)

    def listen(level: int, text: bytes, _data: object) -> None:
        if level == _ERROR:
            said.append(text.decode(errors="replace"))

    listener = module.llama_log_callback(listen)
    module.llama_log_set(listener, ctypes.c_void_p(0))
    return Library(module, said, listener)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _reason(said: Sequence[str], error: Exception) -> str:
    """Return the library's last word but the one that it failed, or else the error's."""
    words = [line.strip() for line in said if "failed to load model" not in line and line.strip()]
    return (words[0].removeprefix("llama_model_load: error loading model: ") if words else str(error)).rstrip(".")
