"""``smos models`` as a user has it: a host of models on this machine, real processes, kills and full disks."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smos_cli.adapters.models.table import table
from tests.adapters.models import hosting
from tests.adapters.models.hosting import Host
from tests.adapters.models.made import GRAPH, JUDGE, TOKENIZER, gguf, onnx
from tests.cli.running import COMMAND, Home, environment
from tests.waiting import until

LARGE = "nli-deberta-v3-large"
"""a model of the table whose files nobody published hashes of: what stands in for them here can be anything"""
FILES = {
    "model.onnx": GRAPH + os.urandom(400_000),
    "tokenizer.json": TOKENIZER,
    "config.json": json.dumps(JUDGE).encode(),
}
SHARED = Path(__file__).parents[3] / "shared/models"


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting.hosting() as found:
        parts = next(item for item in table() if item.name == LARGE).parts
        found.files = {f"/{part.address}": FILES[part.path] for part in parts}
        yield found


@pytest.fixture
def home(tmp_path: Path, host: Host) -> Home:
    home = Home(tmp_path)
    home("config", "set", "models.mirror", host.url)
    return home


def installed(home: Home) -> list[str]:
    return [model["name"] for model in home("models", "list", "--json").json["models"] if model["installed"]]


def shared(name: str) -> str:
    if not (SHARED / name).is_dir():
        assert not os.environ.get("CI"), "the shared models are missing"
        pytest.skip("the shared models are not here")
    return str(SHARED / name)


@contextmanager
def under_way(home: Home, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command beside the test; it is ended with it."""
    process = subprocess.Popen([*COMMAND, *words], env=home.env, cwd=home.user, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


class TestPulling:
    def test_a_model_comes_is_whole_and_comes_once(self, home: Home, host: Host) -> None:
        done = home("models", "pull", LARGE, "--json").json
        assert (done["outcome"], done["brought"]) == ("installed", sum(map(len, FILES.values())))
        assert done["unpinned"] == list(FILES)
        assert {path: Path(done["folder"], path).read_bytes() for path in FILES} == FILES
        assert installed(home) == [LARGE]

        asked = len(host.asked)
        again = home("models", "pull", LARGE, "--json").json
        assert (again["outcome"], again["brought"], again["model_id"]) == ("present", 0, done["model_id"])
        assert len(host.asked) == asked

    def test_what_is_spoilt_is_found_and_only_that_comes_again(self, home: Home, host: Host) -> None:
        folder = Path(home("models", "pull", LARGE, "--json").json["folder"])
        (folder / "tokenizer.json").write_bytes(b"spoilt")
        found = home("models", "verify", "--json", code=1).json
        assert [one["where"] for one in found["differences"]] == [f"{LARGE}/tokenizer.json"]

        done = home("models", "pull", LARGE, "--json").json
        assert (done["outcome"], done["brought"]) == ("present", len(TOKENIZER))
        assert home("models", "verify").err.startswith("All as it came: 1 model, 3 files,")

    def test_a_host_whose_files_changed_is_held_to_what_came_first(self, home: Home, host: Host) -> None:
        folder = Path(home("models", "pull", LARGE, "--json").json["folder"])
        address = next(path for path in host.files if path.endswith("/config.json"))
        host.files[address] = host.files[address].replace(b"512", b"256")
        (folder / "config.json").unlink()
        assert "config.json" in home("models", "pull", LARGE, code=1).err

    def test_a_kill_leaves_nothing_that_looks_installed_and_the_next_pull_goes_on(self, home: Home, host: Host) -> None:
        large = next(path for path in host.files if path.endswith(".onnx"))
        host.usual = lambda handler, data: (
            hosting.stall_after(262_144)(handler, data) if handler.path == large else hosting.ranged(handler, data)
        )
        with under_way(home, "models", "pull", LARGE) as process:
            assert host.stalled.wait(30)
            partials = home.folder / f"models/.pulling-{LARGE}/partial"
            _until_written(partials, 262_144)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert installed(home) == []
        assert home("models", "verify").err.startswith("All as it came: 0 models")

        host.usual = hosting.ranged
        host.asked.clear()
        assert home("models", "pull", LARGE, "--json").json["outcome"] == "installed"
        assert [asked.headers.get("range") for asked in host.asked] == ["bytes=262144-", None, None]

    def test_ctrl_c_keeps_what_came(self, home: Home, host: Host) -> None:
        host.usual = hosting.stall_after(65_536)
        with under_way(home, "models", "pull", LARGE) as process:
            assert host.stalled.wait(30)
            _until_written(home.folder / f"models/.pulling-{LARGE}/partial", 65_536)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        host.usual = hosting.ranged
        assert home("models", "pull", LARGE, "--json").json["outcome"] == "installed"
        assert "bytes=65536-" in host.ranges()

    def test_two_pulls_of_one_model_do_not_meet(self, home: Home, host: Host) -> None:
        host.usual = hosting.stall_after(0)
        with under_way(home, "models", "pull", LARGE):
            assert host.stalled.wait(30)
            told = home("models", "pull", LARGE, code=11).err
            assert told.startswith(f"smos: Another smos is pulling or removing the model {LARGE}.")
            home("models", "remove", LARGE, code=11)
            assert installed(home) == []

    def test_a_full_disk_says_how_much_is_missing_and_the_next_pull_goes_on(self, home: Home, host: Host) -> None:
        told = home("models", "pull", LARGE, code=1, preexec_fn=_small_files, env={"PYTHONDONTWRITEBYTECODE": "1"}).err
        assert "There is no room for the model in " in told
        assert f"Free {len(FILES['model.onnx']) - 65_536:,} more bytes there." in told
        host.asked.clear()
        assert home("models", "pull", LARGE, "--json").json["outcome"] == "installed"
        assert [asked.headers.get("range") for asked in host.asked] == ["bytes=100000-", None, None]

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (hosting.html, "answers with a web page instead of"),
            (hosting.status(401), "refuses the file: it says 401."),
            (hosting.status(404), "does not have the file: it says 404."),
            (hosting.status(429, Retry_After="9999"), "can't answer now: it says 429."),
        ],
    )
    def test_a_host_that_has_no_file_is_told_with_a_remedy(
        self, home: Home, host: Host, answer: hosting.Answer, said: str
    ) -> None:
        host.usual = answer
        told = home("models", "pull", LARGE, code=1).err.splitlines()
        assert len(told) == 2
        assert said in told[0]
        assert told[1].startswith("      ")
        assert installed(home) == []

    def test_a_silent_host_is_given_up_after_the_time_that_is_set(self, home: Home, host: Host) -> None:
        home("config", "set", "models.timeout_seconds", "0.2")
        host.usual = hosting.stall_after(0)
        told = home("models", "pull", LARGE, code=1).err
        assert "says nothing for longer than models.timeout_seconds." in told
        assert "3 files are missing" in told

    def test_files_of_the_table_are_held_to_its_hashes(self, home: Home, host: Host) -> None:
        listed = next(item for item in table() if item.name == "ms-marco-minilm-l6-v2")
        for part in listed.parts:
            host.files[f"/{part.address}"] = b"{" + b" " * (part.size - 2) + b"}"
        assert "config.json from 127.0.0.1" in home("models", "pull", listed.name, code=1).err
        assert installed(home) == []


