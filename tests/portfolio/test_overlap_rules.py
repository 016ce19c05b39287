"""Words, candidates, features, families and reports of overlap, on small lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.applications import portfolio
from terpadu.portfolio.rules.overlap.addresses import plain_host, site_of
from terpadu.portfolio.rules.overlap.candidates import candidate_pairs
from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.engine import described, find_overlaps
from terpadu.portfolio.rules.overlap.explanation import names_met
from terpadu.portfolio.rules.overlap.families import families, is_complete
from terpadu.portfolio.rules.overlap.features import FEATURES, features
from terpadu.portfolio.rules.overlap.model import KINDS, current_model, model_json, model_of_json
from terpadu.portfolio.rules.overlap.normalise import Normaliser, split_name, text_of, tokens
from terpadu.portfolio.rules.overlap.proposal import index_of
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import Report, families_of, overlap_report, telling
from terpadu.portfolio.rules.overlap.training import retrain
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from tools.train_overlap import record_of

SMALL = [record_of(one) for one in portfolio(size=300, seed=7).applications]


@pytest.fixture(scope="module")
def small_report() -> Report:
    """The report of the small list."""
    return overlap_report(SMALL, vocabulary=vocabulary(), model=current_model())


def said(name: str, function: str = "") -> object:
    return Normaliser(vocabulary()).words(text_of(OverlapRecord(id="1", name=name, function=function)))


@pytest.mark.parametrize(
    ("name", "short", "written_out"),
    [
        ("SIPD (Sistem Informasi Pembangunan Daerah)", "SIPD", "Sistem Informasi Pembangunan Daerah"),
        ("Sistem Informasi Pembangunan Daerah (SIPD)", "SIPD", "Sistem Informasi Pembangunan Daerah"),
        ("Sistem Informasi Pembangunan Daerah", "", "Sistem Informasi Pembangunan Daerah"),
        ("e-Reklame", "e-Reklame", ""),
        ("Basis data terpadu / SLRT", "SLRT", "Basis data terpadu"),
        ("", "", ""),
    ],
)
def test_split_name_either_order_gives_short_and_written_out(name: str, short: str, written_out: str) -> None:
    assert split_name(name) == (short, written_out)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("presensi PNS", "absensi aparatur sipil negara"),
        ("pengelolaan perizinan", "mengelola ijin"),
        ("retribusi di Kota Denpasar", "retribusi Kabupaten Aceh Selatan"),
        ("Aplikasi untuk uji berkala", "sistem KIR"),
        ("peta geo spasial", "peta geospasial"),
        ("e-RTLH", "rumah tidak layak huni"),
    ],
)
def test_normaliser_two_wordings_give_the_same_words(one: str, other: str) -> None:
    assert set(said("", one).words) == set(said("", other).words)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("memantau lalu lintas", "watch"),
        ("pembayaran pajak", "pay"),
        ("peta sebaran sawah", "map"),
        ("data sawah", ""),
    ],
)
def test_normaliser_act_is_named(text: str, act: str) -> None:
    assert set(said("", text).acts) == ({act} if act else set())  # type: ignore[attr-defined]


def test_normaliser_word_that_is_act_and_synonym_says_both() -> None:
    assert set(said("", "inventory").words) == {"=stock", "sedia"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["layak", "bahan", "mereka", "dusun", "sampai"])
def test_normaliser_dictionary_word_is_not_taken_for_a_typing_error(word: str) -> None:
    known = Normaliser(vocabulary(), used=Counter({word: 1}))

    assert known.words(text_of(OverlapRecord(id="1", name="", function=word))).words in ((), (word,))


def test_text_of_name_that_is_an_address_keeps_its_first_part() -> None:
    assert text_of(OverlapRecord(id="1", name="infopasar.contoh.go.id", function="")).short == ("infopasar",)


@pytest.mark.parametrize(
    ("name", "function", "feature"),
    [
        ("Kinerja", "Aplikasi ZQRT menampilkan capaian", "name_said"),
        ("Kinerja", "mengelola zona qurban rakyat dan ternak", "name_spelled_out"),
    ],
)
def test_features_short_name_met_in_the_other_is_told_and_shown(
    name: str, function: str, feature: str
) -> None:
    records = [
        OverlapRecord(id="1", name="ZQRT", function="mencatat sesuatu"),
        OverlapRecord(id="2", name=name, function=function),
    ]
    rows = corpus_of(records, vocabulary()).rows

    found = features(rows, rows, np.array([[0, 1]]))[0]

    assert found[FEATURES.index(feature)] == 1
    assert "zqrt" in names_met(rows, rows, at=0, place=1)


def test_features_shorter_text_within_the_longer_counts_in_full() -> None:
    records = [
        OverlapRecord(id="1", name="", function="sawah"),
        OverlapRecord(id="2", name="", function="sawah, kebun, ternak dan pupuk"),
    ]
    rows = corpus_of(records, vocabulary()).rows

    found = features(rows, rows, np.array([[0, 1]]))[0]

    assert found[FEATURES.index("objects_within")] == 1
    assert found[FEATURES.index("objects_alike")] < 1


def test_tokens_markup_and_addresses_are_left_out() -> None:
    assert tokens("Data&nbsp;e-Reklame <br /> https://a.go.id/x 2019 v2") == [
        "data",
        "ereklame",
        "2019",
        "v2",
    ]


@pytest.mark.parametrize(
    ("address", "host", "site"),
    [
        ("https://www.simpeg.kota.go.id:8080/login", "simpeg.kota.go.id/login", ""),
        ("http://desa.produk.co.id/", "desa.produk.co.id", "produk.co.id"),
        ("localhost/x/index.php", "", ""),
        ("10.1.2.3", "", ""),
        (None, "", ""),
    ],
)
def test_addresses_private_and_office_zones_say_nothing(address: str | None, host: str, site: str) -> None:
    assert plain_host(address) == host
    assert site_of(plain_host(address)) == site


def test_corpus_two_records_with_one_id_are_refused() -> None:
    one = OverlapRecord(id="1", name="A", function="B")

    with pytest.raises(ValueError, match="same id"):
        corpus_of([one, one], vocabulary())


@pytest.mark.parametrize("records", [[], SMALL[:1], [replace(SMALL[0], name="", function="")]])
def test_report_list_without_pairs_has_no_findings(records: list[OverlapRecord]) -> None:
    report = overlap_report(records, vocabulary=vocabulary(), model=current_model())

    assert (report.findings, report.families, report.records) == ((), (), len(records))


def test_features_left_and_right_exchanged_are_the_same() -> None:
    rows = corpus_of(SMALL, vocabulary()).rows
    pairs = candidate_pairs(rows)

    found = features(rows, rows, pairs)

    assert found.shape == (len(pairs), len(FEATURES))
    assert np.allclose(found, features(rows, rows, pairs[:, ::-1]), atol=1e-6)
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-5


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(60)))
def test_report_order_of_records_does_not_matter(order: list[int]) -> None:
    first = overlap_report(SMALL[:60], vocabulary=vocabulary(), model=current_model())

    again = overlap_report([SMALL[at] for at in order], vocabulary=vocabulary(), model=current_model())

    assert again.as_json() == first.as_json()


def test_report_repeated_is_the_same_bit_for_bit_and_families_are_complete(small_report: Report) -> None:
    report = small_report
    pairs = {tuple(sorted((one.left, one.right))) for one in report.findings}

    assert report.findings
    assert report.as_json() == overlap_report(SMALL, vocabulary=vocabulary(), model=current_model()).as_json()
    assert all(
        tuple(sorted((a, b))) in pairs
        for family in report.families
        for at, a in enumerate(family.members)
        for b in family.members[at + 1 :]
    )


@given(
    pairs=st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
        st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9]),
    )
)
def test_families_every_two_members_overlap_and_nobody_is_in_two(pairs: dict[tuple[int, int], float]) -> None:
    places = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    scores = np.array(list(pairs.values()))

    found = families(places, scores)

    assert all(is_complete(group, set(pairs)) for group in found)
    assert len({one for group in found for one in group}) == sum(map(len, found))
    assert families(places[::-1], scores[::-1]) == found


def test_families_chain_is_cut() -> None:
    assert families(np.array([[0, 1], [1, 2]]), np.array([0.9, 0.8])) == [(0, 1)]


def test_check_registered_application_finds_its_double_and_not_itself() -> None:
    model = current_model()
    double = replace(SMALL[0], id="double", name=SMALL[0].name.upper())
    corpus = corpus_of([*SMALL, double], vocabulary())
    index = index_of(corpus, find_overlaps(corpus, model).sure, model=model)

    found = index.check(SMALL[0])

    assert found[0].right == "double"
    assert SMALL[0].id not in [one.right for one in found]


def test_check_unknown_words_find_nothing() -> None:
    model = current_model()
    corpus = corpus_of(SMALL, vocabulary())

    found = index_of(corpus, find_overlaps(corpus, model).sure, model=model).check(
        OverlapRecord(id="", name="Qzxw", function="vvvkk wwwjj")
    )

    assert found == []


def test_model_file_written_and_read_is_the_same_model() -> None:
    model = current_model()

    assert model_of_json(model_json(model)).version == model.version


def test_retrain_verdicts_move_the_score_their_way_and_repeat() -> None:
    model = current_model()
    corpus = corpus_of(SMALL, vocabulary())
    overlaps = find_overlaps(corpus, model)
    found = described(corpus, overlaps.sure, overlaps.pairs[:20])

    refused = retrain(model, found, ["none"] * len(found), training={"verdicts": len(found)})

    assert (1 - refused.chances(found)[:, 0]).mean() < (1 - model.chances(found)[:, 0]).mean()
    assert refused.version != model.version
    assert (
        retrain(model, found, ["none"] * len(found), training={"verdicts": len(found)}).version
        == refused.version
    )


def test_retrain_without_verdicts_is_refused() -> None:
    with pytest.raises(ValueError, match="verdict"):
        retrain(current_model(), np.empty((0, len(FEATURES) + 2), dtype=np.float32), [], training={})


def test_kinds_of_small_list_include_all_three(small_report: Report) -> None:
    assert {one.kind for one in small_report.findings} == set(KINDS[1:])


def test_telling_keeps_the_strongest_of_each_record_and_the_links_to_a_centre() -> None:
    corpus = corpus_of([record_of(one) for one in portfolio(size=1500).applications], vocabulary())
    overlaps = find_overlaps(corpus, current_model())
    found = families_of(corpus, overlaps)

    kept = telling(corpus, overlaps, found, each=2)

    pairs = {tuple(overlaps.pairs[at].tolist()) for at in kept}
    places = {record.id: place for place, record in enumerate(corpus.records)}
    for one in found:
        centre = places[one.centre]
        others = [places[code] for code in one.members if code != one.centre]
        assert one.centre in one.members
        assert {(min(centre, other), max(centre, other)) for other in others} <= pairs
    best: dict[int, float] = {}
    for (left, right), score in zip(overlaps.pairs.tolist(), overlaps.score.tolist(), strict=True):
        best[left], best[right] = max(best.get(left, 0), score), max(best.get(right, 0), score)
    shown: dict[int, float] = {}
    for at in kept:
        for place in overlaps.pairs[at].tolist():
            shown[place] = max(shown.get(place, 0), float(overlaps.score[at]))
    assert shown == best
    assert 0 < len(kept) < len(overlaps.pairs)
