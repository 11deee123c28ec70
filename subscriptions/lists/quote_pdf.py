"""A quote as a PDF file, drawn by fpdf2 in Noto Sans: Latin, Greek and Cyrillic letters.

A name in other letters has its A-labels beside it; letters that the font lacks are left as question marks.
"""

from importlib.resources import as_file, files
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import FontFace, TTFFont

from subscriptions.selectors.quote_documents import DocumentPart, QuoteDocument

FONT = "NotoSans"
FONT_FILES = files("fontpkg_noto_sans") / "files"
FONT_FILE = "NotoSans[wdth,wght].ttf"
TITLE, HEADING, TEXT, NOTE = 18, 12, 10, 8  # points
MARGIN = 20  # millimetres
LINE = 5.5
INK, MUTED = 20, 110  # of 255


def quote_pdf(document: QuoteDocument, *, made_by: str) -> bytes:
    """Give the file; `made_by` is the portal's name, which stands above."""
    with as_file(FONT_FILES / FONT_FILE) as font:
        pdf = _Paper(document, made_by, font)
        pdf.write_facts()
        for part in document.parts:
            pdf.write_part(part, is_alone=len(document.parts) == 1)
        pdf.write_end()
        return bytes(pdf.output())


class _Paper(FPDF):
    """A sheet of A4 that knows its document."""

    def __init__(self, document: QuoteDocument, made_by: str, font: Path) -> None:
        super().__init__(format="A4")
        self._document, self._made_by = document, made_by
        self.set_title(document.title)
        self.set_creator(made_by)
        self.set_lang("en")
        if document.priced_at:
            self.set_creation_date(document.priced_at)
        self.add_font(FONT, fname=font)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN)
        self.add_page()

    def header(self) -> None:
        self._text(self._made_by, NOTE, MUTED)
        self._text(self._document.title, TITLE if self.page_no() == 1 else HEADING, INK)
        self.ln(LINE / 2)

    def footer(self) -> None:
        self.set_y(-MARGIN + LINE)
        self._pen(NOTE, MUTED)
        self.cell(0, LINE, f"{self._document.number}, page {self.page_no()} of {{nb}}", align="R")

    def write_facts(self) -> None:
        """Write for whom it is and how good it is."""
        for label, text in self._document.facts:
            self._pen(TEXT, MUTED)
            self.cell(45, LINE, label)
            self._text(text, TEXT, INK)

    def write_part(self, part: DocumentPart, *, is_alone: bool) -> None:
        """Write the lines of one part with their prices."""
        self.ln(LINE)
        self._text(part.title, HEADING, INK)
        self._text(part.about, NOTE, MUTED)
        self._pen(TEXT, INK)
        plain = FontFace(emphasis="", color=MUTED)
        with self.table(
            borders_layout="HORIZONTAL_LINES",
            col_widths=(70, 30),
            text_align=("LEFT", "RIGHT"),
            line_height=LINE,
            headings_style=plain,
            padding=1,
        ) as table:
            table.row(["Name", "Price"])
            for line in part.lines:
                table.row([self._readable("\n".join([line.words, *line.notes])), self._readable(line.price)])
            if is_alone:
                table.row(["Total", self._readable(self._document.total)])
        for note in part.notes:
            self._text(note, NOTE, MUTED)

    def write_end(self) -> None:
        """Write the total, where it is of several parts, and what is to be known of the whole."""
        self.ln(LINE)
        if len(self._document.parts) > 1:
            self._text(f"Total: {self._document.total}", HEADING, INK)
        for note in self._document.notes:
            self._text(note, NOTE, MUTED)

    def _pen(self, size: int, grey: int) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(grey)

    def _text(self, text: str, size: int, grey: int) -> None:
        self._pen(size, grey)
        self.multi_cell(0, LINE * max(1.0, size / TEXT), self._readable(text), new_x="LMARGIN", new_y="NEXT")

    def _readable(self, text: str) -> str:
        font = self.current_font
        known = font.cmap if isinstance(font, TTFFont) else {}
        return "".join(one if one == "\n" or ord(one) in known else "?" for one in text)