class TestOffline:
    @pytest.mark.parametrize("way", ["setting", "environment"])
    def test_no_host_is_asked_and_what_is_missing_is_listed(self, home: Home, host: Host, way: str) -> None:
        env = {"SMOS_OFFLINE": "1"} if way == "environment" else {}
        if way == "setting":
            home("config", "set", "models.offline", "true")
        error = json.loads(home("models", "pull", LARGE, "--json", code=1, env=env).err)["error"]
        assert (error["code"], error["message"]) == ("offline", "Nothing is pulled offline.")
        assert [line.split()[0] for line in error["remedy"].splitlines()[1:]] == list(FILES)
        assert host.url in error["remedy"]
        assert host.asked == []

    def test_without_a_network_the_same_is_said(self, home: Home) -> None:
        error = json.loads(home("models", "pull", LARGE, "--mirror", "http://127.0.0.1:1", "--json", code=1).err)
        assert error["error"]["code"] == "offline"
        assert "http://127.0.0.1:1/MoritzLaurer/" in error["error"]["remedy"]

    def test_the_same_files_from_a_folder_are_the_same_model(self, home: Home, host: Host, tmp_path: Path) -> None:
        folder = tmp_path / "brought"
        folder.mkdir()
        for path, data in FILES.items():
            (folder / path).write_bytes(data)
        offline = {"SMOS_OFFLINE": "1"}
        brought = home("models", "pull", LARGE, "--from", str(folder), "--json", env=offline).json
        assert host.asked == []
        home("models", "remove", LARGE)
        assert home("models", "pull", LARGE, "--json").json["model_id"] == brought["model_id"]


