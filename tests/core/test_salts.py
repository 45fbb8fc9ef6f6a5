"""The salts of an audit chain: read, looked up, taken out."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as some

from smos_cli.core.salts import Salt, Salts, without
from tests.samples import identity

ONE, TWO = Salt(identity(1), "1" * 32), Salt(identity(2), "2" * 32)
NOTE = Salt("a" * 32, "3" * 32, "notes/a b.md")


def test_a_salt_is_found_by_id_or_path() -> None:
    salts = Salts([ONE.line + TWO.line, NOTE.line])

    assert (salts.of(ONE.identity), salts.of(NOTE.identity)) == (ONE, NOTE)
    assert salts.token("notes/a b.md") == NOTE.identity
    assert (salts.of(identity(3)), salts.token("notes/b.md")) == (None, "")


def test_of_two_the_first_is_used_and_both_are_known() -> None:
    other = ONE._replace(secret="9" * 32)
    salts = Salts([other.line, ONE.line])

    assert salts.of(ONE.identity) == other
    assert list(salts.all_of(ONE.identity)) == [other, ONE]


def test_the_hash_is_keyed_by_the_salt() -> None:
    digest = "ab" * 32

    assert ONE.mac(digest) == hmac.new(b"\x11" * 16, digest.encode(), "sha256").hexdigest()
    assert ONE.mac(digest) != TWO.mac(digest)
    assert ONE.mac("") == ""


def test_lines_that_are_none_are_passed_over() -> None:
    salts = Salts([b"# comment\n\n\xff\xff\nid zz\nid " + b"z" * 32 + b"\n" + ONE.line + b"half"])

    assert list(salts.identities()) == [ONE.identity]


def test_taking_one_out_leaves_every_other_byte() -> None:
    data = b"# comment\r\n" + ONE.line + NOTE.line + TWO.line + b"half"

    assert without(data, {ONE.identity, NOTE.identity}) == b"# comment\r\n" + TWO.line + b"half"
    assert without(data, {identity(3)}) == data


@given(some.text(some.characters(exclude_characters="\0"), min_size=1))
def test_any_path_is_read_back(path: str) -> None:
    path = path.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")

    assert Salts([NOTE._replace(path=path).line]).token(path) == NOTE.identity
