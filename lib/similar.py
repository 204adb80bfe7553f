"""What makes two texts similar, in Chinese and English: the grams that they share.

A text is cut into runs. A run of Chinese (or Japanese, Korean) becomes its pairs of neighbouring
characters, since nothing marks where a word ends; traditional and simplified characters stay what
they are. Latin words become their stems; product codes stay whole. What says nothing is left out.
Grams are kept in the database as hashes: whatever changes ``split`` or ``hash_gram`` needs the
column computed anew.
"""

import math
import re
import unicodedata
import zlib
from typing import NamedTuple

#: So much of a text is looked at: the rest of a pasted conversation tells no more.
MAX_LENGTH = 20_000

#: So many different grams of a text are kept, the first ones.
MAX_GRAMS = 400

#: Characters without spaces between words: kana, Chinese, Korean.
_PAIRED = "\u3005\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_RUNS = re.compile(
    rf"(?P<paired>[{_PAIRED}]+)|(?P<word>[^\W_{_PAIRED}]+(?:[-/.+_'#]+[^\W_{_PAIRED}]+)*)"
)
_SEPARATORS = re.compile(r"[-/.+_#]+")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d]")
_VOWEL = re.compile(r"[aeiouy]")

#: Characters that join others and say nothing; a run ends at them.
_PARTICLES = frozenset("的了是在有和與与及或個个這这那們们嗎吗呢吧啊呀也都就被很您你我他她它")