class TestBringing:
    def test_any_model_is_brought_and_its_role_is_told_from_its_files(self, home: Home, tmp_path: Path) -> None:
        onnx(tmp_path / "nli", JUDGE)
        done = home("models", "pull", "mine", "--from", "nli", "--json").json
        assert (done["role"], done["listed"], done["context"]) == ("judge", False, 512)
        assert installed(home) == ["mine"]
        assert home("models", "info", "mine").out.splitlines()[0] == "name\tmine"

    def test_a_link_is_refused(self, home: Home, tmp_path: Path) -> None:
        onnx(tmp_path / "nli", JUDGE)
        (tmp_path / "nli/model.onnx").unlink()
        (tmp_path / "nli/model.onnx").symlink_to("/etc/passwd")
        assert "is a link" in home("models", "pull", "mine", "--from", "nli", code=1).err

    def test_a_licence_that_forbids_commercial_use_wants_a_word(self, home: Home, tmp_path: Path) -> None:
        told = home("models", "pull", "qwen2.5-3b-instruct", code=2).err
        assert "may not be used commercially" in told
        assert "--accept-licence" in told
        (tmp_path / "model.gguf").write_bytes(gguf())
        told = home("models", "pull", "qwen2.5-3b-instruct", "--from", "model.gguf", "--accept-licence", code=3).err
        assert "does not have all files" in told


class TestUsing:
    def test_a_real_embedder_is_tried_chosen_and_given_back(self, home: Home) -> None:
        source = shared("all-minilm-l6-v2")
        home("models", "pull", "mini", "--from", source, "--role", "embedder")
        assert home("models", "use", "mini", "--json").json == {
            "schema": 1, "role": "embedder", "value": "mini", "before": "", "embedding": [],
        }  # fmt: skip
        assert home("config", "get", "models.embedder").out == "mini\n"
        assert home("models", "list", "--json").json["roles"]["embedder"] == "mini"

        told = home("models", "remove", "mini", code=5).err
        assert "mini is in use as embedder." in told
        assert home("models", "remove", "mini", "--force", "--json").json["roles"] == ["embedder"]
        assert home("config", "get", "models.embedder").out == "\n"
        assert installed(home) == []

    def test_a_model_that_does_not_load_is_not_chosen(self, home: Home, tmp_path: Path) -> None:
        onnx(tmp_path / "nli", JUDGE)
        home("models", "pull", "mine", "--from", "nli")
        home("models", "use", "mine", code=1)
        assert home("config", "get", "models.judge").out == "\n"

    def test_a_server_has_to_be_configured(self, home: Home) -> None:
        home("models", "use", "local/qwen", "--role", "judge", code=3)
        home("config", "set", "servers.local.url", "http://127.0.0.1:1/v1")
        home("models", "use", "local/qwen", "--role", "judge")
        assert home("config", "get", "models.judge").out == "local/qwen\n"
        assert home("models", "use", "default", "--role", "judge").err == "The judge is the embedded default now.\n"


