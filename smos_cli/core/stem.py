"""English words to stems: irregular forms by a table, the rest by the Porter2 algorithm.

The algorithm is Martin Porter's "English (Porter2) stemming algorithm" (snowballstem.org). A stem is a key
for matching, not a word to show. Takes lower-case words; a word of other letters is its own stem.
"""

from __future__ import annotations

_VOWELS = frozenset("aeiouy")
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_LI_BEFORE = frozenset("cdeghkmnrt")

_SHORTEST = 3  # letters; a shorter word is its own stem
_INVARIANT = frozenset(("sky", "news", "howe", "atlas", "cosmos", "bias", "andes"))
_INVARIANT_SINGULAR = frozenset(
    ("inning", "outing", "canning", "herring", "earring", "evening", "proceed", "exceed", "succeed")
)
_SPECIAL = {
    "skis": "ski",
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "idly": "idl",
    "gently": "gentl",
    "ugly": "ugli",
    "early": "earli",
    "only": "onli",
    "singly": "singl",
}

# A base form, then the forms that no rule takes back to it.
_IRREGULAR_FORMS = """
be am is are was were been; go went gone goes; do did done does; have had has; make made; get got gotten;
take took taken; see saw seen; come came; give gave given; find found; think thought; tell told; say said;
know knew known; become became; leave left; feel felt; bring brought; begin began begun; keep kept;
hold held; write wrote written; stand stood; understand understood; hear heard; mean meant; meet met;
run ran; pay paid; sit sat; speak spoke spoken; lead led; grow grew grown; lose lost; fall fell fallen;
send sent; build built; draw drew drawn; break broke broken; spend spent; rise rose risen;
drive drove driven; buy bought; wear wore worn; choose chose chosen; eat ate eaten; win won; teach taught;
catch caught; sell sold; fight fought; throw threw thrown; sing sang sung; swim swam swum;
ride rode ridden; fly flew flown; drink drank drunk; sleep slept; dream dreamt; learn learnt;
forget forgot forgotten; sink sank sunk; steal stole stolen; hide hid hidden; shake shook shaken;
wake woke woken; bite bit bitten; blow blew blown; freeze froze frozen; feed fed; lend lent; shoot shot;
stick stuck; strike struck; tear tore torn; seek sought; sweep swept; swear swore sworn; deal dealt;
dig dug; hang hung; slide slid; spin spun; shrink shrank shrunk; child children; man men; woman women;
foot feet; tooth teeth; mouse mice; life lives; wife wives; knife knives; shelf shelves; leaf leaves;
half halves; person people; index indices; matrix matrices; vertex vertices; good better best;
bad worse worst
"""
_IRREGULAR = {form: base for base, *forms in map(str.split, _IRREGULAR_FORMS.split(";")) for form in forms}


def _replacements(table: str) -> list[tuple[str, str]]:
    pairs = (entry.partition(":") for entry in table.split())
    return [(suffix, instead) for suffix, _, instead in pairs]


# Longest first where one ends in another.
_STEP_2 = _replacements(
    """
    ization:ize ational:ate fulness:ful ousness:ous iveness:ive tional:tion biliti:ble lessli:less
    entli:ent ation:ate ogist:og alism:al aliti:al ousli:ous iviti:ive fulli:ful enci:ence anci:ance
    abli:able izer:ize ator:ate alli:al bli:ble ogi:og li:
    """
)
_STEP_3 = _replacements(
    """
    ational:ate tional:tion alize:al icate:ic iciti:ic ative: ical:ic ness: ful:
    """
)
_STEP_4 = (
    *("ement", "ance", "ence", "able", "ible", "ment"),
    *("ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic"),
)


def stem(word: str) -> str:
    """The stem of a lower-case word."""
    word = _IRREGULAR.get(word, word)
    if len(word) < _SHORTEST or word in _INVARIANT or not word.isascii() or not word.isalpha():
        return word
    if word in _SPECIAL:
        return _SPECIAL[word]
    word = _mark_consonant_y(word)
    first, second = _regions(word)
    word = _plural(word)
    if word not in _INVARIANT_SINGULAR:
        word = _past_and_participle(word, first)
        word = _final_y(word)
        word = _derivations(word, first, second)
        word = _last_letter(word, first, second)
    return word.lower()


