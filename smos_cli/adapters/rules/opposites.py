"""Words that can't both hold of the same thing, and the verbs and nouns that have one value at a time."""

from __future__ import annotations

from itertools import combinations

from smos_cli.core.stem import stem

_PAIRS = """
above below; accept reject; add remove; after before; agree disagree; alive dead; allow forbid; allow block;
always never; appear disappear; arrive depart; asleep awake; attract repel; backward forward; begin end; begin
finish; best worst; big small; bottom top; bright dark; busy idle; buy sell; cheap expensive; clean dirty;
clockwise counterclockwise; closed open; cold hot; cold warm; connect disconnect; correct incorrect; correct
wrong; create delete; deep shallow; deny confirm; depart stay; difficult easy; dry wet; early late; east west;
empty full; enable disable; encrypted unencrypted; enter leave; even odd; everybody nobody; everyone nobody;
everything nothing; expand shrink; extrovert introvert; fail succeed; fail pass; fast slow; fat thin; female
male; fewer more; final first; first last; gain lose; good bad; grow shrink; guilty innocent; happy sad; hard
soft; hate love; hate like; dislike like; dislike love; heavy light; high low; horizontal vertical; import
export; include exclude; increase decrease; increase reduce; inside outside; install uninstall; internal
external; join leave; keep discard; large small; least most; left right; legal illegal; less more; light dark;
lock unlock; long short; loud quiet; lower raise; major minor; married single; married divorced; maximum
minimum; mutable immutable; narrow wide; near far; new old; noisy quiet; north south; often rarely; offline
online; old young; optional mandatory; optional required; parallel sequential; permanent temporary; plus minus;
poor rich; positive negative; possible impossible; present absent; private public; pull push; rapid slow;
regular irregular; rise fall; rough smooth; safe dangerous; safe unsafe; same different; several none; shallow
deep; sharp blunt; sick healthy; simple complex; singular plural; sit stand; solid liquid; start stop; start
end; strong weak; summer winter; sunrise sunset; sync async; synchronous asynchronous; tall short; thick thin;
tight loose; together apart; true false; up down; upgrade downgrade; upload download; useful useless; valid
invalid; vegetarian carnivore; visible hidden; visible invisible; win lose; with without; yes no; employed
unemployed; popular unpopular
"""
_CLASSES = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
    "spring summer autumn winter",
    "red orange yellow green blue purple violet pink brown black white grey silver gold",
    "morning noon afternoon evening night midnight",
    "daily weekly monthly quarterly yearly hourly",
    "son daughter", "brother sister", "mother father", "husband wife", "uncle aunt", "niece nephew",
)  # fmt: skip
_VALUED = """
is am was be become live reside stay move relocate bear name call cost weigh measure earn pay begin start end finish
expire open close due schedule plan set locate situate base own assign belong marry graduate study major work report
run listen deploy host use store written limit default release publish sign found
"""
_ATTRIBUTES = """
name surname nickname age birthday birthplace birthdate address phone email password passphrase pin port host hostname
url version default deadline owner manager boss lead maintainer spouse husband wife fiance ttl timeout limit maximum
minimum size length width height weight price cost salary budget rent fee rate capital capacity date time day location
venue place job occupation profession role title position employer company team nationality favorite favourite colour
color branch region zone status state score result winner author editor director ceo cto database framework language
format encoding interval threshold frequency schedule model brand currency count number total quota start end
"""


def contrary(one: str, other: str) -> bool:
    """Say whether two stems are opposites, or different members of a class of which only one can be."""
    return (one, other) in _OPPOSITES or any(one == prefix + other or other == prefix + one for prefix in _DENYING)


_DENYING = ("un", "in", "im", "dis", "non")


def has_one_value(word: str) -> bool:
    """Say whether what follows a stem is a value that replaces the one before: "lives in", "costs"."""
    return word in _VALUED_STEMS


def is_attribute(word: str) -> bool:
    """Say whether a stem names something that a thing has one of: "deadline", "port"."""
    return word in _ATTRIBUTE_STEMS


def _opposites() -> frozenset[tuple[str, str]]:
    pairs = [tuple(map(stem, pair.split())) for pair in _PAIRS.split(";")]
    pairs += [pair for names in _CLASSES for pair in combinations(map(stem, names.split()), 2)]
    return frozenset(both for one, other in pairs for both in ((one, other), (other, one)))


_OPPOSITES = _opposites()
_VALUED_STEMS = frozenset(map(stem, _VALUED.split()))
_ATTRIBUTE_STEMS = frozenset(map(stem, _ATTRIBUTES.split()))