_STOP_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before but by can cannot
    could did do does don done for from get got had has have he her here him his how i if in into
    is isn it its just let may me more most much my no nor not now of off on one only or other our
    out over own per please same she should since so some such than thank thanks that the their
    them then there these they this those through to too under until up upon us very was we were
    what when where which while who whom why will with would you your dear hello hi sir madam
    doesn didn hasn haven wasn weren won wouldn couldn shouldn re fw fwd
    """.split()
)


class Gram(NamedTuple):
    """A gram of a text: what it is compared by, and where it stands in the normalised text."""

    text: str
    start: int
    end: int


def normalise(text):
    """Return a text in the form in which texts are compared: one width, one case.

    Full-width letters and digits become plain ones. Traditional and simplified characters are not
    converted into each other.

    :param text: str, or False for none
    """
    text = unicodedata.normalize("NFKC", (text or "")[:MAX_LENGTH])
    return text.casefold().replace("’", "'")


def split(text):
    """Return the grams of a normalised text, in the order in which they stand there.

    :param text: str as ``normalise`` returns it
    :return: list of Gram; the same one as often as it occurs
    """
    grams = []
    for run in _RUNS.finditer(text):
        if run["paired"]:
            grams += _pair(run["paired"], run.start())
        else:
            grams += _split_word(run["word"], run.start())
    return grams


def get_grams(text):
    """Return the different grams of a text as it was typed, the first ones first.

    :param text: str, or False for none
    :return: list of str, at most ``MAX_GRAMS``
    """
    found = dict.fromkeys(gram.text for gram in split(normalise(text)))
    return list(found)[:MAX_GRAMS]


def hash_gram(gram):
    """Return the number by which a gram is kept in the database: a signed one of 32 bits."""
    number = zlib.crc32(gram.encode())
    return number - (1 << 32) if number >= 1 << 31 else number


def _pair(run, start):
    """Return the pairs of neighbours of a run of characters; a character alone stays alone."""
    grams, begin = [], 0
    for position in range(len(run) + 1):
        if position < len(run) and run[position] not in _PARTICLES:
            continue
        part = run[begin:position]
        pairs = [(part[at : at + 2], at) for at in range(max(len(part) - 1, min(len(part), 1)))]
        grams += [
            Gram(pair, start + begin + at, start + begin + at + len(pair)) for pair, at in pairs
        ]
        begin = position + 1
    return grams


def _split_word(run, start):
    """Return the stems of a run of Latin letters and digits, or the code that it is."""
    if _DIGIT.search(run):
        return _split_code(run, start)
    grams, position = [], 0
    for word in _SEPARATORS.split(run):
        position = run.index(word, position)
        begin = start + position
        plain = word.split("'")[0]
        if len(plain) > 1 and plain not in _STOP_WORDS:
            grams.append(Gram(stem(plain), begin, begin + len(plain)))
        position += len(word)
    return grams


def _split_code(run, start):
    """Return a code, and the shorter codes that it begins with: AB-123 of AB-123/4."""
    ends = [found.start() for found in _SEPARATORS.finditer(run)]
    heads = [run[:end] for end in ends]
    kept = [head for head in heads if _DIGIT.search(head) and _LETTER.search(head)]
    codes = [*kept, run] if len(run) > 1 else []
    return [Gram(code, start, start + len(code)) for code in codes]


def stem(word):
    """Return an English word without its ending: leaks, leaked and leaking become leak.

    Light, and the same for all texts: what it gets wrong, it gets wrong in both of them.
    """
    for ending, replacement in (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ed", "")):
        rest = word.removesuffix(ending)
        if rest != word and _can_lose(rest, ending):
            word = rest + replacement
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]  # stopped, stop; glasses, glass
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]  # machined, machine
    return word


def _can_lose(rest, ending):
    if len(rest) < 3 or not _VOWEL.search(rest):
        return False
    if ending == "es":
        return rest.endswith(("s", "x", "z", "ch", "sh"))
    if ending == "s":
        return not rest.endswith(("s", "u", "i"))
    return True


def weigh(frequencies, default):
    """Return how much each gram tells: the rarer, the more.

    :param frequencies: dict of gram to the share of texts that it occurs in, 0 to 1; those that
        are missing are rarer than ``default``
    :param default: float, the share that is assumed for these
    :return: function of a gram, returning a float above 0
    """

    def weight(gram):
        return 0.1 - math.log(min(max(frequencies.get(gram, default), 1e-7), 1.0))

    return weight


def mark(text, shared):
    """Return a text in parts, those marked that make it similar.

    :param text: str as it was typed
    :param shared: set of grams, as ``get_grams`` returns them
    :return: list of (str, bool), which together are the normalised text where the positions could
        not be carried over, else the text as it was typed
    """
    plain = normalise(text)
    # a ligature or ß becomes longer: then the positions are those of the normalised text
    shown = text[:MAX_LENGTH] if len(plain) == len(text[:MAX_LENGTH]) else plain
    parts, last = [], 0
    for start, end in _merge(gram for gram in split(plain) if gram.text in shared):
        parts += [(shown[last:start], False), (shown[start:end], True)]
        last = end
    return [part for part in [*parts, (shown[last:], False)] if part[0]]


def excerpt(text, shared, weight, length=90):
    """Return the part of a text that tells most about why it is similar, on one line.

    :param text: str as it was typed
    :param shared: set of grams
    :param weight: function of a gram, as ``weigh`` returns it
    :param length: int, about so many characters
    :return: as ``mark`` returns it; empty where nothing in the text is shared
    """
    line = " ".join((text or "")[:MAX_LENGTH].split())
    plain = normalise(line)
    line = line if len(line) == len(plain) else plain
    found = [gram for gram in split(plain) if gram.text in shared]
    if not found:
        return []
    best = max(found, key=lambda gram: _weigh_window(found, gram, weight, length))
    start = max(min(best.start - length // 6, len(line) - length), 0)
    piece = line[start : start + length]
    before = [("…", False)] if start else []
    after = [("…", False)] if start + length < len(line) else []
    return [*before, *mark(piece, shared), *after]


def _weigh_window(found, first, weight, length):
    end = first.start + length - length // 6
    return sum(weight(text) for text in {g.text for g in found if first.start <= g.start < end})


def name_shared(text, shared, weight, limit=5):
    """Return the words and phrases of a text that weigh most among those that are shared.

    Pairs of characters that follow each other are one phrase.

    :param text: str as it was typed
    :param shared: set of grams
    :param weight: function of a gram
    :return: list of str, as they stand in the text, the weightiest first
    """
    plain = normalise(text)
    shown = (text or "")[:MAX_LENGTH]
    shown = shown if len(shown) == len(plain) else plain
    found = [gram for gram in split(plain) if gram.text in shared]
    phrases = {}
    for start, end in _merge(found):
        inside = {gram.text for gram in found if start <= gram.start and gram.end <= end}
        phrases.setdefault(plain[start:end], (sum(map(weight, inside)), shown[start:end]))
    ranked = sorted(phrases.values(), key=lambda phrase: -phrase[0])
    return [name for _weight, name in ranked[:limit]]


def _merge(grams):
    """Return the spans of grams, those that overlap as one; in the order of the text."""
    spans = []
    for start, end in sorted((gram.start, gram.end) for gram in grams):
        if spans and start < spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    return [tuple(span) for span in spans]
