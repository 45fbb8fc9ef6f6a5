"""A certificate holds as long as nobody changed it, its line, or what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from smos_cli.core import chain
from smos_cli.core.certificate import Checked, check
from smos_cli.core.erasable import to_erase
from smos_cli.core.erase import Tools, erase
from smos_cli.errors import FormatError
from tests.core.bob import Bob
from tests.fake_purge import FakePurge, FakeRemains
from tests.fakes import FakeMachine
from tests.samples import identity, memory_file

TTL = "The cache TTL is 10 seconds."


@pytest.fixture
def bob() -> Bob:
    return Bob({"memories/ttl.md": memory_file(1, TTL)}, actor="marta")


@pytest.fixture
def fields(bob: Bob) -> dict[str, Any]:
    """The certificate of an erasure."""
    purge = FakePurge(**{"memories/ttl.md": memory_file(1, TTL)})
    done = erase(bob.ports, Tools(purge, FakeRemains(bob.vault, purge)), to_erase(bob.ports, purge, [identity(1)]))
    assert done.certificate
    return dict(done.certificate)


def checked(bob: Bob, fields: object, purge: FakePurge | None = None) -> Checked:
    return check(bob.ports, purge or FakePurge(), json.dumps(fields).encode())


def test_it_names_what_was_done_and_no_word_of_it(bob: Bob, fields: dict[str, Any]) -> None:
    assert fields["ids"] == [identity(1)]
    assert (fields["actor"], fields["machine"]) == ("marta", bob.ports.machine.name())
    assert (fields["commits_rewritten"], fields["texts_searched"]) == (1, 2)
    assert fields["verified"] == ["vault", "trash", "index", "home"]
    assert "TTL" not in json.dumps(fields)
    assert "ttl" not in json.dumps(fields)


def test_it_is_genuine_also_inside_of_what_the_command_printed(bob: Bob, fields: dict[str, Any]) -> None:
    assert checked(bob, fields).problems == ()
    assert checked(bob, {"schema": 1, "erased": [], "certificate": fields}).problems == ()


def test_a_later_change_of_the_vault_does_not_harm_it(bob: Bob, fields: dict[str, Any]) -> None:
    bob.remember("Tea is at four.")

    assert checked(bob, fields).problems == ()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("texts_searched", 99, "it was changed"),
        ("also_in", ["x"], "it was changed"),
        ("note", "more", "it was changed"),
        ("hash", "00", "it was changed"),
        ("signature", "00" * 64, "Its signature is not of this key."),
        ("signature", "no hex", "can't be read"),
    ],
)
def test_what_was_changed_in_it_is_seen(bob: Bob, fields: dict[str, Any], name: str, value: object, said: str) -> None:
    (problem,) = checked(bob, {**fields, name: value}).problems

    assert said in problem


def test_a_key_of_another_machine_is_seen_also_where_all_else_fits(bob: Bob, fields: dict[str, Any]) -> None:
    other = FakeMachine(2)
    forged = {**fields, "key": other.public_key().hex()}
    body = {key: value for key, value in forged.items() if key not in ("hash", "signature")}
    digest = chain.digest_of(chain.canonical(body))
    forged |= {"hash": digest, "signature": other.sign(b"smos erasure certificate\n" + digest.encode()).hex()}

    assert checked(bob, forged).problems == ("Its key is not that of the machine that it names.",)


def _back(bob: Bob) -> None:
    bob.vault.write("notes/back.md", memory_file(1, TTL))


def _back_in_the_trash(bob: Bob) -> None:
    bob.vault.write(".trash/back.md", memory_file(1, TTL))


def _without_tombstones(bob: Bob) -> None:
    bob.vault.delete(".tombstones")


def _of_the_chain(old: bytes, new: bytes) -> Callable[[Bob], None]:
    def change(bob: Bob) -> None:
        for path in [path for path in bob.vault.files if path.endswith(".jsonl")]:
            bob.vault.write(path, bob.vault.files[path].replace(old, new))

    return change


def _without_the_chain(bob: Bob) -> None:
    for path in [path for path in bob.vault.files if path.startswith("audit/")]:
        bob.vault.delete(path)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_back, f"notes/back.md is of {identity(1)}."),
        (_back_in_the_trash, f".trash/back.md is of {identity(1)}."),
        (_without_tombstones, f"The tombstones lack {identity(1)}."),
        (_of_the_chain(b'"actor":"marta"', b'"actor":"ann"'), "The audit chain lacks the line of the erasure."),
        (_without_the_chain, "The vault has no audit chain of the machine that it names."),
    ],
)
def test_what_is_not_so_any_more_is_seen(
    bob: Bob, fields: dict[str, Any], harm: Callable[[Bob], None], said: str
) -> None:
    harm(bob)

    assert checked(bob, fields).problems == (said,)


def test_a_history_that_has_it_again_is_seen(bob: Bob, fields: dict[str, Any]) -> None:
    purge = FakePurge(**{"memories/ttl.md": memory_file(1, TTL)})

    assert checked(bob, fields, purge).problems == ("The history holds something of it.",)


def test_the_line_must_be_one_of_this_erasure(bob: Bob, fields: dict[str, Any]) -> None:
    bob.remember("Tea is at four.")
    (path,) = [path for path in bob.vault.files if path.endswith(".jsonl")]
    lines = bob.vault.files[path].splitlines()
    audit = {"n": len(lines), "line": chain.digest_of(lines[-1])}
    body = {**{key: value for key, value in fields.items() if key not in ("hash", "signature")}, "audit": audit}
    digest = chain.digest_of(chain.canonical(body))
    signature = bob.ports.machine.sign(b"smos erasure certificate\n" + digest.encode()).hex()

    problems = checked(bob, {**body, "hash": digest, "signature": signature}).problems

    assert problems == ("The line of the audit chain that it names tells of something else.",)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff", b'{"type": "erasure"}', b'{"type": "erasure", "schema": 2}', b"[" * 100_000]
)
def test_what_is_no_certificate_is_an_error(bob: Bob, data: bytes) -> None:
    with pytest.raises(FormatError):
        check(bob.ports, FakePurge(), data)


@pytest.mark.parametrize("name", ["ids", "turns", "key", "audit", "texts_searched"])
def test_a_field_that_is_not_as_it_should_be_is_an_error(bob: Bob, fields: dict[str, Any], name: str) -> None:
    with pytest.raises(FormatError):
        checked(bob, {**fields, name: None})
