"""Whether CAA records let the CA issue, as the CA evaluates them: RFC 8659."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.outbound import Answer, OutboundError, resolve

from . import results
from .looking import climb, failed, failure, not_looked, some
from .question import Question
from .results import Look, Outcome, Topic

CRITICAL = 0x80  # RFC 8659 4.1
# RFC 8659 4.2 to 4.4, and what the Baseline Requirements add.
KNOWN_TAGS = frozenset({"issue", "issuewild", "iodef", "contactemail", "contactphone"})
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
# RFC 8659 4.2: [issuer] [; name=value [; name=value …]], and what is not so is as `issue ";"`.
# Both are for what was freed of blanks at its ends, so that a stranger's long value is read in one pass.
_ISSUE = re.compile(rf"(?:(?P<issuer>{_LABEL}(?:\.{_LABEL})*)[ \t]*)?(?:;(?P<parameters>.*))?", re.DOTALL)
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)[ \t]*=[ \t]*(?P<value>[!-:<-~]*)")
_BLANKS = " \t"
MOST_READ = 2000  # characters of a value; a longer one cannot be read


@dataclass(frozen=True, slots=True)
class Property:
    """One CAA record."""

    flags: int
    tag: str
    value: str

    def __str__(self) -> str:
        return f'{self.flags} {self.tag} "{self.value}"'

    @property
    def issuer(self) -> str:
        """Give the CA that an `issue` or `issuewild` names; empty where it names none or cannot be read."""
        return self._parsed()[0]

    @property
    def parameters(self) -> dict[str, str]:
        """Give the conditions of an `issue` or `issuewild` by name."""
        return self._parsed()[1]

    def _parsed(self) -> tuple[str, dict[str, str]]:
        matched = _ISSUE.fullmatch(self.value.strip(_BLANKS)) if len(self.value) <= MOST_READ else None
        if matched is None:
            return "", {}
        parameters: dict[str, str] = {}
        written = matched["parameters"] or ""
        for text in written.split(";") if written.strip(_BLANKS) else ():
            parameter = _PARAMETER.fullmatch(text.strip(_BLANKS))
            if parameter is None:
                return "", {}
            parameters[parameter["name"].lower()] = parameter["value"]
        return (matched["issuer"] or "").lower(), parameters


def look(question: Question) -> list[Look]:
    """Climb from the name until there are CAA records, and judge those."""
    looked_at: list[str] = []
    for name in climb(question.host):
        looked_at.append(name)
        try:
            answer = resolve(name, "CAA", until=question.until)
        except OutboundError as error:
            return [not_looked(Topic.CAA, error, f"{name} CAA")]
        if answer.loops or failed(answer):
            said = {"answer": "loop", "detail": ""} if answer.loops else failure(answer)
            return [Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FAILED, {"at": name, **said})]
        if answer.records:
            return [judged(question, name, answer.chain, properties(answer))]
    return [Look(Topic.CAA, Outcome.FINE, results.CAA_NONE, {"looked_at": some(looked_at)})]


def properties(answer: Answer) -> list[Property]:
    """Give the CAA records of an answer."""
    return [
        Property(record.flags, record.tag.decode("latin-1").lower(), record.value.decode("latin-1"))
        for record in answer.records
    ]


def judged(question: Question, at: str, chain: Sequence[str], records: Sequence[Property]) -> Look:
    """Say what the CAA records that count for a name let the CA do."""
    facts: dict[str, Any] = {"at": at, "tag": "", "records": some(map(str, records)), "chain": some(chain)}
    for record in records:
        if record.flags & CRITICAL and record.tag not in KNOWN_TAGS:
            return Look(Topic.CAA, Outcome.PROBLEM, results.CAA_CRITICAL, {**facts, "tag": record.tag})
    tag = _tag_that_counts(question, records)
    restricting = [record for record in records if record.tag == tag]
    facts["tag"] = tag if restricting else ""
    ours = {identifier.lower() for identifier in question.identifiers}
    naming = [record for record in restricting if record.issuer in ours]
    if not restricting or any(not record.parameters for record in naming):
        return Look(Topic.CAA, Outcome.FINE, results.CAA_ALLOWS, facts)
    if naming:
        return Look(Topic.CAA, Outcome.WARNING, results.CAA_LIMITED, {**facts, "conditions": naming[0].parameters})
    facts["wanted"] = sorted(ours)
    allowed = sorted({record.issuer for record in restricting if record.issuer})
    if not allowed:
        return Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FORBIDS_ALL, facts)
    return Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FORBIDS, {**facts, "allowed": some(allowed)})


def _tag_that_counts(question: Question, records: Sequence[Property]) -> str:
    # RFC 8659 4.3: `issuewild` counts for wildcards only, and then `issue` does not.
    has_issuewild = any(record.tag == "issuewild" for record in records)
    return "issuewild" if question.is_wildcard and has_issuewild else "issue"
