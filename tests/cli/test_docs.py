"""What is written about the commands is what the commands are: manual pages, completions, help and JSON contract."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import smos_cli
from smos_cli.cli.reference.surface import Command, surface
from smos_cli.cli.verbs import VERBS
from smos_cli.config.servers import SERVER_SETTINGS
from smos_cli.config.settings import PERSONA_SETTINGS, SETTINGS
from smos_cli.core.memory import KINDS, STATUSES
from smos_cli.errors import SmosError
from tests.cli.running import Home, environment
from tests.cli.test_json_contract import CONTRACT, ERROR

ROOT = Path(smos_cli.__file__).parents[1]
COMMANDS = {command.name: command for command in surface().walk() if command.words}
_HEAVY = ("rich", "yaml", "numpy", "duckdb", "tokenizers", "platformdirs", "pydantic")
_NOT_IN_A_PIPE = ("rich", "yaml", "filelock", "platformdirs", "pydantic", "pandas")


def page(name: str) -> str:
    """Return a manual page as it reads, without fonts and escapes."""
    text = (ROOT / "man" / name).read_text(encoding="utf-8")
    return re.sub(r"\\f[BIR]", "", text).replace("\\-", "-").replace("\\(aq", "'")


def section(text: str, macro: str, name: str) -> str:
    """Return a section, ``SH``, or a sub-section, ``SS``, of a page."""
    quoted = f'"{name}"' if macro == "SS" or " " in name else name
    _, _, rest = text.partition(f".{macro} {quoted}\n")
    return re.split(r"^\.S[HS] " if macro == "SS" else r"^\.SH ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def test_the_generated_files_are_what_the_commands_make_of_them_now() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "smos_cli.cli.reference", "--check"],
        cwd=ROOT,
        env=environment(ROOT, COLUMNS="40", LC_ALL="C", TZ="Pacific/Auckland"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_file_that_is_out_of_date_is_named_and_written_anew(tmp_path: Path) -> None:
    reference: Any = import_module("smos_cli.cli.reference.__main__")
    (tmp_path / "man").mkdir()
    (tmp_path / "man/smos.1").write_text("old")
    out = _Said()
    assert reference.main(["--check"], out, tmp_path) == 1
    assert len(out.notes) == len(reference.FILES)
    assert reference.main([], out, tmp_path) == 0
    assert reference.main(["--check"], out, tmp_path) == 0
    assert (tmp_path / "man/smos.1").read_bytes() == (ROOT / "man/smos.1").read_bytes()


class _Said:
    """Keeps what an ``Output`` would print."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.notes: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_every_command_is_in_the_manual_with_its_options_and_arguments(command: Command) -> None:
    written = section(page("smos.1"), "SS", command.name)
    assert command.help.split("\n", 1)[0] in " ".join(written.split())
    names = {name for option in command.options for name in option.names}
    assert names - set(re.findall(r"(?<![\w-])--?\w[\w-]*", written)) == set()
    assert {argument.metavar for argument in command.arguments} <= set(re.findall(r"[A-Z]+(?:\|[A-Z]+)*", written))


