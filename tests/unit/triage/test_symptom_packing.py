"""A symptom as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.symptoms.packed import pack, unpack
from app.triage.symptoms.symptom import Symptom

_NAMES = st.from_regex(r"[a-z]{1,10}:[0-9a-f]{16}", fullmatch=True)
_SYMPTOMS = st.builds(
    Symptom,
    terms=st.dictionaries(st.integers(0, 2**31 - 1), st.integers(1, 255), max_size=30),
    fingerprints=st.lists(_NAMES, max_size=5).map(tuple),
    surfaces=st.lists(st.from_regex(r"[a-z][a-z0-9_]{1,30}", fullmatch=True), max_size=3).map(tuple),
    vector=st.binary(max_size=40),
)


@given(_SYMPTOMS)
def test_what_was_packed_comes_out_as_it_was(symptom: Symptom) -> None:
    assert unpack(pack(symptom)) == symptom


def test_a_term_takes_at_most_six_bytes() -> None:
    terms = {7919 * number: 100 for number in range(200)}
    assert len(pack(Symptom(terms))) <= 6 * len(terms)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_symptom_are_refused_with_the_mend(raw: bytes) -> None:
    with pytest.raises(ValueError, match="triage reindex"):
        unpack(b"\xff" + raw)


def test_bytes_that_were_cut_off_are_refused() -> None:
    with pytest.raises(ValueError, match="triage reindex"):
        unpack(pack(Symptom({1: 2, 3: 4}, ("code:00",)))[:-1])
