"""CSV files: the column is known by what is in it, in any language, place and encoding."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules.encodings import decode
from subscriptions.rules.name_files import NoNames, read_names
from tests.rules.name_strategies import u_names

OTHERS = st.sampled_from(
    ["Anna", "Müller, Jörg", "25.11.2026", "1.234,50", "x@a.com", "192.0.2.1", "v1.2.3", "viel\nText", ""]
)
HEADINGS = ["Domain", "ドメイン", "Common Name", "Имя узла", "Nom d’hôte", "الموقع", "x"]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """Some names, and a file in whose column anywhere they stand."""
    names = draw(st.lists(u_names(), min_size=1, max_size=8, unique=True))
    before, after = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    rows = [[*(draw(OTHERS) for _ in range(before)), name, *(draw(OTHERS) for _ in range(after))] for name in names]
    if draw(st.booleans()):
        heading = draw(st.sampled_from(HEADINGS))
        rows.insert(0, [*(f"h{n}" for n in range(before)), heading, *(f"t{n}" for n in range(after))])
    sheet = StringIO()
    delimiter = draw(st.sampled_from(",;\t|"))
    ends = draw(st.sampled_from(["\r\n", "\n"]))
    csv.writer(sheet, delimiter=delimiter, lineterminator=ends, quoting=draw(st.sampled_from([0, 1]))).writerows(rows)
    return names, sheet.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


@given(tables())
def test_a_table_gives_exactly_its_names(table: tuple[list[str], bytes]) -> None:
    names, content = table
    read = read_names(content)
    assert list(read.names) == names
    assert read.others == []


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Domain;Inhaber\nbücher.de;Müller\n", "cp1252", "Windows-1252"),
        ("Domain;Preis\ncafé.fr;£ 5\n", "cp1252", "Windows-1252"),
        ("Doména;Vlastník\npříklad.cz;Jiří Novák\n", "cp1250", "Windows-1250"),
        ("Domena;Właściciel\nżółw.pl;Łukasz\n", "cp1250", "Windows-1250"),
        ("Домен;Владелец\nпример.рф;Иван\nshop.example.ru;Пётр\n", "cp1251", "Windows-1251"),
        ("Όνομα;Κάτοχος\nαθήνα.gr;Γιώργος\n", "cp1253", "Windows-1253"),
        ("ドメイン,所有者\n例え.jp,田中\n", "cp932", "Shift-JIS"),
        ("域名,所有者\n例子.cn,张三\n", "gb18030", "GB18030"),
    ],
)
def test_an_encoding_that_is_not_told_is_guessed_and_named(text: str, encoding: str, name: str) -> None:
    read = read_names(text.encode(encoding))
    heading, typed = (line.split(";")[0].split(",")[0] for line in text.splitlines()[:2])
    assert (read.names[0], read.column, read.guessed) == (typed, f"column “{heading}”", name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_known(encoding: str) -> None:
    decoded = decode("Domain;x\nbücher.de;Müller\n".encode(encoding))
    assert decoded is not None
    assert (decoded.text, decoded.guessed) == ("Domain;x\nbücher.de;Müller\n", "")


@pytest.mark.parametrize("content", [b"\xff\xfea", b"%PDF-1.7\n\x00\x01", b"\xef\xbb\xbf\xff", bytes(range(256))])
def test_what_is_no_text_is_not_decoded(content: bytes) -> None:
    assert decode(content) is None


@pytest.mark.parametrize(
    ("text", "names", "column", "others"),
    [
        ("Domain list of Contoso,,\r\n,,\r\nNo,Domain,Price\r\n1,a.com,5\r\n", ["a.com"], "column “Domain”", []),
        ("25.11.2026;a.com\n26.11.2026;b.com\n", ["a.com", "b.com"], "column 2", []),
        ("a.com,b.com\nc.com,d.com\n", ["a.com", "b.com", "c.com", "d.com"], "all columns", []),
        ("CN,SAN\na.com,a.com b.com\nc.com,\n", ["a.com", "c.com"], "column “CN”", ["column “SAN”"]),
        ("Domain,NS\na.com,ns.x.net\nb.com,ns.x.net\n", ["a.com", "b.com"], "column “Domain”", ["column “NS”"]),
        ("id,host\n1,server.local\n", ["server.local"], "column “host”", []),
        ("Host\nlocalhost\na.com\n", ["localhost", "a.com"], "column “Host”", []),
        ('id;names\n1;"DNS:a.com\nDNS:b.com"\n', ["a.com", "b.com"], "column “names”", []),
        ("Version|Host\n1.2.3|a.com\n", ["a.com"], "column “Host”", []),
        ("1.\ta.com\n2.\tb.com\n", ["a.com", "b.com"], "column 2", []),
    ],
)
def test_it_is_said_which_column_was_taken(text: str, names: list[str], column: str, others: list[str]) -> None:
    read = read_names(text.encode())
    assert (list(read.names), read.column, list(read.others)) == (names, column, others)


def test_what_stands_there_again_is_counted() -> None:
    read = read_names(b"a.com\nb.com\na.com\na.com\n")
    assert (list(read.names), read.repeated) == (["a.com", "b.com"], 2)


@pytest.mark.parametrize("content", [b"", b"\n,,\n", b"id,owner\n1,Anna\n", b"25.11.2026,1.234\n"])
def test_a_file_without_names_is_refused(content: bytes) -> None:
    with pytest.raises(NoNames, match="No domain name is in this file"):
        read_names(content)
