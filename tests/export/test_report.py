"""Reports as HTML and PDF: the same words in both, on every page what has to be there."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np
import pypdfium2
import pytest

from medviewer.export.report import letters as letters_of
from medviewer.export.report import shaped
from medviewer.export.report.content import LONGEST_CELL, NOTICE, Report, Shot, Table, cell, plain
from medviewer.export.report.letters import pieces
from medviewer.export.report.page_html import html
from medviewer.export.report.page_pdf import pdf
from medviewer.export.report.writing import write_report
from medviewer.kit.errors import BadValue, Cancelled, ExportTrouble

HOSTILE = "<script>alert(1)</script> & \"quoted\" <img src='http://a.example/x'>"


def table(rows=3, words="length"):
    cells = tuple(
        (str(number), words, f"{number}.25 mm", f"mean \N{MINUS SIGN}{number} HU") for number in range(rows)
    )
    return Table("Measurements", ("No.", "What", "Value", "Statistics"), cells, (1, 3, 2, 4), "What counts.")


def report(pictures=2, rows=3, words="The reader's own words.", **changes):
    rng = np.random.default_rng(5)
    shots = tuple(
        Shot(
            rng.integers(0, 256, (90, 120, 3), dtype=np.uint8),
            "ABCDEF"[number],
            (f"Series {number}", "C 40  W 400"),
        )
        for number in range(pictures)
    )
    given = {
        "facts": (("Series", "1 CT with 3 pictures"),),
        "words": words,
        "pictures": shots,
        "tables": (table(rows),),
    }
    return Report("Report", **{**given, **changes}, program="medviewer 1.2.3", made="2030-01-02 03:04 UTC")


class Page(HTMLParser):
    """What a browser reads in a page: the tags that were opened, the text, the pictures."""

    VOID = ("meta", "img", "col", "br")

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.pictures, self.open, self.links = [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "src":
                self.pictures.append(value)
            if name in ("href", "action", "srcset") or name.startswith("on"):
                self.links.append((name, value))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.texts.append(data)

    @property
    def words(self):
        return letters(" ".join(self.texts))


def letters(text):
    """*text* without what only lays it out: where lines and pages break says nothing."""
    return re.sub(r"\s+", "", text)


def pages(content):
    document = pypdfium2.PdfDocument(content)
    return [document[at].get_textpage().get_text_range() for at in range(len(document))]


def said(given):
    """Everything that a report says, piece by piece."""
    yield given.title
    yield from (text for fact in given.facts for text in fact)
    yield from given.words.splitlines()
    yield from (line for shot in given.pictures for line in shot.lines)
    for one in given.tables:
        yield from (one.title, one.note, *one.heads, *(text for row in one.rows for text in row))
    yield from (given.notice, given.program, given.made)


@pytest.mark.parametrize(
    "given", [report(), report(0, 0, ""), report(1, 120), report(6, 1, words="word " * 2000)]
)
def test_both_say_all_that_the_report_says(given):
    page, text = Page(html(given)).words, letters("".join(pages(pdf(given))))
    for piece in filter(None, map(letters, said(given))):
        assert piece in page
        # a long text is interrupted by the foot of the page where it goes on
        assert piece in text or len(piece) > 2000


def test_every_page_says_what_the_program_is_not_and_its_own_number():
    found = pages(pdf(report(rows=200)))
    assert len(found) > 3
    for number, text in enumerate(found, 1):
        assert NOTICE in text
        assert f"{number} / {len(found)}" in text
    assert "tfoot" in html(report())
    assert NOTICE in html(report())


def test_what_goes_on_one_page_stands_on_one():
    assert len(pages(pdf(report(2, 12)))) == 1
    assert len(pages(pdf(report(2, 12), paper="Letter"))) == 1


def test_a_long_table_repeats_its_heads_and_loses_no_row():
    found = pages(pdf(report(0, 150, "")))
    assert all("Statistics" in text for text in found)
    rows = [int(one) for text in found for one in re.findall(r"^(\d+) length", text, re.M)]
    assert rows == list(range(150))


def test_the_paper_is_as_large_as_asked():
    sizes = {paper: pypdfium2.PdfDocument(pdf(report(), paper))[0].get_size() for paper in ("A4", "Letter")}
    assert sizes["A4"] == pytest.approx((595.28, 841.89), abs=0.01)
    assert sizes["Letter"] == pytest.approx((612, 792), abs=0.01)


def test_words_from_files_are_words_and_nothing_else():
    given = report(1, facts=(("Study", HOSTILE),), words=HOSTILE, tables=(table(2, HOSTILE),))
    page = Page(html(given))
    assert "script" not in page.tags
    assert page.tags.count("img") == 1
    assert not page.links
    assert page.words.count(letters(HOSTILE)) == 4
    assert letters("".join(pages(pdf(given)))).count(letters(HOSTILE)) == 4


def test_the_page_loads_nothing():
    page = html(report())
    assert "default-src 'none'" in page
    assert all(one.startswith("data:image/png;base64,") for one in Page(page).pictures)
    assert "http" not in page.replace("http-equiv", "")


def test_pictures_in_the_page_are_exactly_the_pixels():
    given = report()
    for shot, source in zip(given.pictures, Page(html(given)).pictures, strict=True):
        content = np.frombuffer(base64.b64decode(source.partition(",")[2]), np.uint8)
        assert np.array_equal(cv2.imdecode(content, cv2.IMREAD_COLOR)[..., ::-1], shot.pixels)


def test_pictures_in_the_pdf_are_exactly_the_pixels():
    given = report()
    kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
    page = pypdfium2.PdfDocument(pdf(given))[0]
    found = [one.get_bitmap().to_numpy() for one in page.get_objects(filter=[kind])]
    assert len(found) == len(given.pictures)
    for shot, pixels in zip(given.pictures, found, strict=True):
        assert np.array_equal(pixels[..., 2::-1] if pixels.shape[2] >= 3 else pixels, shot.pixels)


@pytest.mark.parametrize("words", ["Иванов Сергей", "山田 太郎", "홍길동", "Ελληνικά"])
def test_names_in_other_scripts_are_drawn(words):
    def ink(text):
        page = pypdfium2.PdfDocument(pdf(report(0, 0, "", facts=(("Name", text),), tables=())))[0]
        return np.asarray(page.render(scale=4).to_pil().convert("L")) < 128

    assert not letters("".join(one.text for one in pieces(words) if not one.is_picture))
    drawn, nothing = ink(words), ink("")
    assert drawn.sum() - nothing.sum() > 40 * len(letters(words))
    # no two different names look alike: none is a row of boxes
    assert not np.array_equal(drawn, ink(words[::-1]))


@pytest.fixture
def without_fonts(monkeypatch):
    """A computer that has no fonts."""
    caches = (shaped.font_for, letters_of._piece)
    monkeypatch.setattr(shaped, "FONTS", ())
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


def test_what_no_font_has_is_written_as_its_number(without_fonts):
    assert "".join(one.text for one in pieces("x\u0939\u05e9")) == "x[U+0939][U+05E9]"
    text = "".join(pages(pdf(report(0, 0, "", facts=(("Name", "\u0939"),), tables=()))))
    assert "[U+0939]" in text
    assert "\u0939" in html(report(0, 0, facts=(("Name", "\u0939"),)))


@pytest.mark.parametrize(
    "words",
    ["\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a"],
)
def test_words_from_right_to_left_stand_in_their_order(words):
    if not all(shaped.font_for(sign) for sign in words.replace(" ", "")):
        pytest.skip("this computer has no font with these letters")
    (piece,) = pieces(words)
    assert piece.text == words
    drawn, _, _ = letters_of.picture_of(piece, 20.0, False, (0, 0, 0))
    first, _, _ = letters_of.picture_of(replace(piece, text=words.split()[0]), 20.0, False, (0, 0, 0))
    whole, word = (np.asarray(one._image)[..., 3] > 128 for one in (drawn, first))
    columns = np.flatnonzero(word.any(axis=0))
    word = word[:, columns.min() : columns.max() + 1]
    places = range(whole.shape[1] - word.shape[1] + 1)
    alike = [(whole[:, at : at + word.shape[1]] & word).sum() / word.sum() for at in places]
    # the first word stands at the right end
    assert max(alike) > 0.9
    assert np.argmax(alike) > 0.4 * whole.shape[1]


def test_signs_that_nobody_sees_are_left_out():
    assert plain("a\u202eb\x1b[31m\x00c\r\nd\te") == "ab[31mc\nd e"
    assert len(cell("x" * 9999)) == LONGEST_CELL


def test_words_without_end_are_broken():
    given = report(1, 3, "w" * 5000, facts=(("Study", "d" * 900),), tables=(table(3, cell("n" * 5000)),))
    assert "".join(pages(pdf(given))).count("w") > 5000


def test_a_picture_of_any_shape_finds_room():
    for shape in ((1, 1, 3), (2000, 10, 3), (10, 2000, 3)):
        shot = Shot(np.full(shape, 128, np.uint8), "A", ("A strange one",))
        assert len(pages(pdf(report(pictures=0, rows=1)))) == len(
            pages(pdf(Report("Report", pictures=(shot,))))
        )


@pytest.mark.parametrize("ending", [".pdf", ".html", ".HTM"])
def test_a_file_is_whole_or_not_there(tmp_path, ending):
    path = write_report(report(), tmp_path / f"a{ending}")
    assert path.stat().st_size > 1000
    before = path.read_bytes()

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        write_report(report(3, 50), path, check=stop)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_bad_place_is_told(tmp_path):
    with pytest.raises(BadValue, match=r"\.pdf"):
        write_report(report(), tmp_path / "a.docx")
    with pytest.raises(ExportTrouble, match="no folder"):
        write_report(report(), tmp_path / "nowhere" / "a.html")


def test_the_file_names_no_author():
    found = pypdfium2.PdfDocument(io.BytesIO(pdf(report()))).get_metadata_dict()
    assert found["Author"] in ("", "(anonymous)", "anonymous")
    assert found["Creator"] == "medviewer 1.2.3"