def _mark_consonant_y(word: str) -> str:
    """``Y`` for each y that is a consonant: at the start, or after a vowel."""
    if "y" not in word:
        return word
    letters = list(word)
    for place, letter in enumerate(letters):
        if letter == "y" and (place == 0 or letters[place - 1] in _VOWELS):
            letters[place] = "Y"
    return "".join(letters)


def _regions(word: str) -> tuple[int, int]:
    """Where R1 and R2 begin: after the first consonant that follows a vowel, and again after that."""
    for prefix in ("gener", "commun", "arsen", "past", "univers", "later", "emerg", "organ", "inter"):
        if word.startswith(prefix):
            first = len(prefix)
            break
    else:
        first = _after_vowel_and_consonant(word, 0)
    return first, _after_vowel_and_consonant(word, first)


def _after_vowel_and_consonant(word: str, start: int) -> int:
    for place in range(start + 1, len(word)):
        if word[place] not in _VOWELS and word[place - 1] in _VOWELS:
            return place + 1
    return len(word)


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ies", "ied")):
        return word[:-2] if word[:-4] else word[:-1]
    if word.endswith(("us", "ss")) or not word.endswith("s"):
        return word
    return word[:-1] if _has_vowel(word[:-2]) else word


def _past_and_participle(word: str, first: int) -> str:
    if word.endswith(("eed", "eedly")):
        base = word[:-3] if word.endswith("eed") else word[:-5]
        return base + "ee" if len(base) >= first else word
    for suffix in ("ingly", "edly", "ing", "ed"):
        if word.endswith(suffix):
            base = word[: -len(suffix)]
            return _mended(base, first) if _has_vowel(base) else word
    return word


def _mended(base: str, first: int) -> str:
    """A base that lost -ed or -ing, with its e back, its double undone, or as it is."""
    if base.endswith(("at", "bl", "iz")):
        return base + "e"
    if base.endswith(_DOUBLES):
        return base if base[0] in "aeo" and base[0] == base[:-2] else base[:-1]
    return base + "e" if len(base) <= first and _ends_short(base) else base


def _final_y(word: str) -> str:
    if word[-1] in "yY" and word[-2] not in _VOWELS and word[:-2]:
        return word[:-1] + "i"
    return word


def _derivations(word: str, first: int, second: int) -> str:
    """Steps 2 to 4: one suffix each is replaced, the longest that fits, where its region allows."""
    for suffix, instead in _STEP_2:
        if word.endswith(suffix):
            if len(word) - len(suffix) >= first and _step_2_allows(word, suffix):
                word = word[: -len(suffix)] + instead
            break
    for suffix, instead in _STEP_3:
        if word.endswith(suffix):
            if len(word) - len(suffix) >= (second if suffix == "ative" else first):
                word = word[: -len(suffix)] + instead
            break
    for suffix in _STEP_4:
        if word.endswith(suffix):
            base = word[: -len(suffix)]
            return base if len(base) >= second and (suffix != "ion" or base[-1:] in ("s", "t")) else word
    return word


def _step_2_allows(word: str, suffix: str) -> bool:
    before = word[-len(suffix) - 1 : -len(suffix)]
    return before == "l" if suffix == "ogi" else suffix != "li" or before in _LI_BEFORE


def _last_letter(word: str, first: int, second: int) -> str:
    base = word[:-1]
    if word.endswith("e") and (len(base) >= second or (len(base) >= first and not _ends_short(base))):
        return base
    return base if word.endswith("ll") and len(base) >= second else word


def _ends_short(base: str) -> bool:
    """Whether the base ends in a short syllable, as in hop, at, past."""
    if base == "past" or len(base) < _SHORTEST:
        return base == "past" or (base[0] in _VOWELS and base[-1:] not in _VOWELS)
    return base[-1] not in "aeiouywxY" and base[-2] in _VOWELS and base[-3] not in _VOWELS


def _has_vowel(part: str) -> bool:
    return not _VOWELS.isdisjoint(part)
