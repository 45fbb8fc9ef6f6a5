"""``smos sync`` and ``smos join`` where they can't or must not go on: each says why, and everything stays as it was."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cli.running import BUSY, COMMAND, Home
from tests.cli.synced import Pair

SECRET = "hunter2x"


class _Locked(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="vaults"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def locked_url() -> Iterator[str]:
    """The URL of a server that wants a password."""
    server = HTTPServer(("127.0.0.1", 0), _Locked)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/bob.git"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent_url() -> Iterator[str]:
    """The URL of a server that takes a call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"git://127.0.0.1:{server.getsockname()[1]}/bob.git"


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_offline_is_said_and_everything_is_committed(pair: Pair) -> None:
    pair.git("config", "remote.origin.url", f"http://127.0.0.1:{unused_port()}/bob.git", at=pair.ann.vault)
    pair.ann.write("notes/plan.md", "# Plan\n")
    done = pair.ann("sync", "--json", code=1)
    assert done.json["offline"] is True
    assert "notes/plan.md" in pair.git("show", "--name-only", "HEAD", at=pair.ann.vault)
    told = pair.ann("sync", code=1).err
    assert "origin can't be reached" in told
    assert "Everything is saved and committed here" in told


def test_a_remote_that_hangs_is_given_up(pair: Pair, silent_url: str) -> None:
    pair.ann("config", "set", "sync.timeout_seconds", "0.3")
    done = pair.ann("sync", silent_url, "--json", code=1)
    assert done.json["offline"] is True


def test_ctrl_c_ends_it_with_all_that_git_started(pair: Pair) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"git://127.0.0.1:{server.getsockname()[1]}/bob.git"
        process = subprocess.Popen([*COMMAND, "sync", url], env=pair.ann.env, stderr=subprocess.PIPE)
        calling, _ = server.accept()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
        # Nobody holds the other end any more.
        calling.settimeout(30)
        while calling.recv(1000):
            pass
        calling.close()
    assert (process.returncode, b"Traceback" in told) == (130, False)


def test_nobody_is_asked_for_a_password(pair: Pair, locked_url: str) -> None:
    asked = pair.folder / "asked"
    program = pair.folder / "ask.sh"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n")
    program.chmod(0o755)
    env = {"GIT_ASKPASS": str(program), "SSH_ASKPASS": str(program), "DISPLAY": ":0"}
    pair.git("config", "core.askPass", str(program), at=pair.ann.vault)
    told = pair.ann("sync", locked_url, code=1, env=env).err
    assert "does not let us in" in told
    assert "credential helper" in told
    assert not asked.exists()


def test_nobody_is_asked_at_the_terminal_either(pair: Pair) -> None:
    asked = pair.folder / "asked"
    program = pair.folder / "ssh.sh"
    program.write_text(
        f"#!/bin/sh\n(: </dev/tty) 2>/dev/null && touch {asked}\necho 'Permission denied' >&2\nexit 255\n"
    )
    program.chmod(0o755)
    at_a_terminal = (
        "import fcntl, os, subprocess, sys, termios; _, ours = os.openpty(); fcntl.ioctl(ours, termios.TIOCSCTTY, 0);"
        "open('/dev/tty').close(); sys.exit(subprocess.call(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", at_a_terminal, *COMMAND, "sync", "ssh://example.org/bob.git"],
        env={**pair.ann.env, "GIT_SSH_COMMAND": str(program)},
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    assert b"does not let us in" in done.stderr
    assert not asked.exists()


@pytest.mark.parametrize(
    "url",
    [
        f"https://marta:{SECRET}@example.org/bob.git",
        f"https://ghp_{SECRET}@github.com/marta/bob.git",
        f"ssh://marta:{SECRET}@example.org/bob.git",
        f"https://marta:x/{SECRET}@example.org/bob.git",
    ],
)
def test_a_url_with_a_password_is_refused_and_never_shown(pair: Pair, url: str) -> None:
    for words in (("sync", url), ("join", url, "--json")):
        done = pair.ann(*words, code=2)
        assert SECRET not in done.out + done.err
        assert "credential helper" in done.err
    pair.git("config", "remote.origin.url", url, at=pair.ann.vault)
    done = pair.ann("sync", code=2)
    assert SECRET not in done.out + done.err


@pytest.mark.parametrize("url", ["--upload-pack=touch evil", "ext::sh -c touch% evil", "fd::7", "ftp://example.org/a"])
def test_a_url_that_chooses_a_program_is_refused(pair: Pair, url: str) -> None:
    for verb in ("sync", "join"):
        pair.ann(verb, "--", url, code=2)
    pair.git("config", "remote.evil.url", url, at=pair.ann.vault)
    pair.ann("sync", "evil", code=2)
    assert not list(pair.folder.rglob("evil"))


