"""Sentences of invented words with the sounds of other languages, for voices that read phonemes or Cyrillic.

A mouth must follow speech that is not English: front rounded vowels, pure e and o, geminates, palatals, and
labials before every vowel.  Words that mean nothing hold no one's text.  Phonemes are those of Kokoro.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["invented", "russian"]

# language | onsets | vowels | codas ("-" is none)
_TABLE = """
spanish  | p b t d k ɡ f s θ x m n ɲ l ɾ r ʧ pɾ bɾ bl pl fl fɾ tɾ w j | a e i o u a e o je we | - - - n s l ɾ m
french   | p b t d k ɡ f v s z ʃ ʒ m n l ʁ ɲ w j pʁ bl fʁ vʁ | a e ɛ i o ɔ u y ø œ ə ɑ̃ ɔ̃ ɛ̃ wa | - - - - ʁ m v l b
italian  | p b t d k ɡ f v s ʦ ʧ ʤ ʃ m n ɲ l ʎ r pr br spr w j | a e ɛ i o ɔ u ja wo | - - - n l m r
mandarin | p pʰ m f t tʰ n l k kʰ x ɕ ʨ ʨʰ ʂ ꭧ ʦ s ɻ w j | a→ o↗ ɤ↘ i→ u↗ y↓ ai↘ au→ ei↗ ou↘ ya↘ | - - - n ŋ
japanese | k s t h m n ɾ p b ɡ z d ɕ ʨ ʥ j w ʦ mj pj bj | a i ɯ e o aː oː eː | - - - - ɴ
"""
_SYLLABLES = {
    name.strip(): tuple(part.split() for part in parts)
    for name, *parts in (line.split("|") for line in _TABLE.strip().splitlines())
}
_RUSSIAN = (
    "б п м в ф т т т д д к к к г с з ш ж ч х л л р р н н н ст тр кн бр пл вл см".split(),
    "а о у ы и е я ю э".split(),
    "- - - - м п в ф л н т к с н т".split(),
)


def invented(count: int, seed: int) -> list[str]:
    """Return ``count`` sentences as Kokoro's phonemes, the languages in turn, the same for the same seed."""
    rng = random.Random(seed)
    names = list(_SYLLABLES)
    return [_sentence(rng, lambda i=i: _stressed(rng, names[i % len(names)])) for i in range(count)]  # type: ignore[misc]


def russian(count: int, seed: int) -> list[str]:
    """Return ``count`` sentences of invented words in Cyrillic, the same for the same seed."""
    rng = random.Random(seed)
    return [_sentence(rng, lambda: "".join(_syllables(rng, _RUSSIAN))) for _ in range(count)]


def _sentence(rng: random.Random, word: Callable[[], str]) -> str:
    words = [word() for _ in range(rng.randint(2, 9))]
    for i in range(len(words) - 1):
        words[i] += rng.choice(("", "", "", ","))
    return " ".join(words) + rng.choice(".?!.")


def _syllables(rng: random.Random, language: tuple[list[str], ...]) -> list[str]:
    parts = [[rng.choice(kind) for kind in language] for _ in range(rng.choice((1, 2, 2, 3, 3, 4)))]
    return ["".join(part).replace("-", "") for part in parts]


def _stressed(rng: random.Random, name: str) -> str:
    syllables = _syllables(rng, _SYLLABLES[name])
    if name not in ("mandarin", "japanese"):
        place = rng.randrange(len(syllables))
        syllables[place] = "ˈ" + syllables[place]
    return "".join(syllables)
