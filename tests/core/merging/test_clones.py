"""Clones that are changed and merged at random end alike, and nothing that anyone wrote is lost."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from smos_cli.core.forgotten import Forgotten
from smos_cli.core.markdown import edit, parse
from smos_cli.core.merging.matching import identity_of
from tests.core.merging.clones import CARD, EPISODE, NOTE, World
from tests.samples import memory_file

CLONES = st.integers(0, 2)
PLACES = st.integers(0, 5)
STEPS = st.integers(0, 2)
TOMBSTONES = ".tombstones"


def memories(tree: dict[str, bytes]) -> list[str]:
    return sorted(path for path in tree if path.startswith("memories/"))


class Clones(RuleBasedStateMachine):
    """Three people, each with a clone."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.made = 10
        self.trash: dict[str, bytes] = {}
        """what was forgotten last, by id"""

    def pick(self, tree: dict[str, bytes], place: int) -> str | None:
        paths = memories(tree)
        return paths[place % len(paths)] if paths else None

    @rule(clone=CLONES, step=STEPS)
    def remember(self, clone: int, step: int) -> None:
        self.made += 1
        path, data = f"memories/m{self.made}.md", memory_file(self.made, self.world.word())
        self.world.change(clone, lambda tree: tree.update({path: data}), step)

    @rule(
        clone=CLONES, place=PLACES, paragraph=st.integers(0, 2), how=st.sampled_from(["edit", "add", "cut"]), step=STEPS
    )
    def edit_body(self, clone: int, place: int, paragraph: int, how: str, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                parts = parse(tree[path]).body.strip("\n").split("\n\n")
                at = paragraph % len(parts)
                new = [] if how == "cut" and len(parts) > 1 else [self.world.word()]
                parts[at : at + (how != "add")] = new
                body = "\n\n".join(parts) + "\n"
                tree[path] = edit(tree[path], {"updated": f"2025-11-{10 + place}"}, body)

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, tag=st.sampled_from(["p", "q", "x"]), step=STEPS)
    def tag(self, clone: int, place: int, tag: str, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                tags = list(parse(tree[path]).fields.get("tags") or [])
                tags = [one for one in tags if one != tag] if tag in tags else [*tags, tag]
                tree[path] = edit(tree[path], {"tags": tags or None})

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, key=st.sampled_from(["project", "speaker"]), step=STEPS)
    def set_key(self, clone: int, place: int, key: str, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                tree[path] = edit(tree[path], {key: self.world.word()})

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, folder=st.sampled_from(["x", "y"]), step=STEPS)
    def move(self, clone: int, place: int, folder: str, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                target = f"memories/{folder}/{path.rpartition('/')[2]}"
                if target not in tree:
                    tree[target] = tree.pop(path)

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, step=STEPS)
    def delete(self, clone: int, place: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                del tree[path]

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, word=st.sampled_from(["forgotten", "erased"]), step=STEPS)
    def forget(self, clone: int, place: int, word: str, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                name = identity_of(path, tree[path])
                self.trash[name] = tree.pop(path)
                before = Forgotten(tree.get(TOMBSTONES, b"").decode())
                line = before.forgotten_line(name, name, "ab") if word == "forgotten" else f"erased {name}"
                tree[TOMBSTONES] = before.adding([line], f"a{clone}").render().encode()
                if word == "erased":
                    self.world.erased |= {name}
                else:
                    self.world.put_away.append(self.trash[name])

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, step=STEPS)
    def restore(self, clone: int, place: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            stones = Forgotten(tree.get(TOMBSTONES, b"").decode())
            names = {identity_of(path, data) for path, data in tree.items()}
            gone = [name for name in self.trash if name in stones.ids - stones.erased - names]
            if gone:
                name = sorted(gone)[place % len(gone)]
                tree[f"memories/back-{name}.md"] = self.trash[name]
                tree[TOMBSTONES] = stones.without(name, "").render().encode()

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, step=STEPS)
    def comment(self, clone: int, place: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                tree[path] = (
                    tree[path]
                    .replace(b"\nid:", f"\n# {self.world.word()}\nid:".encode())
                    .replace(b"---\nid:", f"---\n# {self.world.word()}\nid:".encode())
                )

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, step=STEPS)
    def save_with_crlf(self, clone: int, place: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            if path := self.pick(tree, place):
                tree[path] = tree[path].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

        self.world.change(clone, act, step)

    @rule(clone=CLONES, place=PLACES, step=STEPS)
    def edit_turn(self, clone: int, place: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            blocks = tree[EPISODE].decode().split("\n## ")
            at = 1 + place % (len(blocks) - 1)
            blocks[at] = f"{blocks[at].partition(chr(10))[0]}\n\n{self.world.word()}\n"
            tree[EPISODE] = "\n## ".join(blocks).encode()

        self.world.change(clone, act, step)

    @rule(clone=CLONES, step=STEPS)
    def talk(self, clone: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            number = tree[EPISODE].count(b"\n## ") + 1
            turn = f"\n## 09:{clone}{step} Bob ^t{number + 1}\n\n{self.world.word()}\n"
            tree[EPISODE] += turn.encode()

        self.world.change(clone, act, step)

    @rule(clone=CLONES, path=st.sampled_from([NOTE, CARD]), line=PLACES, step=STEPS)
    def write_note(self, clone: int, path: str, line: int, step: int) -> None:
        def act(tree: dict[str, bytes]) -> None:
            lines = tree[path].decode().split("\n")
            lines[line % len(lines)] = self.world.word()
            tree[path] = "\n".join(lines).encode()

        self.world.change(clone, act, step)

    @rule(clone=CLONES, machine=st.sampled_from(["own", "copied"]), step=STEPS)
    def audit(self, clone: int, machine: str, step: int) -> None:
        path = f"audit/{machine if machine == 'copied' else clone}/2025-11.jsonl"

        def act(tree: dict[str, bytes]) -> None:
            tree[path] = tree.get(path, b"") + f"{self.world.word()}\n".encode()

        self.world.change(clone, act, step)

    @rule(clone=CLONES, other=CLONES, step=STEPS)
    def merge(self, clone: int, other: int, step: int) -> None:
        self.world.merge(clone, other, step)

    @rule(clone=CLONES, other=CLONES)
    def merge_both_ways(self, clone: int, other: int) -> None:
        one, two = self.world.heads[clone], self.world.heads[other]
        self.world.merge(clone, other)
        crossed, self.world.heads[clone] = self.world.heads[clone], one
        self.world.merge(other, clone)
        self.world.heads[clone] = crossed
        assert two and self.world.heads[other].tree == crossed.tree

    def teardown(self) -> None:
        self.world.settle()
        trees = [dict(head.tree) for head in self.world.heads]
        assert trees[0] == trees[1] == trees[2]
        assert not self.world.lost()
        names = [name for path, data in trees[0].items() if (name := identity_of(path, data))]
        assert len(names) == len(set(names)), "an id is there twice"
        assert not self.world.erased & set(names)


Clones.TestCase.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
TestClones = Clones.TestCase
