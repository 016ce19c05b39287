"""The work pages: what each role sees and does, and that nothing typed is lost."""

from __future__ import annotations

import re
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from terpadu.kernel.clock import freeze, now
from terpadu.maturity.facts import PlatformFact, forget_fact, register_fact
from terpadu.maturity.models import Assessment, Evidence, Locus, Round
from terpadu.maturity.rules.instrument import Text
from terpadu.maturity.services.assessments import assessment_save
from terpadu.maturity.services.results import locus_finalise
from terpadu.maturity.sources import contracts_in_force, source_of
from tests.actors import client_of
from tests.maturity.conftest import PDF, Scene

pytestmark = [pytest.mark.usefixtures("actor_from_header")]


def text_of(response: object) -> str:
    return re.sub(r"\s+", " ", response.content.decode())  # type: ignore[attr-defined]  # a test response


def at(scene: Scene, tail: str = "") -> str:
    return f"/maturitas/{scene.locus.id}/{tail}"


DUE_ON = {"due_on_day": "20", "due_on_month": "6", "due_on_year": "2025"}
ANSWER = {"level": "3", "explanation": "Perwal 1/2025", "version": "0"}


@pytest.mark.django_db
def test_work_page_without_sign_in_leads_there_and_back() -> None:
    response = client_of(None).get("/maturitas/")

    assert (response.status_code, response["Location"]) == (302, "/masuk/?next=%2Fmaturitas%2F")


def test_home_of_a_coordinator_shows_agency_progress_and_deadline(scene: Scene) -> None:
    text = text_of(client_of(scene.coordinator).get("/maturitas/"))

    assert "Kota Contoh" in text
    assert "0 of 47 indicators" in text
    assert "until 2 July 2025" in text


def test_home_without_any_role_says_so(scene: Scene) -> None:
    assert "You have no task in a running round" in text_of(client_of(scene.stranger).get("/maturitas/"))


@pytest.mark.parametrize(
    "tail", ["", "i/11/", "kirim/", "tugas/", "lembar/", "lembar.csv", "lembar.xlsx", "keberatan/"]
)
def test_pages_of_an_agency_do_not_exist_for_others(scene: Scene, tail: str) -> None:
    assert client_of(scene.stranger).get(at(scene, tail)).status_code == 404


def test_indicator_page_shows_every_criterion_as_printed(scene: Scene) -> None:
    text = text_of(client_of(scene.operator).get(at(scene, "i/3/")))

    assert "Konsep kebijakan internal terkait Manajemen Data" in text
    assert "Misplaced: this sentence is the condition of level 2." in text
    assert text.count('type="radio"') == 5


def test_indicator_saved_leads_to_the_next_one(scene: Scene) -> None:
    response = client_of(scene.operator).post(at(scene, "i/11/"), ANSWER | {"next": "1"})

    assert response["Location"] == at(scene, "i/12/")
    assert Assessment.objects.get().explanation == "Perwal 1/2025"


@pytest.mark.parametrize("level", ["0", "6", "3.5", "", "tiga"])
def test_indicator_with_a_bad_level_keeps_what_was_typed(scene: Scene, level: str) -> None:
    response = client_of(scene.operator).post(at(scene, "i/11/"), ANSWER | {"level": level})

    assert response.status_code == 422
    assert "Perwal 1/2025" in text_of(response)
    assert not Assessment.objects.exists()


def test_indicator_48_does_not_exist(scene: Scene) -> None:
    assert client_of(scene.operator).get(at(scene, "i/48/")).status_code == 404


def test_indicator_after_the_deadline_says_so_and_keeps_what_was_typed(scene: Scene) -> None:
    with freeze(scene.round.self_due_at + timedelta(days=1)):
        response = client_of(scene.operator).post(at(scene, "i/11/"), ANSWER)

    assert response.status_code == 409
    assert "The time for answers has ended." in text_of(response)
    assert "Perwal 1/2025" in text_of(response)


def test_two_assessors_saving_at_once_second_sees_both_and_can_decide(scene: Scene) -> None:
    scene.submit()
    first = {"level": "2", "explanation": "Belum lengkap", "version": "0"}
    client_of(scene.assessor).post(at(scene, "i/11/"), first)
    response = client_of(scene.second).post(
        at(scene, "i/11/"), first | {"level": "4", "explanation": "Lengkap"}
    )

    text = text_of(response)
    assert response.status_code == 409
    assert "Belum lengkap" in text
    assert "Lengkap</textarea>" in text
    again = first | {"level": "4", "explanation": "Lengkap", "version": "1"}
    assert 'name="version" value="1"' in text
    assert client_of(scene.second).post(at(scene, "i/11/"), again).status_code == 302
    assert Assessment.objects.get(stage="dokumen").level == 4


