"""The tombstones: what was forgotten stays out, and the file never says what it is about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.forgotten import Forgotten, mask, masked_of
from smos_cli.core.memory import content_hash

ONE, TWO = "01KB8F3K2M7Q0ZT4V9X2C5N6PD", "01KB8F3K2M7Q0ZT4V9X2C5N6PE"
KEY, OTHER_KEY = "00" * 16, "ff" * 16
TTL, TEA = content_hash("The TTL is 10 s"), content_hash("Marta likes tea")


def forgetting(*pairs: tuple[str, str], before: Forgotten | None = None, key: str = KEY) -> Forgotten:
    before = before or Forgotten()
    return before.adding([before.forgotten_line(identity, digest, key) for identity, digest in pairs], key)


class TestForgetting:
    def test_a_forgotten_memory_is_known_by_id_and_by_text(self) -> None:
        forgotten = forgetting((ONE, TTL))

        assert forgotten.ids == {ONE}
        assert forgotten.knows(TTL)
        assert not forgotten.knows(TEA)

    def test_the_file_tells_neither_the_text_nor_its_plain_hash(self) -> None:
        text = forgetting((ONE, TTL)).render()

        assert "TTL" not in text
        assert TTL not in text

    def test_it_is_the_same_after_it_was_written_and_read(self) -> None:
        forgotten = Forgotten(forgetting((ONE, TTL), (TWO, TEA)).render())

        assert forgotten.ids == {ONE, TWO}
        assert forgotten.knows(TTL)
        assert forgotten.knows(TEA)

    def test_the_first_key_stays(self) -> None:
        forgotten = forgetting((TWO, TEA), before=forgetting((ONE, TTL)), key=OTHER_KEY)

        assert forgotten.knows(TTL)
        assert forgotten.knows(TEA)
        assert OTHER_KEY not in forgotten.render()

    def test_the_same_line_is_not_added_twice(self) -> None:
        once = forgetting((ONE, TTL))

        assert forgetting((ONE, TTL), before=once).render() == once.render()

    def test_a_memory_without_an_id_is_known_by_its_text(self) -> None:
        forgotten = forgetting(("", TTL))

        assert forgotten.knows(TTL)
        assert "" not in forgotten.ids


class TestRestoring:
    def test_what_is_restored_is_known_no_more_and_others_are(self) -> None:
        forgotten = forgetting((ONE, TTL), (TWO, TEA)).without(ONE, TTL)

        assert forgotten.ids == {TWO}
        assert not forgotten.knows(TTL)
        assert forgotten.knows(TEA)

    def test_a_text_that_is_wanted_again_is_wanted_whatever_its_id(self) -> None:
        forgotten = forgetting((ONE, TTL)).without(TWO, TTL)

        assert not forgotten.knows(TTL)

    def test_an_erased_id_stays_out(self) -> None:
        forgotten = Forgotten().adding([f"erased {ONE}"], KEY)

        assert forgotten.ids == {ONE}
        assert forgotten.without(ONE, TTL).ids == frozenset()


class TestMasks:
    def test_a_turn_is_masked_and_unmasked(self) -> None:
        masked = Forgotten().adding([f"masked {ONE}#t1", f"masked {ONE}#t2"], KEY)

        assert masked.masks == {f"{ONE}#t1", f"{ONE}#t2"}
        assert masked.unmasked(f"{ONE}#t1").masks == {f"{ONE}#t2"}
        assert masked.ids == frozenset()


class TestTheFile:
    def test_nothing_forgotten_is_an_empty_file(self) -> None:
        assert Forgotten().render() == ""
        assert Forgotten("").ids == Forgotten("\n\n").ids == frozenset()

    def test_it_explains_itself_in_its_first_line(self) -> None:
        assert forgetting((ONE, TTL)).render().startswith("# What was forgotten")

    def test_lines_it_does_not_know_are_kept(self) -> None:
        text = "# mine \u2028 and more\nsomething new 1 2 3\n\nforgotten\n"
        forgotten = Forgotten(text)

        assert forgotten.render() == text
        assert forgotten.without(ONE, TTL).unmasked(f"{ONE}#t1").render() == text
        assert forgetting((ONE, TTL), before=forgotten).render().startswith(text)

    def test_windows_line_ends_are_understood(self) -> None:
        forgotten = Forgotten(forgetting((ONE, TTL)).render().replace("\n", "\r\n"))

        assert forgotten.ids == {ONE}
        assert forgotten.knows(TTL)
        assert not forgotten.without(ONE, TTL).knows(TTL)

    def test_two_files_that_were_merged_are_both_understood(self) -> None:
        merged = Forgotten(forgetting((ONE, TTL)).render() + forgetting((TWO, TEA), key=OTHER_KEY).render())

        assert merged.knows(TTL)
        assert merged.knows(TEA)
        assert not merged.without(TWO, TEA).knows(TEA)

    def test_a_key_that_is_none_is_passed_over(self) -> None:
        for bad in ("key\n", "key zzz\n", "key abc\n", "key \u0660\n", f"key {'00' * 100}\n"):
            broken = Forgotten(bad)
            assert not broken.knows(TTL)
            assert forgetting((ONE, TTL), before=broken).knows(TTL)

    @given(st.text())
    def test_any_file_can_be_read_and_added_to(self, text: str) -> None:
        before = Forgotten(text)
        after = forgetting((ONE, TTL), before=before)

        assert after.knows(TTL)
        assert before.ids <= after.ids
        assert not after.without(ONE, TTL).knows(TTL)
        assert Forgotten(after.render()).ids == after.ids


class TestMasksThatStay:
    def test_what_was_erased_is_masked_for_good(self) -> None:
        masked = Forgotten().adding([f"masked {ONE}#t1", f"masked {ONE}#t1 erased"], KEY)

        assert masked.unmasked(f"{ONE}#t1").masks == {f"{ONE}#t1"}

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["t1", "t12"]))
    def test_an_episode_is_named_by_any_path(self, path: str, turn: str) -> None:
        name = mask(path, turn)
        masks = Forgotten(Forgotten().adding([f"masked {name}"], KEY).render()).masks

        assert masks == {name}
        assert masked_of("", path, masks)(turn) == (path != "")
        assert not masked_of(ONE, f"{path}x", masks)(turn)
