"""Writes app/triage/symptoms/common_words.py anew: how common terms are in tickets, before a space has any of its own.

    python -m training.common_words DUP_CORPUS.jsonl

The file is in the format of `triage evaluate duplicates --corpus`; of it only the sources in OPEN are read, whose
licences allow it. The rest is `training/corpus`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from statistics import median

from app.triage.symptoms.words import pairs, stems
from app.triage.text import Message
from app.triage.ticket import Speaker

OPEN = ("hadoop_jira", "seamonkey_bugzilla")  # CC BY 4.0
OWN = Path("training/corpus")
OUT = Path("app/triage/symptoms/common_words.py")
LANGUAGES = ("french", "german", "portuguese", "spanish")
COURTESY = """hello hi hey dear team support thanks thank you very much many help please regards best kind greetings
    morning afternoon evening sincerely cheers appreciate advance assistance kindly sorry hope hallo moin liebe lieber
    sehr geehrte damen herren danke vielen dank bitte hilfe gruss gruß grusse freundlichen freundliche mfg guten tag
    voraus bonjour merci cordialement salutations aide avance madame monsieur equipe svp hola gracias saludos ayuda
    favor estimados equipo buenas buenos dias tardes antemano ola obrigado obrigada ajuda cumprimentos atenciosamente
    prezados bom boa"""
COURTEOUS = 0.35  # share of tickets that are taken to have such a word: a firm's customers may all be polite
LEAST = 0.006  # share of tickets; a pair of words has to be twice as common
STEPS = (0.006, 0.008, 0.011, 0.016, 0.022, 0.032, 0.045, 0.063, 0.09, 0.125, 0.18, 0.25, 0.35, 0.5, 0.7)
_HEAD = '''"""How common terms are in tickets: the share of tickets that have the term, and the terms, by their stems.

Written by `python -m training.common_words`; do not edit. Made from training/corpus and from reports of Apache Hadoop
and SeaMonkey (GitBugs, CC BY 4.0): see training/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.triage.symptoms.words import term_hash

_TERMS = {
'''
_TAIL = '''}

CHANCES: Mapping[int, float] = MappingProxyType(
    {term_hash(term.replace("_", " ")): share for share, terms in _TERMS.items() for term in terms.split()}
)
"""The share of tickets that have a term, by the term's hash; for those that are common."""
'''


def shares(texts: Iterable[tuple[str, str]]) -> Counter[str]:
    """The share of tickets, each a subject and a body, that have a term."""
    counted: Counter[str] = Counter()
    number = 0
    for subject, body in texts:
        number += 1
        found: set[str] = set()
        for text in (Message("subject", Speaker.CUSTOMER, subject), Message("body", Speaker.CUSTOMER, body)):
            words = list(islice(stems(text.said), 400))
            found.update(words, pairs(words))
        counted.update(found)
    return Counter({term: count / number for term, count in counted.items() if count >= 3})


def mixed(corpus: Path) -> dict[str, float]:
    """The shares over all kinds of tickets; a word of another language counts half of what it does in that one."""
    rows = [json.loads(line) for line in corpus.open()]
    kinds = [shares((row["subject"], row["body"]) for row in rows if row["source"] == name) for name in OPEN]
    own = {path.stem: [json.loads(line) for line in path.open()] for path in sorted(OWN.glob("*.jsonl"))}
    english = [row for name, found in own.items() if name not in LANGUAGES for row in found]
    kinds.append(shares((row["subject"], row["body"]) for row in english))
    found = {term: median(kind[term] for kind in kinds) for term in set().union(*kinds)}  # no product's own words
    found.update({term: max(found[term], share) for term, share in kinds[-1].items()})  # ours are of many products
    for name in LANGUAGES:
        for term, share in shares((row["subject"], row["body"]) for row in own[name]).items():
            found[term] = max(found.get(term, 0.0), share / 2)
    found.update((word, max(found.get(word, 0.0), COURTEOUS)) for word in stems(COURTESY))
    return {
        term: share
        for term, share in found.items()
        if share >= LEAST * (1 + (" " in term)) and not any(map(str.isdigit, term))
    }


def written(found: dict[str, float]) -> str:
    """The module."""
    lines = [_HEAD]
    for step, following in zip(STEPS, (*STEPS[1:], 2.0), strict=True):
        terms = sorted(term.replace(" ", "_") for term, share in found.items() if step <= share < following)
        text = [""]
        for term in terms:
            if len(text[-1]) + len(term) > 108:
                text.append("")
            text[-1] += f"{term} "
        lines.append(f"    {step}: (\n" + "".join(f'        "{line}"\n' for line in text) + "    ),\n")
    return "".join(lines) + _TAIL


if __name__ == "__main__":
    OUT.write_text(written(mixed(Path(sys.argv[1]))))
