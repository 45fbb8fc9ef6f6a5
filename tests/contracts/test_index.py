"""What every index answers: ``DuckIndex`` and ``FakeIndex``, whose session is also what recall falls back to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smos_cli.core.passages import Passage
from smos_cli.core.ports import Counts, Entry, Index, IndexSession, Stamp
from smos_cli.core.ranking import Moments, Weights
from smos_cli.core.selection import Selection
from smos_cli.core.spans import day_number
from smos_cli.errors import SmosError
from tests.contracts.indexes import MAKERS, TURNS, ask, found, name, paths, put, scores, stock
from tests.samples import entry, episode_file, link, memory_entry


@pytest.fixture(params=MAKERS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    return MAKERS[request.param](tmp_path)


@pytest.fixture(params=MAKERS, scope="module")
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexSession]:
    """An open index that holds ``stock``; only for reading."""
    index = MAKERS[request.param](tmp_path_factory.mktemp("index"))
    put(index, stock())
    with index.session() as session:
        yield session


class TestWriting:
    def test_a_new_index_is_empty(self, index: Index) -> None:
        with index.session() as session:
            assert session.fingerprint() == ""
            assert list(session.stored()) == []
            assert list(session.memories(ask("").selection)) == []
            assert session.counts() == Counts(0, 0, 0, 0, 0, 0, 0, 0)

    def test_an_empty_index_has_no_answers(self, index: Index) -> None:
        with index.session() as session:
            signals = session.score(ask("anything"))

        assert (list(signals.candidates), signals.passages, signals.terms) == ([], 0, 1)
        assert signals.bm25 == signals.cosine == Moments(0.0, 0.0)

    def test_what_was_written_is_there_in_the_next_session(self, index: Index) -> None:
        put(index, stock(), fingerprint="one")

        with index.session() as session:
            assert session.fingerprint() == "one"
            assert [(item.stamp, item.digest, item.problem) for item in session.stored()] == [
                (item.stamp, item.digest, item.problem) for item in sorted(stock(), key=lambda item: item.stamp.path)
            ]

    def test_files_are_stored_by_path_in_the_order_of_a_scan(self, index: Index) -> None:
        names = ["a.md", "a/b.md", "a-b.md", "Z.md", "é.md", "\U0001f600.md", "\ufb01.md", "キ.md"]
        put(index, [entry(path, b"x") for path in names])

        with index.session() as session:
            assert [item.stamp.path for item in session.stored()] == sorted(names)

    def test_a_file_of_the_same_path_takes_the_place_of_the_one_before(self, index: Index) -> None:
        put(index, [memory_entry(1, "The old text", "memories/a.md"), memory_entry(2, "Another")])
        put(index, [memory_entry(3, "The new words", "memories/a.md")])

        with index.session() as session:
            assert [memory.id for memory in session.memories(ask("").selection)] == [name(3), name(2)]
            assert {item.passage.text for item in found(session)} == {"The new words", "Another"}
            assert not any(scores(session, "old text").values())

    def test_removed_files_are_gone_and_others_stay(self, index: Index) -> None:
        put(index, stock())
        put(index, [], ["memories/m0.md", "never/was.md"])

        with index.session() as session:
            assert "memories/m0.md" not in [item.stamp.path for item in session.stored()]
            assert len(list(session.stored())) == len(stock()) - 1
            assert not any(scores(session, "Frankfurt").values())

    def test_removing_and_writing_a_path_at_once_writes_it(self, index: Index) -> None:
        put(index, [memory_entry(1, "Before", "memories/a.md")])
        put(index, [memory_entry(1, "After", "memories/a.md")], ["memories/a.md"])

        with index.session() as session:
            assert [memory.text for memory in session.memories(ask("").selection)] == ["After"]

    def test_an_index_can_be_emptied_and_filled_again(self, index: Index) -> None:
        put(index, stock())
        put(index, [], [item.stamp.path for item in stock()], "empty")
        with index.session() as session:
            assert (list(session.stored()), session.counts().passages) == ([], 0)
        put(index, stock())

        with index.session() as session:
            assert len(list(session.stored())) == len(stock())

    def test_a_session_sees_what_it_wrote(self, index: Index) -> None:
        with index.session(write=True) as session:
            session.write([memory_entry(1, "One")], (), "one")
            assert found(session, "One")[0].memory.id == name(1)
            session.write([memory_entry(2, "Two")], (), "two")
            assert {item.memory.id for item in found(session, "One")} == {name(1), name(2)}
            assert session.fingerprint() == "two"

    def test_every_field_of_a_memory_comes_back(self, index: Index) -> None:
        written = memory_entry(
            1,
            "Prices in € [10%] don't hold\n\n> so it was said",
            kind="decision",
            status="accepted",
            confidence=0.123456789,
            created="2025-01-02T03:04:05Z",
            updated="2025-02-03",
            valid_from="2025",
            valid_to="2026-12",
            tags=("a/b", "ümlaut", "x-1"),
            pinned=True,
            via="chat",
            session="2025-talk-x2c5n6pd#^t12",
            speaker="Zoë “Z” O'Hara",
            model="m:1",
            project="one, two",
            ref="D1:1",
            file="a,b.jsonl",
            sources=("2025-talk-x2c5n6pd#^t13", "another#^t1"),
            aliases=("An alias, with commas", "[x]", "日本"),
        )
        put(index, [written])

        with index.session() as session:
            (listed,) = session.memories(ask("").selection)
            (passage,) = found(session)
        assert passage.memory == written.memory == listed

    @pytest.mark.parametrize(
        "text", ["a\x1fb", "a\x1eb", "a\x1db\x1cc", "tab\tand\vmore\f", "\u2028\u2029\ufeff", "x\ufffd"]
    )
    def test_no_character_of_a_text_is_taken_for_a_separator(self, index: Index, text: str) -> None:
        written = Entry(
            Stamp(f"notes/{text}.md", 1, 2, 3, 4),
            "digest",
            "episode",
            None,
            [Passage(text, text, text, "t1", ""), Passage(f"{text} again", "", text, "t2", "")],
        )
        put(index, [written, memory_entry(1, "Another", aliases=("1", "2"), speaker=f"x{text}!")])

        with index.session() as session:
            assert [item.stamp.path for item in session.stored()] == ["memories/m1.md", f"notes/{text}.md"]
            by_path = {memory.path: memory for memory in session.memories(ask("").selection)}
            assert by_path["memories/m1.md"].aliases == ("1", "2")
            assert by_path["memories/m1.md"].speaker == f"x{text}!"
            assert [item.passage for item in found(session) if item.role == "episode"] == list(written.passages)


class TestRemarks:
    def test_a_remark_is_kept_until_it_is_set_again(self, index: Index) -> None:
        with index.session(write=True) as session:
            assert session.note("masks") == ""
            assert session.note("masks", "a,b") == "a,b"
            assert session.note("anything else", "x") == "x"
        with index.session(write=True) as session:
            assert (session.note("masks"), session.note("anything else")) == ("a,b", "x")
            assert session.note("masks", "") == ""

    def test_a_fingerprint_is_the_last_one_written(self, index: Index) -> None:
        put(index, stock(), fingerprint="one")
        put(index, [], fingerprint="")

        with index.session() as session:
            assert session.fingerprint() == ""


class TestOrder:
    def test_memories_are_newest_first(self, session: IndexSession) -> None:
        listed = session.memories(ask("", everything=True).selection)

        assert [memory.created for memory in listed] == sorted((memory.created for memory in listed), reverse=True)

    def test_those_of_one_time_are_ordered_by_id_and_those_without_by_path(self, index: Index) -> None:
        same = {"created": "2025-01-01"}
        put(
            index,
            [
                memory_entry(1, "One", "memories/b.md", **same),
                memory_entry(2, "Two", "memories/a.md", **same),
                entry("notes/z.md", b"z"),
                entry("notes/Z.md", b"Z"),
                entry("notes/\U0001f600.md", b"s"),
                entry("notes/\ufb01.md", b"f"),
            ],
        )

        with index.session() as session:
            assert paths(session) == [
                "memories/a.md",
                "memories/b.md",
                "notes/Z.md",
                "notes/z.md",
                "notes/\ufb01.md",
                "notes/\U0001f600.md",
            ]

    def test_a_limit_keeps_the_first(self, session: IndexSession) -> None:
        assert paths(session, limit=3) == paths(session)[:3]
        assert paths(session, limit=10_000) == paths(session)


class TestSelection:
    def test_by_default_what_is_accepted_and_not_superseded_is_there(self, session: IndexSession) -> None:
        assert sorted(paths(session)) == [
            "episodes/e.md",
            "memories/2025/11/rate-limits.md",
            "memories/dropped in.md",
            "memories/m0.md",
            "memories/m1.md",
            "memories/m2.md",
            "memories/m4.md",
            "memories/m5.md",
            "memories/m7.md",
            "notes/garden.md",
            "notes/tagged.md",
        ]

    def test_everything_is_all_but_what_is_broken_or_our_own(self, session: IndexSession) -> None:
        assert set(paths(session, everything=True)) - set(paths(session)) == {
            "memories/m3.md",
            "memories/m6.md",
            "memories/m8.md",
        }

    @pytest.mark.parametrize(
        ("selected", "expected"),
        [
            ({"kinds": ("preference",)}, ["m2"]),
            ({"kinds": ("preference", "decision")}, ["m2", "m1"]),
            ({"kinds": ("event",)}, []),
            ({"tags": ("infra",)}, ["m0", "notes/tagged"]),
            ({"tags": ("infra", "cluster")}, ["m0"]),
            ({"tags": ("Infra",)}, []),
            ({"tags": ("infra",), "everything": True}, ["m8", "m3", "m0", "notes/tagged"]),
            ({"statuses": ("pending",)}, ["m6"]),
            ({"statuses": ("archived", "pending")}, ["m8", "m6"]),
            ({"statuses": ("accepted",), "tags": ("deploy",)}, ["m4", "m3"]),
            ({"statuses": ("pending",), "everything": True}, ["m6"]),
            ({"after": "2025-11-25", "before": "2025-11-26"}, ["m7"]),
            ({"after": "2025-11-22", "before": "2025-11-23T12:00:00Z"}, ["m4"]),
            ({"after": "2025-11-23T12:00:00Z", "before": "2025-11-24"}, ["m5"]),
            ({"before": "2025-11-19"}, ["m0"]),
            ({"after": "2026"}, []),
            ({"memories_only": True, "kinds": ("note", "episode")}, []),
            ({"kinds": ("episode",)}, ["episodes/e"]),
            ({"kinds": ("fact",), "tags": ("deploy",), "after": "2025-11-22", "limit": 1}, ["m4"]),
        ],
    )
    def test_all_that_is_set_must_hold(
        self, session: IndexSession, selected: dict[str, object], expected: list[str]
    ) -> None:
        listed = [path.removeprefix("memories/").removesuffix(".md") for path in paths(session, **selected)]

        assert listed == expected

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (name(2), ["memories/m2.md"]),
            (name(2).lower(), ["memories/m2.md"]),
            (name(2)[:10], ["memories/m2.md"]),
            (name(2)[-8:].lower(), ["memories/m2.md"]),
            (name(2)[5:20], []),
            ("memories/m2.md", ["memories/m2.md"]),
            ("memories/m2", ["memories/m2.md"]),
            ("m2.md", ["memories/m2.md"]),
            ("m2", ["memories/m2.md"]),
            ("M2", []),
            ("2", []),
            (name(2)[-3:], []),
            (name(2)[-4:], ["memories/m2.md"]),
            ("rate-limits", ["memories/2025/11/rate-limits.md"]),
            ("11/rate-limits", ["memories/2025/11/rate-limits.md"]),
            ("limits", []),
            ("dropped in", ["memories/dropped in.md"]),
            ("TTL", ["memories/m1.md"]),
            ("Cache TTL", ["memories/m1.md"]),
            ("cache ttl", []),
            ("garden", ["notes/garden.md"]),
            ("m%", []),
            ("m_", []),
            ("'; DROP TABLE files; --", []),
            ("broken", []),
            ("PERSONA", []),
        ],
    )
    def test_a_key_is_an_id_its_beginning_or_end_a_path_a_file_name_or_an_alias(
        self, session: IndexSession, key: str, expected: list[str]
    ) -> None:
        assert paths(session, key=key, everything=True) == expected

    def test_a_key_that_many_begin_with_finds_them_all(self, session: IndexSession) -> None:
        assert len(paths(session, key="01K", everything=True)) == 11

    def test_a_digest_finds_the_memory_of_that_text_whatever_its_length(self, index: Index) -> None:
        long = memory_entry(2, "A sentence of a very long memory. " * 400)
        put(index, [memory_entry(1, "Short"), long, entry("notes/n.md", b"Short\n")])
        assert long.memory

        with index.session() as session:
            assert paths(session, digest=long.memory.digest) == [long.stamp.path]
            (listed,) = session.memories(Selection(digest=long.memory.digest))
            assert listed.body != long.memory.body
            assert listed.digest == long.memory.digest
            assert paths(session, digest="0" * 32) == []

    def test_time_is_when_a_thing_was_said(self, session: IndexSession) -> None:
        said = [item.passage.turn for item in found(session, "", after="2025-12-21") if item.role == "episode"]

        assert said == ["t3"]

    def test_what_has_no_time_is_before_nothing_and_after_nothing(self, session: IndexSession) -> None:
        assert "notes/garden.md" not in paths(session, before="9999")
        assert "notes/garden.md" not in paths(session, after="0001")


class TestBodies:
    def test_of_what_is_listed_the_first_passage_is_the_body(self, session: IndexSession) -> None:
        bodies = {memory.path: memory.body for memory in session.memories(ask("", everything=True).selection)}

        assert bodies["memories/2025/11/rate-limits.md"] == "# Rate limits\n\nThe upstream limit is 100 a second."
        assert bodies["episodes/e.md"] == TURNS[0].text
        assert bodies["notes/garden.md"] == "# Roses\n\nPrune in March."

    def test_of_what_is_found_the_passage_is_the_body(self, session: IndexSession) -> None:
        assert all(item.memory.body == item.passage.text for item in found(session, everything=True))


class TestLinks:
    def test_both_sides_of_a_conflict_name_the_other(self, session: IndexSession) -> None:
        by_id = {item.memory.id: item for item in found(session, everything=True)}

        assert list(by_id[name(7)].conflicts_with) == [name(1)]
        assert list(by_id[name(1)].conflicts_with) == [name(7)]
        assert list(by_id[name(2)].conflicts_with) == []

    def test_what_is_superseded_names_the_newer_one(self, session: IndexSession) -> None:
        by_id = {item.memory.id: item for item in found(session, everything=True)}

        assert list(by_id[name(3)].superseded_by) == [name(4)]
        assert list(by_id[name(4)].superseded_by) == []

    def test_a_link_counts_only_while_its_memory_is_accepted(self, session: IndexSession) -> None:
        by_id = {item.memory.id: item for item in found(session, everything=True)}

        assert list(by_id[name(5)].superseded_by) == []

    def test_what_was_superseded_is_back_when_the_newer_one_is_gone(self, index: Index) -> None:
        put(index, stock())
        put(index, [], ["memories/m4.md"])

        with index.session() as session:
            assert "memories/m3.md" in paths(session)

    @pytest.mark.parametrize(
        "target", [name(1), name(1).lower(), "other-words-" + link(1)[-8:], link(1)[-8:], link(1) + ".md"]
    )
    def test_a_link_holds_by_the_end_of_the_id_whatever_the_file_is_called(self, index: Index, target: str) -> None:
        put(index, [memory_entry(1, "Old", "memories/renamed.md"), memory_entry(2, "New", supersedes=(target,))])

        with index.session() as session:
            assert paths(session) == ["memories/m2.md"]

    def test_a_memory_without_an_id_takes_part_under_its_path(self, index: Index) -> None:
        dropped = entry("memories/mine.md", f'---\nconflicts: ["[[{link(1)}]]"]\n---\nMine\n'.encode())
        newer = entry("memories/new.md", f'---\nsupersedes: "[[{link(2)}]]"\n---\nNewer\n'.encode())
        put(index, [memory_entry(1, "One"), memory_entry(2, "Two"), dropped, newer])

        with index.session() as session:
            by_path = {item.memory.path: item for item in found(session, everything=True)}
        assert list(by_path["memories/mine.md"].conflicts_with) == [name(1)]
        assert list(by_path["memories/m1.md"].conflicts_with) == ["memories/mine.md"]
        assert list(by_path["memories/m2.md"].superseded_by) == ["memories/new.md"]

    def test_a_link_to_nothing_links_nothing(self, index: Index) -> None:
        empty = entry("memories/e.md", b'---\nconflicts: ["", "[[#^t1]]"]\nsupersedes: ["[[ ]]"]\n---\nE\n')
        put(index, [empty, entry("notes/n.md", b"N"), memory_entry(1, "One")])

        with index.session() as session:
            assert all(not item.conflicts_with and not item.superseded_by for item in found(session, everything=True))
            assert len(paths(session)) == 3

    def test_a_memory_does_not_supersede_or_contradict_itself(self, index: Index) -> None:
        put(index, [memory_entry(1, "One", supersedes=(link(1),), conflicts=(link(1),))])

        with index.session() as session:
            (item,) = found(session)
        assert (list(item.superseded_by), list(item.conflicts_with)) == ([], [])


class TestPassages:
    def test_they_come_in_the_order_asked_for(self, session: IndexSession) -> None:
        numbers = [candidate.passage for candidate in session.score(ask("cache")).candidates]

        assert [item.number for item in session.passages(numbers[::-1])] == numbers[::-1]
        assert list(session.passages([])) == []

    def test_a_turn_comes_with_who_said_it_when_and_its_source(self, session: IndexSession) -> None:
        turns = [item for item in found(session) if item.role == "episode"]

        assert [item.passage for item in turns] == [
            Passage(TURNS[0].text, "D1:1", "Marta", "t1", "2025-12-20T08:38:00Z"),
            Passage(TURNS[1].text, "", "Bob", "t2", "2025-12-20T08:39:30Z"),
            Passage(TURNS[2].text, "", "Marta", "t3", "2025-12-21T09:00:00Z"),
        ]
        assert [(item.ordinal, item.memory.id, item.memory.session) for item in turns] == [
            (place, name(20), "s-1") for place in range(3)
        ]

    def test_a_note_has_its_sections_in_their_order(self, session: IndexSession) -> None:
        sections = [item for item in found(session) if item.memory.path == "notes/garden.md"]

        assert [(item.ordinal, item.passage.text, item.role) for item in sections] == [
            (0, "# Roses\n\nPrune in March.", "note"),
            (1, "# Tomatoes\n\nWater daily.", "note"),
        ]

    def test_a_masked_turn_is_not_there(self, index: Index) -> None:
        put(index, [entry("episodes/e.md", episode_file(20, TURNS), masks={f"{name(20)}#t2"})])

        with index.session() as session:
            assert [item.passage.turn for item in found(session)] == ["t1", "t3"]

    def test_turns_know_the_scores_of_those_beside_them_and_nothing_else_does(self, session: IndexSession) -> None:
        signals = session.score(ask("ten seconds cache"))
        passages = session.passages([candidate.passage for candidate in signals.candidates])
        by_turn = {p.passage.turn: c for p, c in zip(passages, signals.candidates, strict=True)}

        first, second, third = (by_turn[turn] for turn in ("t1", "t2", "t3"))
        assert first[3:7] == (None, second.sight, None, third.sight)
        assert second[3:7] == (first.sight, third.sight, None, None)
        assert third[3:7] == (second.sight, None, first.sight, None)
        assert first.best == second.best == max(first.sight, second.sight, third.sight)
        assert all(
            c[3:7] == (None,) * 4 for p, c in zip(passages, signals.candidates, strict=True) if not p.passage.turn
        )

    def test_a_neighbour_that_may_not_answer_lends_no_score(self, session: IndexSession) -> None:
        signals = session.score(ask("ten seconds", kinds=("episode",), before="2025-12-20T08:39:00Z"))

        assert [candidate[3:7] for candidate in signals.candidates] == [(None,) * 4]

    def test_what_is_known_of_a_passage_is_told(self, session: IndexSession) -> None:
        day = day_number("2025-12-20")
        assert day is not None
        asked = ask("what did Marta say of the TTL")._replace(
            identifiers=["ttl"], interval=(day, day + 1, False), today=day
        )

        told = {
            (p.memory.path, p.passage.turn): c.facts
            for c in session.score(asked).candidates
            for p in session.passages([c.passage])
        }

        said = told["episodes/e.md", "t1"]
        assert (said.speaker, said.identifiers, said.time, said.recency, said.lapsed) == (1.0, 0.0, 1.0, 1.0, 0.0)
        assert told["episodes/e.md", "t2"].speaker == 0.0
        assert told["episodes/e.md", "t3"].time == pytest.approx(2 / 3)
        tea = told["memories/m2.md", ""]
        assert (tea.speaker, tea.confidence) == (1.0, 0.25)
        assert told["memories/m7.md", ""].identifiers == 1.0

    def test_the_best_by_the_weights_of_the_question_are_proposed(self, session: IndexSession) -> None:
        everything = Weights()._replace(bm25=0.0, cosine=0.0, confidence=-20.0)

        (best,) = session.score(ask("cache")._replace(depth=1, weights=everything)).candidates

        assert session.passages([best.passage])[0].memory.path == "memories/m2.md"

    def test_what_has_lapsed_is_said_to(self, index: Index) -> None:
        put(index, [memory_entry(1, "The old office", valid_to="2024-05"), memory_entry(2, "The new office")])

        with index.session() as session:
            signals = session.score(ask("office")._replace(today=day_number("2025-01-01")))
            lapsed = {p.memory.id: c.facts.lapsed for c in signals.candidates for p in session.passages([c.passage])}

        assert lapsed == {name(1): 1.0, name(2): 0.0}


class TestCounts:
    def test_everything_is_counted_once(self, session: IndexSession) -> None:
        assert session.counts() == Counts(
            memories=11, pending=1, archived=1, episodes=1, turns=3, notes=2, passages=17, problems=1
        )


class TestWholeIndex:
    def test_a_rebuild_holds_only_what_was_put_into_it(self, index: Index) -> None:
        put(index, stock())
        with index.rebuild() as made:
            assert (made.fingerprint(), list(made.stored())) == ("", [])
            made.write([memory_entry(1, "Alone")], (), "new")

        with index.session() as session:
            assert (session.fingerprint(), paths(session)) == ("new", ["memories/m1.md"])

    def test_a_rebuild_that_fails_leaves_the_index_as_it_was(self, index: Index) -> None:
        put(index, stock(), fingerprint="before")
        with pytest.raises(SmosError), index.rebuild() as made:
            made.write([memory_entry(1, "Alone")], (), "new")
            raise SmosError("No.")

        with index.session() as session:
            assert (session.fingerprint(), len(list(session.stored()))) == ("before", len(stock()))

    def test_an_error_in_a_session_keeps_what_was_written_before_it(self, index: Index) -> None:
        with pytest.raises(SmosError), index.session(write=True) as session:
            session.write(stock(), (), "one")
            raise SmosError("No.")

        with index.session() as session:
            assert session.fingerprint() == "one"

    def test_answers_are_those_of_the_rebuilt_index(self, index: Index) -> None:
        put(index, stock()[::-1])
        put(index, stock()[3:7])
        with index.session() as session:
            before = scores(session, "cache seconds limit")
        with index.rebuild() as made:
            made.write(stock(), (), "print")

        with index.session() as session:
            assert scores(session, "cache seconds limit") == pytest.approx(before)

    def test_a_dropped_index_is_empty(self, index: Index) -> None:
        put(index, stock())
        index.drop()
        index.drop()

        with index.session() as session:
            assert (session.fingerprint(), list(session.stored())) == ("", [])

    def test_it_says_where_it_is_and_which_model_it_uses(self, index: Index) -> None:
        described = index.describe()

        assert {"path", "bytes", "model"} <= set(described)