def test_a_url_that_git_is_told_to_read_as_another_program_is_refused(pair: Pair) -> None:
    pair.git("config", "url.ext::touch evil .insteadOf", "safe:", at=pair.ann.vault)
    pair.git("config", "remote.origin.url", "safe:bob", at=pair.ann.vault)
    pair.ann("sync", code=1)
    assert not list(pair.folder.rglob("evil"))


def test_where_there_is_no_repository_is_said(pair: Pair) -> None:
    assert "There is no repository at" in pair.ann("sync", str(pair.folder / "nowhere.git"), code=1).err
    assert "There is no remote 'backup'" in pair.ann("sync", "backup", code=1).err


def test_a_remote_that_refuses_says_why(pair: Pair) -> None:
    hook = pair.remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'Nothing on Sundays'\nexit 1\n")
    hook.chmod(0o755)
    pair.ann.remember("Marta drinks green tea.")
    assert "Nothing on Sundays" in pair.ann("sync", code=1).err


def test_a_repository_in_which_somebody_works_is_not_pushed_to(pair: Pair) -> None:
    pair.git("clone", "--quiet", "--branch", "main", str(pair.remote), "work")
    pair.ann.remember("Marta drinks green tea.")
    assert "somebody works" in pair.ann("sync", str(pair.folder / "work"), code=1).err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("shallow", "0" * 40 + "\n", "git fetch --unshallow"),
        ("MERGE_HEAD", "0" * 40 + "\n", "merge is under way"),
        ("rebase-merge/done", "", "rebase is under way"),
        ("HEAD", "{tip}\n", "No branch is checked out"),
    ],
)
def test_a_repository_that_is_not_whole_or_at_rest_is_left_alone(
    pair: Pair, name: str, content: str, told: str
) -> None:
    tip = pair.git("rev-parse", "HEAD", at=pair.ann.vault).strip()
    file = pair.ann.vault / ".git" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content.format(tip=tip))
    assert told in pair.ann("sync", code=1).err


@pytest.mark.parametrize("key", ["core.bare", "remote.origin.promisor"])
def test_a_bare_or_partial_repository_is_refused(pair: Pair, key: str) -> None:
    pair.git("config", key, "true", at=pair.ann.vault)
    assert "smos: The repository of" in pair.ann("sync", code=1).err


def test_where_commits_are_off_nothing_is_synced(pair: Pair) -> None:
    pair.ann("config", "set", "vault.autocommit", "false")
    assert "vault.autocommit" in pair.ann("sync", code=1).err


def test_an_adopted_folder_is_not_synced(pair: Pair) -> None:
    notes = pair.ann.user / "notes"
    notes.mkdir()
    pair.git("init", "--quiet", str(notes))
    pair.ann("persona", "add", "work", "--path", str(notes), "--yes")
    assert "smos:" in pair.ann("sync", str(pair.remote), "-p", "work", code=1).err
    assert not (notes / "memories").exists()


@pytest.mark.parametrize("kind", ["120000 blob", "160000 commit"])
def test_links_and_repositories_inside_are_taken_from_nobody(pair: Pair, kind: str, tmp_path: Path) -> None:
    target = pair.blob(b"/etc/passwd") if "blob" in kind else pair.git("rev-parse", "main", at=pair.remote).strip()
    tree = pair.git("ls-tree", "main", at=pair.remote)
    pair.push_tree(f"{tree}{kind} {target}\tevil\n")
    head = pair.git("rev-parse", "HEAD", at=pair.ann.vault)
    assert "evil" in pair.ann("sync", code=1).err
    assert pair.git("rev-parse", "HEAD", at=pair.ann.vault) == head
    cleo = Home(tmp_path / "cleo")
    cleo.user.mkdir()
    assert "evil" in cleo("join", str(pair.remote), code=1).err
    assert not list(cleo.folder.glob("vaults/*"))