def test_evidence_whose_title_holds_a_nul_is_refused_in_words(scene: Scene) -> None:
    link = {"url": "https://contoh.go.id/sop", "title": "SOP\0"}

    response = client_of(scene.operator).post(at(scene, "i/11/bukti/"), link)

    assert response.status_code == 422
    assert 'value="https://contoh.go.id/sop"' in response.content.decode()
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("url", ["contoh.go.id/sop", "https://[", "", "https://contoh.go.id/" + "a" * 500])
def test_link_that_is_refused_stays_on_the_page_with_its_title(scene: Scene, url: str) -> None:
    client = client_of(scene.operator)

    response = client.post(at(scene, "i/11/bukti/"), {"url": url, "title": "SOP Bagian A/B"})

    text = text_of(response)
    assert response.status_code == 422
    assert all(f'value="{typed}"' in text for typed in ("SOP Bagian A/B", url) if typed)
    assert 'href="#link_url"' in text and '<details class="line" open><summary>Add a link' in text
    assert not Evidence.objects.exists()
    mended = {"url": "https://contoh.go.id/sop", "title": "SOP Bagian A/B"}
    assert client.post(at(scene, "i/11/bukti/"), mended).status_code == 302
    assert Evidence.objects.get().title == "SOP Bagian A/B"
    assert client.get(at(scene, "i/11/bukti/")).status_code == 302


def test_what_was_typed_stays_when_a_colleague_has_sent_the_answers_meanwhile(scene: Scene) -> None:
    scene.submit()
    client = client_of(scene.operator)

    answer = client.post(at(scene, "i/11/"), ANSWER | {"explanation": "Bukti baru dari rapat"})
    link = client.post(at(scene, "i/11/bukti/"), {"url": "https://contoh.go.id/sop", "title": "SOP baru"})

    assert (answer.status_code, link.status_code) == (409, 409)
    assert "Bukti baru dari rapat</textarea>" in text_of(answer)
    assert "kept here to copy" in text_of(answer)
    assert 'value="SOP baru"' in text_of(link)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty."),
        (b"MZ\x90\x00", "This file cannot be taken as evidence."),
        (b"%PDF-" + b"0" * (25 * 1024 * 1024), "This file is larger than 25 MB."),
    ],
)
def test_evidence_that_cannot_be_taken_says_why(scene: Scene, content: bytes, message: str) -> None:
    file = SimpleUploadedFile("bukti.pdf", content)

    response = client_of(scene.operator).post(at(scene, "i/11/bukti/"), {"file": file}, follow=True)

    assert message in text_of(response)
    assert not Evidence.objects.exists()


class Upload:
    """A form with a file of zeros, made while it is read; counts what was read of it."""

    def __init__(self, size: int) -> None:
        head = b'--line\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
        self.size, self.given, self._head = size, 0, head

    def read(self, most: int = -1) -> bytes:
        """Return the next bytes."""
        count = min(most if most >= 0 else self.size, self.size - self.given)
        start = self._head[self.given : self.given + count]
        self.given += count
        return start + bytes(count - len(start))

    readline = read


@pytest.mark.parametrize(("megabytes", "status", "read"), [(100, 413, 100), (10_000, 413, 130)])
def test_evidence_of_100_mb_is_refused_before_any_of_it_is_kept(
    scene: Scene, tmp_path: Path, settings: Settings, megabytes: int, status: int, read: int
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    operator = client_of(scene.operator)
    operator.get(at(scene, "i/11/"))  # templates and translations are loaded
    form = Upload(megabytes * 1024 * 1024 + 1000)
    kind = "multipart/form-data; boundary=line"
    environ = {"wsgi.input": form, "CONTENT_LENGTH": str(form.size), "CONTENT_TYPE": kind}

    tracemalloc.start()
    response = operator.generic("POST", at(scene, "i/11/bukti/"), **environ)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert response.status_code == status
    assert "This file is too large." in text_of(response)
    assert peak < 4_000_000
    assert form.given // 1024**2 == read
    assert list(tmp_path.iterdir()) == []
    assert not Evidence.objects.exists()


def test_evidence_is_added_read_by_the_assessor_and_withdrawn(scene: Scene) -> None:
    operator = client_of(scene.operator)
    operator.post(at(scene, "i/11/bukti/"), {"file": SimpleUploadedFile("bukti.pdf", PDF)})
    row = Evidence.objects.get()
    address = f"/maturitas/bukti/{row.id}/"

    answer = client_of(scene.assessor).get(address)
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]  # a streaming answer
    assert answer["Content-Disposition"].startswith("attachment")
    assert client_of(scene.stranger).get(address).status_code == 404
    assert client_of(scene.operator).post(address + "tarik/").status_code == 302
    row.refresh_from_db()
    assert row.withdrawn_at is not None