def test_every_command_the_manual_names_is_one() -> None:
    commands = section(page("smos.1"), "SH", "COMMANDS")
    assert re.findall(r'^\.SS "(.*)"$', commands, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("verb", VERBS)
def test_the_line_of_a_verb_in_help_is_the_first_of_its_own(verb: str) -> None:
    assert VERBS[verb][1] == COMMANDS[verb].help.split("\n", 1)[0]


def test_every_setting_and_environment_variable_is_in_the_manual() -> None:
    settings = section(page("smos.1"), "SH", "SETTINGS")
    keys = [*SETTINGS, *(f"personas.NAME.{key}" for key in PERSONA_SETTINGS)]
    keys += [f"servers.NAME.{key}" for key in SERVER_SETTINGS]
    assert [key for key in keys if f"\n{key}" not in settings] == []
    variables = section(page("smos.1"), "SH", "ENVIRONMENT")
    assert set(re.findall(r"[A-Z]+_?[A-Z]{4,}", variables)) >= {"SMOS_HOME", "SMOS_PERSONA", "VISUAL", "EDITOR"}


def test_both_manuals_have_every_exit_code_and_the_contract_every_error_code() -> None:
    import_module("smos_cli.adapters.editor")
    errors = {(kind.exit_code, kind.code) for kind in _family(SmosError)}
    statuses = set(re.findall(r"^\.B (\d+)$", section(page("smos.1"), "SH", "EXIT STATUS"), re.MULTILINE))
    assert {str(exit_code) for exit_code, _ in errors} | {"0"} <= statuses
    rows = re.findall(r"^(\d+)\t(\w+)\t", section(page("smos-json.5"), "SH", "EXIT STATUS"), re.MULTILINE)
    assert {(int(exit_code), code) for exit_code, code in rows} == errors


def _family(kind: type[SmosError]) -> Iterator[type[SmosError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__.startswith("smos_cli"):
            yield from _family(child)


def test_every_field_of_the_contract_is_in_its_manual() -> None:
    bold = " ".join(re.findall(r"^\.BR? (.*)$", page("smos-json.5"), re.MULTILINE))
    wanted = {key for _, shape in CONTRACT.values() for key in _keys(shape)} | set(_keys(ERROR))
    assert wanted - set(re.findall(r"\w+", bold)) == set()


def _keys(shape: Any) -> Iterator[str]:
    if isinstance(shape, dict):
        yield from shape
        for inner in shape.values():
            yield from _keys(inner)
    elif isinstance(shape, list):
        yield from _keys(shape[0])


def test_every_command_of_the_contract_has_its_part_in_the_manual() -> None:
    titles = re.findall(r"^\.SS (.*)$", section(page("smos-json.5"), "SH", "COMMANDS"), re.MULTILINE)
    told = {name for title in titles for name in title.split(", ")}
    assert {re.sub(r" --\w+", "", name) for name in CONTRACT} == told


def _imported(home: Home, *words: str) -> set[str]:
    """Run a command in a pipe; return the top names of the modules it loaded."""
    code = (
        "import sys; from smos_cli.__main__ import run; run(sys.argv[1:]); print('\\n', *sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *words], env=home.env, cwd=home.user, capture_output=True, text=True, check=True
    )
    assert ran.stdout
    return {name.partition(".")[0] for name in ran.stderr.splitlines()[-1].split()}


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded = _imported(Home(tmp_path), "--help")
    assert "typer" in loaded
    assert loaded & set(_HEAVY) == set()


def test_the_help_of_a_group_has_the_first_sentence_of_each_command_in_full(tmp_path: Path) -> None:
    shown = " ".join(Home(tmp_path)("models", "--help").out.split())

    assert "pull Bring a model here; cut off at any point, the next try goes on from there. use Have" in shown
    assert "..." not in shown.partition("Commands:")[2]


def test_recall_in_a_pipe_loads_nothing_it_does_not_need(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home("remember", "The cache TTL is 10 seconds", "--tag", "cache")
    loaded = _imported(home, "recall", "cache")
    assert "duckdb" in loaded
    assert loaded & set(_NOT_IN_A_PIPE) == set()


_COMPLETE = """
source "$1"; shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_smos
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(home: Home, *words: str) -> list[str]:
    """Return what bash proposes for the last of some words after ``smos``."""
    ran = subprocess.run(
        ["bash", "-c", _COMPLETE, "bash", str(ROOT / "completions/smos.bash"), "smos", *words],
        env=home.env,
        cwd=home.user,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return ran.stdout.split()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with two personas, a ``smos`` on the path, and a few files where commands run."""
    user = tmp_path_factory.mktemp("bash")
    program = user / "bin/smos"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m smos_cli "$@"\n')
    program.chmod(0o755)
    (user / "notes").mkdir()
    (user / "notes.jsonl").write_text("")
    home = Home(user)
    home.env["PATH"] = f"{program.parent}:{home.env['PATH']}"
    home("init")
    home("persona", "add", "ann")
    return home


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_bash_completes_every_command_and_its_options(command: Command, shell: Home) -> None:
    *above, last = command.words
    assert last in completed(shell, *above, last[:1])
    options = [name for option in command.options for name in option.names]
    assert completed(shell, *command.words, "-") == options


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (["recall", "--kind", ""], list(KINDS)),
        (["recall", "--kind", "=", "de"], ["decision"]),
        (["recall", "--kind", "="], list(KINDS)),
        (["list", "--status", ""], list(STATUSES)),
        (["config", "set", ""], list(SETTINGS)),
        (["config", "set", "vault.autocommit", ""], []),
        (["import", "notes"], ["notes", "notes.jsonl"]),
        (["recall", "--batch", "notes"], ["notes", "notes.jsonl"]),
        (["persona", "add", "x", "--path", "notes"], ["notes"]),
        (["persona", "add", ""], []),
        (["persona", "use", "a"], ["ann"]),
        (["-p", ""], ["ann", "bob"]),
        (["-p", "bob", "recal"], ["recall"]),
        (["--persona", "=", "bob", "recal"], ["recall"]),
        (["recall", "list", ""], []),
        (["recall", "persona", "--wh"], ["--why"]),
    ],
)
def test_bash_completes_values(words: list[str], proposed: list[str], shell: Home) -> None:
    assert sorted(completed(shell, *words)) == sorted(proposed)


def test_the_other_shells_are_offered_every_command_and_option() -> None:
    zsh, fish = ((ROOT / "completions" / name).read_text() for name in ("smos.zsh", "smos.fish"))
    for command in COMMANDS.values():
        assert f"'{command.words[-1]}:" in zsh
        assert f"-a {command.words[-1]} -d" in fish
        for name in (name for option in command.options for name in option.names):
            assert re.search(rf"\){name}[=+]?\[|\*{name}[=+]\[", zsh)
            spelled = f"-l {name[2:]} " if name.startswith("--") else f"-s {name[1:]} "
            assert any(
                line.startswith(f"complete -c smos -n '__smos_at {command.name}' ") and spelled in line
                for line in fish.splitlines()
            )