class TestListing:
    def test_no_library_is_loaded_for_it(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        code = "import sys; from smos_cli.__main__ import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
        ran = subprocess.run(
            [sys.executable, "-c", code, "models", "list"], env=home.env, capture_output=True, text=True, check=True
        )
        loaded = {name.partition(".")[0] for name in ran.stderr.splitlines()[-1].split()}
        heavy = {"httpx", "onnxruntime", "llama_cpp", "numpy", "duckdb", "tokenizers", "rich", "tomlkit", "yaml"}
        assert loaded & heavy == set()

    def test_other_verbs_load_nothing_of_it(self, smos: Home) -> None:
        code = "import sys; from smos_cli.__main__ import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
        ran = subprocess.run(
            [sys.executable, "-c", code, "remember", "x"], env=smos.env, capture_output=True, text=True, check=True
        )
        ours = ("smos_cli.adapters.models", "smos_cli.core.catalogue", "smos_cli.core.shelf", "httpx")
        assert [name for name in ran.stderr.splitlines()[-1].split() if name.startswith(ours)] == []

    def test_what_is_damaged_is_told_and_the_rest_is_listed(self, home: Home) -> None:
        (home.folder / "models/mine").mkdir(parents=True)
        done = home("models", "list", "--role", "judge")
        assert "warning: models/mine: The model mine is damaged" in done.err
        assert len(done.out.splitlines()) == 3
        assert home("models", "info", "mine", code=1).err.startswith("smos: The model mine is damaged")
        home("models", "remove", "mine")

    def test_an_unknown_role_or_model_is_said(self, home: Home) -> None:
        assert "is not a role" in home("models", "list", "--role", "cook", code=2).err
        assert "There is no model 'mine'." in home("models", "info", "mine", code=3).err
        assert "mine is not installed" in home("models", "verify", "mine", code=3).err
        assert "can't be a model's name" in home("models", "info", "../vaults", code=2).err


def test_new_vectors_are_made_by_processes_of_their_own(tmp_path: Path) -> None:
    """A stand-in for smos writes what it was called with, and whether it leads a session."""
    package = tmp_path / "elsewhere/smos_cli"
    package.mkdir(parents=True)
    (tmp_path / "smos_cli").mkdir()
    for name in ("smos_cli/__init__.py", "json.py", "runpy.py"):
        (tmp_path / name).write_text("raise SystemExit('a module of the folder that the user is in')")
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import os, sys\n"
        "file = f'called-{sys.argv[-1]}'\n"
        "open(file + '.new', 'w').write(' '.join([*sys.argv[1:], str(os.getsid(0) == os.getpid())]))\n"
        "os.rename(file + '.new', file)\n"
    )
    root = Path(__file__).parents[2]
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from smos_cli.adapters.models.background import embed\n"
        "embed(['ann', 'bob'], dict(os.environ), wait=sys.argv[2] == 'wait')\n"
        "embed([], {}, wait=False)\n"
        "if sys.argv[2] != 'wait': os.wait(); os.wait()\n"
    )
    env = {**environment(tmp_path), "PYTHONPATH": str(package.parent)}
    for way, leads in (("background", "True"), ("wait", "False")):
        subprocess.run([sys.executable, "-P", "-c", code, str(root), way], env=env, cwd=tmp_path, check=True)
        for name in ("ann", "bob"):
            called = tmp_path / f"called-{name}"
            assert called.read_text() == f"index --embed --persona {name} {leads}"
            called.unlink()


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))


def _until_written(folder: Path, size: int) -> None:
    until(lambda: folder.is_dir() and any(file.stat().st_size == size for file in folder.iterdir()))