def test_platform_fact_is_offered_and_contradicts_a_claim(scene: Scene) -> None:
    key = "exchange.contracts_in_force"
    none = Text(id="Tidak ada perjanjian berlaku", en="No contract in force")
    forget_fact(key)
    register_fact(key, lambda about, on: PlatformFact(key, 0, none, "contracts in force", on))
    try:
        operator = client_of(scene.operator)
        operator.post(at(scene, "i/18/"), ANSWER | {"level": "4"})
        text = text_of(operator.get(at(scene, "i/18/")))
        operator.post(at(scene, "i/18/bukti/"), {"fact": key})
    finally:
        forget_fact(key)
        register_fact(key, source_of(key, contracts_in_force))

    assert "speaks against the claimed level" in text
    assert Evidence.objects.get().facts["query"] == "contracts in force"
    assert Assessment.objects.get().level == 4


def test_tasks_handed_out_show_on_the_board_and_reach_the_respondent(scene: Scene) -> None:
    given = {"indicators": ["11", "12"], "unit": "Dinas Kominfo", **DUE_ON}
    client_of(scene.coordinator).post(at(scene, "tugas/"), given)

    respondent = client_of(scene.respondent)

    assert text_of(respondent.get(at(scene))).count("Dinas Kominfo") == 2
    assert respondent.post(at(scene, "i/12/"), ANSWER).status_code == 302
    assert respondent.post(at(scene, "i/13/"), ANSWER).status_code == 404


@pytest.mark.parametrize(
    ("who", "number"), [("respondent", "12"), ("operator", "1"), ("assessor", None), ("national", None)]
)
def test_board_leads_each_to_the_first_indicator_that_waits_for_them(
    scene: Scene, who: str, number: str | None
) -> None:
    given = {"indicators": ["11", "12"], "unit": "Dinas Kominfo", **DUE_ON}
    client_of(scene.coordinator).post(at(scene, "tugas/"), given)
    client_of(scene.respondent).post(at(scene, "i/11/"), ANSWER)

    text = text_of(client_of(getattr(scene, who)).get(at(scene)))

    assert ("Go on with indicator" in text) is (number is not None)
    assert number is None or f"Go on with indicator {number}<" in text


def test_board_leads_the_assessor_on_once_the_agency_has_sent(scene: Scene) -> None:
    scene.submit()

    assert "Go on with indicator 1<" in text_of(client_of(scene.assessor).get(at(scene)))
    assert "Go on with indicator" not in text_of(client_of(scene.coordinator).get(at(scene)))


def test_sheet_goes_out_and_comes_back_with_faults_named(scene: Scene) -> None:
    operator = client_of(scene.operator)
    sheet = operator.get(at(scene, "lembar.csv")).content.decode()
    lines = sheet.split("\r\n")
    bad = [*lines[:1], lines[1].removesuffix(",,,0") + "tiga,Ada,,0", *lines[2:]]

    refused = operator.post(
        at(scene, "lembar/"), {"file": SimpleUploadedFile("a.csv", "\r\n".join(bad).encode())}
    )
    good = "\r\n".join(bad).replace("tiga,Ada", "4,Ada").encode()
    taken = operator.post(at(scene, "lembar/"), {"file": SimpleUploadedFile("a.csv", good)}, follow=True)

    assert "The level of indicator 1 is “tiga”" in text_of(refused)
    assert "1 answers are saved from the sheet." in text_of(taken)


def test_sheet_that_is_no_text_says_so(scene: Scene) -> None:
    file = SimpleUploadedFile("a.csv", b"\xff\xfe")

    response = client_of(scene.operator).post(at(scene, "lembar/"), {"file": file})

    assert "This is neither an Excel workbook (.xlsx) nor a CSV file in UTF-8." in text_of(response)


def test_agency_sees_the_assessors_levels_only_once_they_are_announced(scene: Scene) -> None:
    scene.submit()
    assessment_save(
        scene.locus.id, indicator="1", stage="dokumen", level="1", explanation="RAHASIA", by=scene.assessor
    )
    coordinator = client_of(scene.coordinator)

    assert "RAHASIA" not in text_of(coordinator.get(at(scene, "i/1/")))
    Locus.objects.update(state="announced")
    assert "RAHASIA" in text_of(coordinator.get(at(scene, "i/1/")))


def test_submission_incomplete_names_what_is_missing(scene: Scene) -> None:
    given = {"minutes": SimpleUploadedFile("ba.pdf", PDF), "consent": "yes"}

    response = client_of(scene.coordinator).post(at(scene, "kirim/"), given)

    assert response.status_code == 409
    assert "Some indicators have no level yet." in text_of(response)