def test_a_history_that_is_no_vault_is_not_taken_in(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.git"
    pair.git("init", "--quiet", "--bare", "--initial-branch=main", str(other))
    strange = Pair(pair.folder)
    strange.remote = other
    tree = strange.git("mktree", at=other, data=f"100644 blob {strange.blob(b'x')}\tREADME\n".encode()).strip()
    person = ("-c", "user.name=Eve", "-c", "user.email=eve@example.org")
    commit = strange.git(*person, "commit-tree", tree, "-m", "One", at=other).strip()
    strange.git("update-ref", "refs/heads/main", commit, at=other)
    assert "no PERSONA.md" in pair.ann("sync", str(other), code=1).err
    assert "no PERSONA.md" in pair.ann("join", str(other), code=1).err
    assert sorted(path.name for path in (pair.ann.folder / "vaults").iterdir()) == ["bob"]


def test_a_branch_of_another_name_is_told(pair: Pair) -> None:
    pair.git("branch", "-m", "main", "trunk", at=pair.remote)
    told = pair.ann("sync", code=1).err
    assert "no branch main, but trunk" in told


def test_a_second_sync_at_once_is_told_to_wait(pair: Pair) -> None:
    from smos_cli.adapters.locks import held

    with held(pair.ann.vault / ".git/smos-sync.lock", 0):
        assert "Another smos is syncing" in pair.ann("sync", code=BUSY).err


def test_join_takes_the_name_of_the_url_and_the_branch_that_is_there(pair: Pair, tmp_path: Path) -> None:
    pair.git("branch", "-m", "main", "trunk", at=pair.remote)
    (tmp_path / "alice.git").symlink_to(pair.remote)
    cleo = Home(tmp_path / "cleo")
    cleo.user.mkdir()
    joined = cleo("join", f"file://{tmp_path}/alice.git", "--json").json
    assert (joined["name"], joined["default"]) == ("alice", True)
    assert cleo.recalled("build server") == ["The build server is called Hector."]
    cleo.remember("Cleo has a cat.")
    assert cleo("sync", "--json").json["sent"] == 2
    assert "Cleo has a cat" in pair.git("log", "-p", "trunk", at=pair.remote)


def test_join_to_a_name_that_is_taken_is_refused(pair: Pair) -> None:
    pair.ann("join", str(pair.remote), "--persona", "bob", code=2)
    (pair.ann.folder / "vaults/eve").mkdir()
    (pair.ann.folder / "vaults/eve/mine.md").write_text("mine")
    pair.ann("join", str(pair.remote), "--persona", "eve", code=2)
    assert (pair.ann.folder / "vaults/eve/mine.md").read_text() == "mine"
    assert sorted(path.name for path in (pair.ann.folder / "vaults").iterdir()) == ["bob", "eve"]


def test_an_empty_remote_can_be_synced_with_and_not_joined(pair: Pair, tmp_path: Path) -> None:
    empty = tmp_path / "empty.git"
    pair.git("init", "--quiet", "--bare", str(empty))
    assert "is empty" in pair.ann("join", str(empty), code=1).err
    assert pair.ann("sync", str(empty), "--json").json["sent"] > 0
    assert pair.git("config", "remote.origin.url", at=pair.ann.vault).strip() == "../../../../remote.git"


def test_join_runs_no_filter_or_hook_that_comes_along(pair: Pair, tmp_path: Path) -> None:
    cleo = Home(tmp_path / "cleo")
    cleo.user.mkdir()
    (cleo.user / ".gitconfig").write_text(f'[filter "evil"]\n\tsmudge = touch {tmp_path}/evil; cat\n')
    pair.ann.write(".gitattributes", "*.md filter=evil\n")
    pair.ann("sync")
    cleo("join", str(pair.remote), "--persona", "bob")
    assert not (tmp_path / "evil").exists()
    assert not list((cleo.vault / ".git").glob("hooks/*"))


def test_a_link_of_ones_own_may_be_taken_out_elsewhere(pair: Pair) -> None:
    (pair.ann.vault / "plan").symlink_to("elsewhere")
    pair.git("add", "plan", at=pair.ann.vault)
    pair.git("-c", "user.name=Ann", "-c", "user.email=a@example.org", "commit", "-qm", "Link", at=pair.ann.vault)
    tree = pair.git("ls-tree", "main", at=pair.remote)
    pair.git("push", "--quiet", "origin", "main", at=pair.ann.vault)
    pair.push_tree(tree)
    pair.ann("sync")
    assert "plan" not in pair.git("ls-tree", "main", at=pair.ann.vault)


def test_what_takes_nothing_does_not_become_origin(pair: Pair, tmp_path: Path) -> None:
    pair.git("remote", "remove", "origin", at=pair.ann.vault)
    wrong = tmp_path / "worked-in"
    pair.git("init", "--quiet", "--initial-branch=main", str(wrong))
    assert "somebody works" in pair.ann("sync", str(wrong), code=1).err

    pair.ann("sync", str(pair.remote))

    assert pair.git("remote", "get-url", "origin", at=pair.ann.vault).strip() == str(pair.remote)


def test_a_repository_of_another_hash_is_not_called_offline(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.git"
    pair.git("init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha256", str(other))
    assert "by another hash" in pair.ann("sync", str(other), code=1).err


def test_a_chain_of_this_machine_that_others_changed_is_told(pair: Pair, tmp_path: Path) -> None:
    pair.git("clone", "--quiet", "--branch=main", str(pair.remote), str(tmp_path / "plain"))
    (lines,) = (tmp_path / "plain/audit").rglob("*.jsonl")
    lines.write_bytes(lines.read_bytes().replace(b'"shell"', b'"agent"'))
    pair.git("-c", "user.name=M", "-c", "user.email=m@x", "commit", "-qam", "x", at=tmp_path / "plain")
    pair.git("push", "--quiet", at=tmp_path / "plain")

    assert "which only this machine adds to" in pair.ann("sync").err
    assert "which only this machine adds to" not in pair.ben("sync").err
