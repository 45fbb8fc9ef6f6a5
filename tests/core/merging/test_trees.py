"""Two trees merged: what is one thing is merged, forgetting wins, and every version stays somewhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from smos_cli.core.episode import Turn
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.markdown import edit, parse
from smos_cli.core.memory import from_fields
from smos_cli.core.merging import Clash, Merged, Side, merge, virtual_base
from smos_cli.core.ulid import created, suffix
from tests.core.bob import Bob
from tests.samples import episode_file, identity, memory_file

PATH = f"memories/2025/11/the-cache-ttl-is-60-seconds-{suffix(identity(1))}.md"
BASE = memory_file(1, "The cache TTL is 60 seconds.", tags=("cache",), aliases=("ttl",))
TEN = BASE.replace(b"60", b"10")
THIRTY = BASE.replace(b"60", b"30")
TOMBSTONES = ".tombstones"
GONE = f"key ab\nforgotten {identity(1)} 00\n".encode()
ERASED = f"key ab\nerased {identity(1)}\n".encode()

Tree = Mapping[str, bytes]


def join(base: Tree, early: Tree, late: Tree, prefix: str = "") -> Merged:
    """Merge two sides, in both orders."""
    one, other = Side(early, 1, "a"), Side(late, 2, "b")
    merged = merge(base, one, other, prefix=prefix)
    assert merged == merge(base, other, one, prefix=prefix)
    return merged


def test_a_file_that_one_side_changed_is_as_it_left_it() -> None:
    assert join({PATH: BASE}, {PATH: TEN}, {PATH: BASE}) == Merged({PATH: TEN}, {}, ())


def test_a_memory_moved_here_and_edited_there_is_both() -> None:
    moved = "memories/ttl.md"
    assert join({PATH: BASE}, {moved: BASE}, {PATH: TEN}).files == {moved: TEN}
    assert join({PATH: BASE}, {PATH: TEN}, {moved: BASE}).files == {moved: TEN}


def test_a_memory_moved_to_two_places_is_where_the_late_side_has_it() -> None:
    assert join({PATH: BASE}, {"memories/a.md": TEN}, {"memories/b.md": BASE}).files == {"memories/b.md": TEN}


def test_a_clash_keeps_the_late_side_s_and_the_other_as_a_memory_that_contradicts_it() -> None:
    merged = join({PATH: BASE}, {PATH: THIRTY}, {PATH: TEN})
    (clash,) = merged.clashes
    assert clash._replace(copy="", copy_identity="") == Clash(PATH, identity(1), "", "", "body")
    copy = parse(merged.files[clash.copy])
    memory = from_fields(copy.fields, copy.body, clash.copy)
    assert merged.files[PATH] == TEN
    assert (memory.id, memory.text) == (clash.copy_identity, "The cache TTL is 30 seconds.")
    assert memory.conflicts == (PATH.rpartition("/")[2].removesuffix(".md"),)
    assert memory.created == created(identity(1))
    assert memory.aliases == ()
    assert clash.copy == f"memories/2025/11/the-cache-ttl-is-30-seconds-{suffix(memory.id)}.md"


def test_both_sides_of_a_clash_are_recalled_and_marked() -> None:
    merged = join({PATH: BASE}, {PATH: THIRTY}, {PATH: TEN})
    hits = Bob(merged.files).recall("cache TTL seconds").hits
    assert {hit.found.passage.text: list(hit.found.conflicts_with) for hit in hits} == {
        "The cache TTL is 10 seconds.": [merged.clashes[0].copy_identity],
        "The cache TTL is 30 seconds.": [identity(1)],
    }


def test_a_copy_links_to_a_file_that_was_renamed_by_the_id_it_has() -> None:
    named = {"memories/ttl.md": BASE}, {"memories/ttl.md": THIRTY}, {"memories/ttl.md": TEN}
    merged = join(*named)
    assert f"[[{suffix(identity(1))}]]".encode() in merged.files[merged.clashes[0].copy]


def test_a_clash_of_keys_keeps_the_other_version_too() -> None:
    merged = join({PATH: BASE}, {PATH: edit(BASE, {"project": "x"})}, {PATH: edit(BASE, {"project": "y"})})
    assert [clash.why for clash in merged.clashes] == ["project"]
    assert sorted(data.count(b"project: x") for data in merged.files.values()) == [0, 1]


def test_merging_twice_makes_one_copy() -> None:
    once = join({PATH: BASE}, {PATH: THIRTY}, {PATH: TEN})
    assert join({PATH: BASE}, once.files, {PATH: TEN}).files == once.files
    assert join({PATH: THIRTY}, once.files, {PATH: THIRTY}).files == once.files
    assert join({}, once.files, once.files).files == once.files


def test_a_copy_that_was_forgotten_does_not_come_back() -> None:
    once = join({PATH: BASE}, {PATH: THIRTY}, {PATH: TEN})
    stones = Forgotten().adding([f"forgotten {once.clashes[0].copy_identity}"], "ab").render().encode()
    late = {PATH: TEN, TOMBSTONES: stones}
    assert join({PATH: BASE}, {PATH: THIRTY}, late).files == late


def test_a_copy_that_was_made_before_is_not_made_over_what_became_of_it() -> None:
    copy = join({PATH: BASE}, {PATH: THIRTY}, {PATH: TEN}).clashes[0].copy
    merged = merge({PATH: BASE}, Side({PATH: THIRTY}, 1), Side({PATH: TEN}, 2), known={copy})
    assert merged.files == {PATH: TEN}


def test_forgetting_wins_over_an_edit_and_the_edit_is_put_away() -> None:
    merged = join({PATH: BASE}, {TOMBSTONES: GONE}, {PATH: TEN})
    assert merged == Merged({TOMBSTONES: GONE}, {PATH: TEN}, ())


def test_what_was_forgotten_is_not_put_away_once_more_where_nobody_changed_it() -> None:
    assert join({PATH: BASE}, {TOMBSTONES: GONE}, {PATH: BASE}) == Merged({TOMBSTONES: GONE}, {}, ())


def test_what_was_erased_is_gone_and_not_put_away() -> None:
    assert join({PATH: BASE}, {PATH: TEN}, {TOMBSTONES: ERASED}) == Merged({TOMBSTONES: ERASED}, {}, ())
    assert join({}, {PATH: TEN}, {TOMBSTONES: ERASED}) == Merged({TOMBSTONES: ERASED}, {}, ())


def test_a_plain_deletion_loses_against_an_edit_and_wins_over_nothing() -> None:
    assert join({PATH: BASE}, {}, {PATH: TEN}).files == {PATH: TEN}
    assert join({PATH: BASE}, {}, {PATH: BASE}) == Merged({}, {PATH: BASE}, ())


def test_what_one_side_restored_stays_restored() -> None:
    forgotten = {TOMBSTONES: GONE}
    assert join(forgotten, {PATH: BASE, TOMBSTONES: b"key ab\n"}, forgotten).files == {
        PATH: BASE,
        TOMBSTONES: b"key ab\n",
    }


def test_what_was_forgotten_before_and_put_back_by_hand_stays() -> None:
    forgotten = {TOMBSTONES: GONE}
    assert PATH in join(forgotten, {PATH: BASE, TOMBSTONES: GONE}, forgotten).files


def test_a_forgotten_memory_without_an_id_is_known_by_its_text() -> None:
    plain = b"The cache TTL is 60 seconds.\n"
    memory = from_fields({}, plain.decode())
    line = Forgotten("key ab\n").forgotten_line("", memory.digest, "ab")
    stones = f"key ab\n{line}\n".encode()
    merged = join({"memories/a.md": plain}, {TOMBSTONES: stones}, {"memories/a.md": plain + b"\nMore.\n"})
    assert merged == Merged({TOMBSTONES: stones}, {"memories/a.md": plain + b"\nMore.\n"}, ())


def test_a_file_that_both_sides_gave_an_id_keeps_one_of_them() -> None:
    plain = b"The cache TTL is 60 seconds.\n"
    early, late = edit(plain, {"id": identity(1)}), edit(plain, {"id": identity(2)})
    assert join({"memories/a.md": plain}, {"memories/a.md": early}, {"memories/a.md": late}).files == {
        "memories/a.md": late
    }


def test_a_file_that_was_given_an_id_here_and_edited_there_is_both() -> None:
    plain = b"The cache TTL is 60 seconds.\n"
    early, late = edit(plain, {"id": identity(1)}), plain.replace(b"60", b"10")
    merged = join({"memories/a.md": plain}, {"memories/a.md": early}, {"memories/a.md": late})
    assert merged.files == {"memories/a.md": early.replace(b"60", b"10")}


def test_files_with_one_id_in_one_tree_are_told_apart_by_their_paths() -> None:
    base = {"memories/a.md": BASE}
    early, late = {"memories/a.md": BASE, "memories/b.md": BASE}, {"memories/a.md": TEN}
    assert join(base, early, late).files == {"memories/a.md": TEN, "memories/b.md": BASE}


def test_a_version_that_cannot_be_changed_byte_by_byte_becomes_a_memory_all_the_same() -> None:
    base = BASE.replace(b"aliases: [ttl]", b"aliases: &a ttl\nmine: *a")
    assert base != BASE
    merged = join({PATH: base}, {PATH: base.replace(b"60", b"30")}, {PATH: base.replace(b"60", b"10")})
    fields = parse(merged.files[merged.clashes[0].copy]).fields
    assert (fields["mine"], "aliases" in fields) == ("ttl", False)


def test_a_note_with_an_id_of_ours_is_merged_as_a_memory() -> None:
    merged = join({"notes/a.md": BASE}, {"notes/a.md": THIRTY}, {"notes/a.md": TEN})
    assert merged.clashes[0].copy.startswith("notes/the-cache-ttl-is-30-seconds-")
    assert parse(merged.files[merged.clashes[0].copy]).fields["id"] == merged.clashes[0].copy_identity


def test_a_transcript_among_the_notes_is_merged_by_turns() -> None:
    base = episode_file(7, [Turn("Marta", "Hello.")], session="talk")
    early, late = base + b"\n## Bob ^t2\n\nMine.\n", base + b"\n## Bob ^t3\n\nYours.\n"
    merged = join({"notes/talk.md": base}, {"notes/talk.md": early}, {"notes/talk.md": late})
    assert merged.files["notes/talk.md"].count(b"\n## ") == 3
    assert not merged.clashes


def test_a_note_with_broken_frontmatter_is_merged_by_lines() -> None:
    base, early, late = b"---\na: [\n---\nb\n", b"---\na: [\n---\nx\n", b"---\nc: [\n---\nb\n"
    merged = join({"notes/a.md": base}, {"notes/a.md": early}, {"notes/a.md": late})
    assert merged.files == {"notes/a.md": b"---\nc: [\n---\nx\n"}


def test_an_episode_that_cannot_be_read_by_turns_is_kept_in_both_versions() -> None:
    path, base = "episodes/2025/11/talk.md", episode_file(7, [Turn("Marta", "Hello.")])
    twice = base + b"\n## Bob ^t1\n\nAgain.\n"
    merged = join({path: base}, {path: twice}, {path: base.replace(b"Hello", b"Hallo")})
    assert sorted(merged.files.values()) == sorted([twice, base.replace(b"Hello", b"Hallo")])


def test_two_things_that_want_one_path_both_find_a_place() -> None:
    early, late = memory_file(1, "One."), memory_file(2, "Two.")
    merged = join({}, {"memories/a.md": early}, {"memories/a.md": late})
    assert merged.files["memories/a.md"] == late
    assert sorted(merged.files.values()) == sorted([early, late])


def test_a_name_is_not_both_a_file_and_a_folder() -> None:
    merged = join({}, {"notes/a": b"x"}, {"notes/a/b.md": b"y"})
    assert sorted(merged.files) == ["notes/a.conflict-2d711642", "notes/a/b.md"]


def test_a_broken_file_against_a_good_one_is_kept_beside_it() -> None:
    broken = BASE.replace(b"[cache]", b"[cache")
    merged = join({PATH: BASE}, {PATH: TEN}, {PATH: broken})
    assert merged.files[PATH] == TEN
    assert merged.files[merged.clashes[0].copy] == broken
    assert ".conflict-" in merged.clashes[0].copy


@pytest.mark.parametrize("path", ["notes/plan.md", "PERSONA.md", "README.md", "notes/picture.png", ".smosignore"])
def test_any_other_file_that_clashes_gets_a_sibling(path: str) -> None:
    merged = join({path: b"a\n"}, {path: b"b\n"}, {path: b"c\n"})
    (clash,) = merged.clashes
    stem, dot, ending = path.rpartition(".")
    if not stem:
        stem, dot, ending = path, "", ""
    assert clash.copy == f"{stem}.conflict-02638299{dot}{ending}"
    assert merged.files == {path: b"c\n", clash.copy: b"b\n"}


def test_a_note_is_merged_line_by_line_and_anything_unknown_not_at_all() -> None:
    base, early, late = b"a\nb\n", b"a\nx\n", b"y\nb\n"
    assert join({"notes/a.md": base}, {"notes/a.md": early}, {"notes/a.md": late}).files == {"notes/a.md": b"y\nx\n"}
    assert len(join({"notes/a.json": base}, {"notes/a.json": early}, {"notes/a.json": late}).files) == 2


def test_a_chain_of_one_machine_in_two_homes_is_kept_as_two() -> None:
    path = "audit/m/2025-11.jsonl"
    assert join({path: b"1\n"}, {path: b"1\n2\n"}, {path: b"1\n2\n3\n"}).files == {path: b"1\n2\n3\n"}
    merged = join({path: b"1\n"}, {path: b"1\n2\n"}, {path: b"1\n3\n"})
    assert merged.files[path] == b"1\n2\n"
    assert merged.files[merged.clashes[0].copy] == b"1\n3\n"
    assert merged.clashes[0].copy.startswith("audit/m/fork-")


def test_salts_lose_what_was_erased() -> None:
    path, line = "audit/m/2025-11.salts", f"{identity(1)} 00\n".encode()
    merged = join({path: line}, {path: line + b"B 11\n"}, {path: b"", TOMBSTONES: ERASED})
    assert merged.files[path] == b"B 11\n"


def test_a_turn_with_a_new_number_is_masked_as_it_was_under_its_old_one() -> None:
    path = "episodes/2025/11/talk.md"
    base = episode_file(7, [Turn("Marta", "Hello.", "2025-11-25T08:38:00Z")])
    early, late = base + b"\n## 09:00 Bob ^t2\n\nMine.\n", base + b"\n## 10:00 Bob ^t2\n\nYours.\n"
    stones = f"key ab\nmasked {identity(7)}#t2\n".encode()
    merged = join({path: base}, {path: early, TOMBSTONES: stones}, {path: late})
    assert merged.files[TOMBSTONES] == stones + f"masked {identity(7)}#t3\n".encode()


def test_a_memory_from_a_turn_with_a_new_number_follows_it() -> None:
    path = f"episodes/2025/11/talk-{suffix(identity(7))}.md"
    base = episode_file(7, [Turn("Marta", "Hello.", "2025-11-25T08:38:00Z")])
    early, late = base + b"\n## 09:00 Bob ^t2\n\nMine.\n", base + b"\n## 10:00 Bob ^t2\n\nYours.\n"
    mine, yours = (memory_file(n, "A fact.", session=f"talk-{suffix(identity(7))}#^t2") for n in (1, 2))
    merged = join({path: base}, {path: early, "memories/a.md": mine}, {path: late, "memories/b.md": yours})
    assert b"^t3\n\nMine." in merged.files[path]
    assert merged.files["memories/a.md"] == mine.replace(b"#^t2", b"#^t3")
    assert merged.files["memories/b.md"] == yours


def test_the_other_turns_of_a_memory_follow_as_well() -> None:
    name = f"talk-{suffix(identity(7))}"
    path = f"episodes/2025/11/{name}.md"
    base = episode_file(7, [Turn("Marta", "Hello.", "2025-11-25T08:38:00Z")])
    early, late = base + b"\n## 09:00 Bob ^t2\n\nMine.\n", base + b"\n## 10:00 Bob ^t2\n\nYours.\n"
    mine = memory_file(1, "A fact.", session="other#^t2", sources=(f"{name}#^t1", f"{name}#^t2", "other#^t2"))
    merged = join({path: base}, {path: early, "memories/a.md": mine}, {path: late})
    assert merged.files["memories/a.md"] == mine.replace(f"{name}#^t2".encode(), f"{name}#^t3".encode())


def test_an_episode_s_keys_that_clash_put_the_other_version_away() -> None:
    path, base = "episodes/2025/11/talk.md", episode_file(7, [Turn("Marta", "Hello.")])
    early, late = edit(base, {"client": "a"}), edit(base, {"client": "b"})
    assert join({path: base}, {path: early}, {path: late}) == Merged(
        {path: late}, {path: early}, (Clash(path, identity(7), "", "", "client"),)
    )


def test_an_adopted_folder_has_its_own_files_below_smos() -> None:
    path, stones = "smos/memories/a.md", "smos/.tombstones"
    assert join({path: BASE}, {stones: GONE}, {path: TEN}, "smos/") == Merged({stones: GONE}, {path: TEN}, ())


def test_histories_without_a_common_base_are_joined() -> None:
    early = {PATH: BASE, "README.md": b"one\n", "memories/a.md": memory_file(2, "Two.")}
    late = {PATH: edit(BASE, {"tags": ["x"]}), "README.md": b"two\n"}
    merged = join({}, early, late)
    assert parse(merged.files[PATH]).fields["tags"] == ["x", "cache"]
    assert {"memories/a.md", "README.md"} < set(merged.files)
    assert sorted(merged.files.values()).count(b"one\n") == 1


def test_the_base_of_several_merge_bases_is_their_merge() -> None:
    one, other = Side({PATH: edit(BASE, {"tags": ["x"]})}, 1, "a"), Side({PATH: TEN}, 2, "b")
    assert virtual_base({PATH: BASE}, [other, one]) == merge({PATH: BASE}, one, other).files


def test_how_a_clash_of_merge_bases_was_settled_is_taken_for_no_change_where_the_sides_differ_in_it() -> None:
    bases = [Side({PATH: THIRTY}, 1, "a"), Side({PATH: TEN}, 2, "b")]
    settled = merge({PATH: BASE}, *bases).files
    base = virtual_base({PATH: BASE}, bases)
    assert join(base, {PATH: THIRTY}, settled).files == settled
    later = {**settled, PATH: TEN.replace(b"10", b"20")}
    assert join(base, later, settled) == Merged(later, {}, ())