@pytest.mark.parametrize(
    ("path", "question"), [("umumkan/", "Show the levels"), ("final/", "Make the levels")]
)
def test_step_that_cannot_be_undone_asks_first_and_asks_assessors_only(
    scene: Scene, path: str, question: str
) -> None:
    scene.submit()

    page = client_of(scene.assessor).get(at(scene, path))

    assert f"{question} " in text_of(page)
    assert "Kota Contoh" in text_of(page)
    assert client_of(scene.coordinator).get(at(scene, path)).status_code == 404
    assert Locus.objects.get().state == "submitted"


def test_whole_year_is_walked_through_the_pages(scene: Scene) -> None:
    scene.answer()
    papers = {"minutes": SimpleUploadedFile("ba.pdf", PDF), "consent": "yes"}
    assert client_of(scene.coordinator).post(at(scene, "kirim/"), papers).status_code == 302
    scene.answer(stage="dokumen", level="2")
    early = client_of(scene.assessor).post(at(scene, "umumkan/"), follow=True)
    assert "No level yet for indicators 1, 2" in text_of(early)
    scene.answer(stage="interviu", level="3")
    client_of(scene.assessor).post(at(scene, "umumkan/"))
    client_of(scene.assessor).post(at(scene, "temuan/5/"), {"weakness": "Belum ada manajemen risiko."})
    client_of(scene.coordinator).post(at(scene, "i/42/keberatan/"), {"reason": "Sudah terpadu"})
    raised = scene.locus.objections.get()
    assert "Sudah terpadu" in text_of(client_of(scene.assessor).get(at(scene, "keberatan/")))
    decided = {"accepted": "no", "answer": "Bukti belum cukup"}
    client_of(scene.assessor).post(at(scene, f"keberatan/{raised.id}/"), decided)
    early = client_of(scene.assessor).post(at(scene, "final/"), follow=True)
    assert "Objections are still open." in text_of(early)
    round_page = f"/maturitas/putaran/{scene.round.id}/"
    early = client_of(scene.national).post(round_page + "terbitkan/", follow=True)
    assert "1 agency is not final yet: Kota Contoh." in text_of(early)

    with freeze(now() + timedelta(days=20)):
        done = client_of(scene.assessor).post(at(scene, "final/"), follow=True)
        assert "Final: index 3.00." in text_of(done)
        assert "100 % of 1 agency is final" in text_of(client_of(scene.national).get(round_page))
        assert "cannot be undone" in text_of(client_of(scene.national).get(round_page + "terbitkan/"))
        client_of(scene.national).post(round_page + "terbitkan/")

    assert Round.objects.get().state == "published"
    public = text_of(client_of(None).get("/indeks/instansi/kota.99.01/"))
    assert '<p class="index-big">3.00</p>' in public


def test_agency_that_refused_publication_appears_nowhere(scene: Scene) -> None:
    scene.announce()
    client_of(scene.coordinator).post(at(scene, "persetujuan/"), {"consent": "no"})
    with freeze(now() + timedelta(days=20)):
        locus_finalise(scene.locus.id, by=scene.assessor)
        client_of(scene.national).post(f"/maturitas/putaran/{scene.round.id}/terbitkan/")

    assert client_of(None).get("/indeks/instansi/kota.99.01/").status_code == 404
    assert "Kota Contoh" not in text_of(client_of(None).get("/indeks/2025/"))


def test_round_page_shows_agreement_and_hands_agencies_out(scene: Scene) -> None:
    scene.submit()
    for actor, level in ((scene.assessor, "3"), (scene.second, "2")):
        client = client_of(actor)
        client.post(at(scene, "i/1/nilai-sendiri/"), {"level": level})
        client.post(at(scene, "i/2/nilai-sendiri/"), {"level": "3"})
    Locus.objects.create(
        round=scene.round, agency_code="kota.99.02", agency_name="Kota Dua", group="city", kind="evaluation"
    )
    address = f"/maturitas/putaran/{scene.round.id}/"
    text = text_of(client_of(scene.national).get(address))

    assert "<dd>2</dd>" in text
    assert "<dt>Agencies without an assessor</dt><dd>1</dd>" in text
    assert "<dt>Assessors appointed</dt><dd>2</dd>" in text
    assert f'<a href="{at(scene, "")}">Kota Contoh</a>' in text  # drawn for a second look, by name
    done = client_of(scene.national).post(address + "bagi/", follow=True)
    assert "1 agency is handed out." in text_of(done)
    assert client_of(scene.coordinator).get(address).status_code == 404
