"""Secrets whose values are known are looked for wherever something is kept, sent or shown."""

import base64
import re
from collections.abc import Iterator

import pytest

from portal.sessions import stored_key
from tests.on_servers import missing_servers
from tests.security import house as house_of
from tests.security.house import House, Visitor, running_house, totp
from tests.services import require_service

# One portal for all tests of this module.
pytestmark = [pytest.mark.security, pytest.mark.xdist_group("planted_secrets")]

STAFF, CUSTOMER, INVITED = "staff@reseller.example", "owner@northwind.example", "nina@northwind.example"
NEW_PASSWORD = "mountain-lantern-violet-97"

# What is where it has to be. `manage.py run` hands its children what its file of settings holds, but for the CA's
# login; on a server each service is given the files that it needs (`tests/portal/test_compose.py`).
OF_THE_FILE = ("SECRET_KEY", "ENCRYPTION_KEYS", "DEMO_STAFF_PASSWORD", "DEMO_CUSTOMER_PASSWORD", "database password")
EXPLAINED = {
    "mails": ("token of",),
    "pages of the customer": ("recovery code",),  # whose they are, and whose sign-in was a recent one
    **{f"environment of {name}": OF_THE_FILE for name in ("web", "beat")},
    **{
        f"environment of {name}": (*OF_THE_FILE, "CAAS_LOGIN_PASSWORD")
        for name in ("worker-now", "worker-later", "sandbox")
    },
}


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[Visitor]]]:
    """A house in which people have done what brings secrets about, and were everywhere."""
    require_service("PostgreSQL and Redis", not missing_servers(), "; ".join(missing_servers()))
    with running_house(tmp_path_factory.mktemp("house")) as house:
        staff, customer, invited = Visitor(house), Visitor(house), Visitor(house)
        staff.sign_in(STAFF, house.secrets["DEMO_STAFF_PASSWORD"])
        customer.sign_in(CUSTOMER, house.secrets["DEMO_CUSTOMER_PASSWORD"])
        _reveal(house, customer)
        _add_a_factor(house, customer)
        _invite(house, customer, invited)
        _reset(house)
        for visitor in (staff, customer, invited, Visitor(house)):
            visitor.crawl()
        customer.note_session("the customer in the end")
        yield house, [staff, customer, invited]


def _reveal(house: House, customer: Visitor) -> None:
    page = next(path for path in re.findall(r'href="(/my/subscriptions/[^"]+/)"', customer.get("/my/")))
    shown = customer.post(page, to=f"{page}key/")
    assert house.secrets["EAB HMAC key 0"] in shown.text, shown.url


def _add_a_factor(house: House, customer: Visitor) -> None:
    page = customer.post("/auth/2fa/totp/activate/", password=house.secrets["DEMO_CUSTOMER_PASSWORD"])
    secret = re.search(r"\b([A-Z2-7]{32})\b", page.text)
    assert secret, (page.url, page.text)
    house.secrets["TOTP secret"] = secret[1]
    page = customer.submit(page, code=totp(secret[1]))
    codes = re.findall(r"<li>(\w{8,})</li>", page.text)
    assert codes, (page.url, page.text)
    house.secrets |= {f"recovery code {number}": code for number, code in enumerate(codes[:3])}


def _invite(house: House, customer: Visitor, invited: Visitor) -> None:
    people = customer.client.get("/my/people/").url.path
    customer.post(people, to=f"{people}invite/", email=INVITED, role="viewer")
    link = re.search(r"/invitations/([\w-]{20,})/", house.mail_with("/invitations/"))
    assert link
    house.secrets["token of an invitation"] = link[1]
    invited.client.get(link[0])
    invited.post("/invitations/accept/", name="Nina", password=NEW_PASSWORD)
    house.secrets["password of who was invited"] = NEW_PASSWORD


def _reset(house: House) -> None:
    Visitor(house).post("/auth/password/reset/", email=STAFF)
    link = re.search(r"/password/reset/key/\w+-([\w-]{20,})/", house.mail_with("/password/reset/key/"))
    assert link
    house.secrets["token of a reset"] = link[1]


def places(house: House, visitors: list[Visitor]) -> dict[str, str]:
    """What there is to read, by where it is."""
    told = {
        **{f"log of {path.stem}": path.read_text() for path in (house.folder / "log").glob("*.log")},
        "Redis": house_of.everything_in_redis(house),
        "database dump": house_of.dump(house),
        "dumpdata": house.manage("dumpdata"),
        "mails": "\n".join(house.mails().values()),
        **{f"environment of {name}": house_of.environment_of(pid) for name, pid in house.pids().items()},
    }
    for name, visitor in zip(("staff", "the customer", "who was invited"), visitors, strict=True):
        told |= {f"pages of {name}": "\n".join(visitor.seen.values()), f"addresses of {name}": "\n".join(visitor.seen)}
    return told


def forms_of(secret: str) -> set[str]:
    """A secret as it stands, and in the wrappings that things are kept in."""
    raw = secret.encode()
    wrapped = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    return {secret, raw.hex(), *(one.rstrip("=") for one in wrapped)}


def test_no_secret_is_where_it_need_not_be(visited: tuple[House, list[Visitor]]) -> None:
    house, visitors = visited
    assert len(house.secrets) >= 14

    found = {
        f"{name} in {place}"
        for place, text in places(house, visitors).items()
        for name, secret in house.secrets.items()
        if any(form in text for form in forms_of(secret)) and not name.startswith(EXPLAINED.get(place, ("-",)))
    }

    assert sorted(found) == []


def test_the_search_finds_what_is_there(visited: tuple[House, list[Visitor]]) -> None:
    """What is explained is really found: a search that looks nowhere finds nothing."""
    house, visitors = visited
    told = places(house, visitors)

    assert all(len(text) > 100 for place, text in told.items() if place.startswith(("pages", "log of w", "database")))
    assert house.secrets["token of an invitation"] in told["mails"]
    assert stored_key(house.secrets["session key of the customer in the end"]) in told["database dump"]
    assert house.secrets["CAAS_LOGIN_PASSWORD"] in told["environment of worker-now"]
    assert len(visitors[0].seen) > 40


def test_files_are_their_owners_alone(visited: tuple[House, list[Visitor]]) -> None:
    house, _ = visited
    assert house.folder.stat().st_mode & 0o077 == 0

    served = house.folder / "static", house.folder / "home"
    files = (path for path in house.folder.rglob("*") if path.is_file() and not any(map(path.is_relative_to, served)))
    assert [path for path in files if path.stat().st_mode & 0o007] == []
