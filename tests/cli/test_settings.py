"""Settings and personas from the shell: a broken file can be mended, walls stand, nothing is lost between processes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, Home
from tests.cli.unprivileged import minding_permissions


def config(smos: Home, text: str) -> Path:
    """Add lines to the top of config.toml."""
    file = smos.folder / "config.toml"
    file.write_text(text + file.read_text())
    return file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vautl.autocommit = true\n", "config.toml has a setting that is unknown: vautl.autocommit."),
        ('index.wait_seconds = "soon"\n', "In config.toml: The setting index.wait_seconds can't be 'soon'."),
        ('personas.Bob.path = "x"\n', "In config.toml: 'Bob' can't be a persona's name."),
        ("[[[\n", "config.toml is not TOML"),
    ],
)
def test_a_broken_config_is_named_and_what_helps_to_mend_it_works(smos: Home, text: str, said: str) -> None:
    file = config(smos, text)

    error = smos("list", code=1).err
    assert said in error
    assert str(file) in error
    assert said in smos("config", "set", "index.wait_seconds", "2", code=1).err
    assert smos("config", "path").out == f"{file}\n"
    listed = smos("config", "list")
    assert said in listed.err
    assert "vault.autocommit\ttrue\tdefault" in listed.out
    assert said in smos("doctor", code=1).out


def test_doctor_goes_on_to_the_vault_when_a_setting_is_wrong(smos: Home) -> None:
    config(smos, "colour = 1\n")
    smos.write("memories/broken.md", "---\nid: [\n---\n")

    assert set(smos.findings()) == {"config.toml", "memories/broken.md"}


def test_a_setting_that_is_made_empty_is_said_to_be(smos: Home) -> None:
    assert smos("config", "set", "models.embedder", "").err == "models.embedder is empty now.\n"


@pytest.mark.parametrize("role", ["embedder", "reranker", "judge", "extractor"])
def test_doctor_tells_of_a_model_that_was_chosen_and_is_not_installed(smos: Home, role: str) -> None:
    smos("config", "set", f"models.{role}", "nosuch")

    found = smos("doctor", "--json", code=1).json["findings"]
    assert {
        "level": "problem",
        "where": f"models.{role}",
        "what": "The model nosuch is not installed.",
        "remedy": "Pull it with `smos models pull nosuch`.",
    } in found


def test_a_duplicate_key_is_an_error_and_no_traceback(smos: Home) -> None:
    config(smos, "default_persona = 'bob'\ndefault_persona = 'bob'\n")

    assert "is not TOML" in smos("config", "set", "vault.autocommit", "true", code=1).err


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("no.such", "1", 2),
        ("index.wait_seconds", "-3", 2),
        ("index.wait_seconds", "inf", 2),
        ("vault.episodes", "never", 2),
        ("personas.Bob.path", "x", 2),
        ("personas.ann.path", "x", 3),
        ("default_persona", "nobody", 3),
    ],
)
def test_what_can_not_be_set_leaves_the_file_as_it_was(smos: Home, key: str, value: str, code: int) -> None:
    before = (smos.folder / "config.toml").read_bytes()

    smos("config", "set", key, value, code=code)

    assert (smos.folder / "config.toml").read_bytes() == before


def test_a_personas_settings_are_listed_got_and_set(smos: Home) -> None:
    smos("config", "set", "personas.bob.model_folders", "Work, Private/")

    assert smos("config", "get", "personas.bob.path").out == "vaults/bob\n"
    assert smos("config", "get", "personas.bob.model_folders").out == "Work, Private\n"
    assert "personas.bob.model_folders\tWork, Private\t" in smos("config", "list").out
    smos("config", "get", "personas.ann.path", code=3)


def test_a_vault_can_not_be_set_to_where_anothers_is(smos: Home, tmp_path: Path) -> None:
    smos("persona", "add", "ann")
    (tmp_path / "link").symlink_to(smos.vault)

    for path in ("vaults/bob", "..", str(tmp_path / "link"), str(smos.folder.parent)):
        assert "or lies in it or around it" in smos("config", "set", "personas.ann.path", path, code=2).err


@pytest.mark.parametrize("path", ["home", "home/vaults", "home/vaults/bob", "home/vaults/bob/memories", ".", "link"])
def test_nothing_is_adopted_that_is_home_or_anothers_vault(smos: Home, path: str) -> None:
    (smos.user / "link").symlink_to(smos.vault)
    before = sorted(smos.user.rglob("*"))

    assert "or lies in it or around it" in smos("persona", "add", "eve", "--path", path, code=2).err

    assert smos("persona", "list").out.count("\n") == 1
    assert {*smos.user.rglob("*")} - {*before} <= {smos.folder / "locks", smos.folder / "locks/config.lock"}


def test_a_vault_that_can_not_be_made_leaves_no_persona_behind(smos: Home) -> None:
    notes = smos.user / "notes"
    notes.mkdir(mode=0o500)

    smos("persona", "add", "ann", "--path", str(notes), code=1, preexec_fn=minding_permissions())

    assert smos("persona", "list").out.count("\n") == 1


def test_two_who_add_at_once_lose_nothing(smos: Home) -> None:
    names = [f"p{number}" for number in range(6)]
    children = [
        subprocess.Popen(
            [*COMMAND, "persona", "add", name], env=smos.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for name in names
    ]

    assert [child.communicate()[1] for child in children] == [b""] * len(names)
    assert {item["name"] for item in smos("persona", "list", "--json").json["personas"]} == {"bob", *names}


def test_the_first_memories_of_two_processes_make_one_home(tmp_path: Path) -> None:
    smos = Home(tmp_path)
    texts = [f"Fact {number}." for number in range(4)]
    children = [
        subprocess.Popen([*COMMAND, "remember", text], env=smos.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for text in texts
    ]
    for child in children:
        child.communicate()

    assert [child.returncode for child in children] == [0] * len(texts)
    assert {memory["text"] for memory in smos("list", "--json").json["memories"]} == set(texts)


def test_removing_a_persona_takes_its_index_and_says_so(smos: Home) -> None:
    smos("persona", "add", "ann")
    smos.remember("The cache TTL is 10 seconds.")
    smos("index")
    assert list(smos.folder.glob("index/bob.*"))

    removed = smos("persona", "remove", "bob", "--yes")

    assert removed.out == "removed\tbob\n"
    assert "Its index is deleted." in removed.err
    assert "The default persona is ann now." in removed.err
    assert list(smos.folder.glob("*/bob.*")) == []
    assert list(smos.vault.rglob("the-cache-ttl*.md"))


def test_a_list_of_no_personas_says_how_to_begin(tmp_path: Path) -> None:
    done = Home(tmp_path)("persona", "list")

    assert (done.out, "smos init" in done.err) == ("", True)


def test_memory_is_there_again_after_the_index_and_the_locks_were_deleted(smos: Home) -> None:
    smos.remember("The cache TTL is 10 seconds.")
    for folder in ("index", "locks"):
        subprocess.run(["rm", "-rf", smos.folder / folder], check=True)

    assert smos.recalled("TTL") == ["The cache TTL is 10 seconds."]
    smos.remember("The pager moved.")
    assert len(smos.recalled("pager")) == 2


def test_what_may_not_be_read_stops_every_command_and_is_named(smos: Home, tmp_path: Path) -> None:
    (tmp_path / "notes/Private").mkdir(parents=True)
    (tmp_path / "notes/Private/diary.md").write_text("I like Mondays.")
    smos("persona", "add", "ann", "--path", str(tmp_path / "notes"))
    break_it: list[Callable[[], object]] = [
        lambda: (tmp_path / "notes/.smosignore").write_text("!\n"),
        lambda: (tmp_path / "notes/.smosignore").write_bytes(b"Priv\xe9/"),
        lambda: (tmp_path / "notes/.smosignore").unlink(),
    ]
    for number, act in enumerate(break_it):
        act()
        if number < 2:
            for words in (("recall", "Mondays"), ("list",), ("index",)):
                assert ".smosignore" in smos("-p", "ann", *words, code=1).err
            assert ".smosignore" in smos("-p", "ann", "doctor", code=1).out
    assert smos("-p", "ann", "recall", "Mondays").out
