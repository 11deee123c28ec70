"""From a topic's HTML to what is read in one go."""

import pytest

from subscriptions.help.passages import Passage, passages_of


def one(*sentences: str, anchor: str = "", is_heading: bool = False) -> Passage:
    return Passage(sentences, anchor, is_heading)


@pytest.mark.parametrize(
    ("html", "passages"),
    [
        ("", []),
        ("<p>One <code>two</code>\n three.</p>", [one("One two three.")]),
        ("<p>A &lt; B &amp; C</p>", [one("A < B & C")]),
        (
            '<h2 id="port-80">Port 80</h2><p>Open it.</p><ul><li>Now.</li><li>Later.</li></ul>',
            [
                one("Port 80", anchor="port-80", is_heading=True),
                one("Open it.", anchor="port-80"),
                one("Now.", anchor="port-80"),
                one("Later.", anchor="port-80"),
            ],
        ),
        (
            '<dl><dt id="ca">CA</dt>\n<dd>It signs.</dd><dt id="csr">CSR</dt><dd>A request.</dd></dl>',
            [one("CA: It signs.", anchor="ca"), one("CSR: A request.", anchor="csr")],
        ),
        (
            "<table><tr><th>Client</th> <th>Renews</th></tr><tr><th>Caddy</th><td>Late.</td></tr></table>",
            [one("Client – Renews"), one("Caddy – Late.")],
        ),
        ("no end", [one("no end")]),
        (
            "<p>It ends at 7.5 days, e.g. here. Is it? Yes.</p>",
            [one("It ends at 7.5 days, e.g. here.", "Is it?", "Yes.")],
        ),
        (
            "<p>So. “Issued” is not served. *.a.example is.</p>",
            [one("So.", "“Issued” is not served.", "*.a.example is.")],
        ),
        ("<li>lego: <code>No EAB. Use --eab.</code> Then. Do.</li>", [one("lego: No EAB. Use --eab.", "Then.", "Do.")]),
    ],
)
def test_it_works(html: str, passages: list[Passage]) -> None:
    assert passages_of(html) == passages


def test_a_passage_is_its_sentences() -> None:
    assert one("One.", "Two.").text == "One. Two."
