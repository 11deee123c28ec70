"""The main job, whole: a form of the staff, the CA's charge, the customer's page, and a real client's certificate."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect

from tests.clients.customer import missing_tools, names_of, put_systemctl
from tests.clients.dns import CUSTOMER_ZONE, start_dns
from tests.clients.namespace import Namespace
from tests.flows.browser import chromium, running_chromium, wrapped
from tests.flows.portal import CUSTOMER, PASSWORD, STAFF, Portal
from tests.services import require_service

pytestmark = [pytest.mark.clients, pytest.mark.browser]

NAMES = (CUSTOMER_ZONE, f"www.{CUSTOMER_ZONE}")
LEFT_BY_OTHERS = ("/etc/letsencrypt", "/var/lib/letsencrypt", "/var/log/letsencrypt")
PATIENCE = 60_000  # milliseconds for what a worker does meanwhile


@pytest.fixture
def portal(namespace: Namespace, tmp_path: Path) -> Iterator[Portal]:
    missing = missing_tools("named", "curl", "openssl", "certbot")
    require_service("certbot and BIND", not missing, f"not installed: {missing}")
    namespace.run(["rm", "-rf", *LEFT_BY_OTHERS])
    start_dns(namespace)
    put_systemctl(namespace)
    running = Portal(namespace, tmp_path)
    running.start()
    yield running
    print(running.logs())  # noqa: T201  # shown by pytest where the test failed


@pytest.fixture
def chrome(namespace: Namespace, tmp_path: Path) -> Iterator[Browser]:
    executable = chromium()
    require_service("Chromium", executable is not None, "not installed")
    script = wrapped(str(executable), process_id=namespace.process_id, folder=tmp_path)
    with running_chromium(script) as started:
        yield started


def _signed_in(chrome: Browser, portal: Portal, email: str) -> Page:
    page = chrome.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{portal.url}/auth/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/(staff|my)/"))
    return page


def _create_ov_subscription(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/staff/subscriptions/add/")
    page.locator("input[name=customer]").fill("Northwind Traders")
    page.locator("input[name=customer]").blur()
    page.locator(".choice-card", has_text="/v2/OV").click()
    page.get_by_label("1 year").check()
    option = page.locator("select[name=prevalidation] option", has_text="880000001")
    page.locator("select[name=prevalidation]").select_option(option.get_attribute("value"))
    page.get_by_role("button", name="Create ACME account").click()
    # The page turns from "being created" to "ready" by itself.
    expect(page.get_by_role("link", name="Add names").first).to_be_visible(timeout=PATIENCE)


def _order_names(page: Page) -> str:
    page.get_by_role("link", name="Add names").first.click()
    page.get_by_label("Names").fill(f"HTTPS://{CUSTOMER_ZONE.upper()}/shop\nwww.{CUSTOMER_ZONE}.\n")
    page.get_by_role("button", name="Get a quote").click()
    confirm = page.get_by_role("button", name=re.compile(r"Add 2 names – charge USD [\d,.]+"))
    expect(confirm).to_be_visible(timeout=PATIENCE)
    amount = re.search(r"USD ([\d,.]+)", confirm.inner_text())
    assert amount is not None
    confirm.click()
    page.wait_for_url(re.compile(r"/staff/orders/"))
    # One line: the CA says that the second name comes free with the first.
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "1", timeout=PATIENCE)
    return amount[1]


def _hand_over(page: Page) -> None:
    page.get_by_role("link", name="Hand over").first.click()
    page.get_by_role("button", name="Send 1 mail").click()
    expect(page.get_by_text("Handed over: 1 mail on the way.")).to_be_visible()


def _blocks(page: Page) -> dict[str, str]:
    """The set-up page's blocks as a person would copy them, by step."""
    found: dict[str, str] = {}
    for block in page.locator(".recipe-step .code-block").all():
        step = block.locator("xpath=ancestor::*[contains(@class, 'recipe-step')][1]").get_attribute("id") or ""
        found[f"{step}/{block.locator('code').get_attribute('id')}"] = block.locator("code").inner_text()
    return found


def _shell(blocks: dict[str, str], *steps: str) -> str:
    chosen = [text for place, text in blocks.items() if any(step in place for step in steps) and "served" not in place]
    assert chosen, sorted(blocks)
    return "\n".join(chosen)


def _paste(namespace: Namespace, script: str) -> "subprocess.CompletedProcess[str]":
    file = namespace.directory / "pasted.sh"
    file.write_text(f"{script}\n")
    return namespace.run(["bash", "-eu", str(file)])


def test_from_form_to_certificate(chrome: Browser, portal: Portal, namespace: Namespace) -> None:
    staff = _signed_in(chrome, portal, STAFF)
    _create_ov_subscription(staff, portal)
    amount = _order_names(staff)
    _hand_over(staff)

    customer = _signed_in(chrome, portal, CUSTOMER)
    with customer.expect_navigation():
        customer.get_by_role("link", name=re.compile("Set up|ACME|OV")).first.click()
    subscription_url = re.sub(r"(/my/subscriptions/[0-9a-f-]{36}/).*", r"\1", customer.url)
    customer.goto(f"{subscription_url}setup/certbot/?challenge=http-01&http_mode=standalone")
    assert "••••" in customer.content()
    customer.get_by_role("button", name="Reveal key").click()
    expect(customer.get_by_text("This reveal was recorded")).to_be_visible()
    blocks = _blocks(customer)

    follower = customer.context.new_page()
    follower.goto(subscription_url)
    _paste(namespace, _shell(blocks, "trust", "register"))
    registered = follower.locator(".step", has_text=re.compile("regist", re.IGNORECASE)).locator(".visually-hidden")
    expect(registered).to_have_count(1, timeout=PATIENCE)
    _paste(namespace, _shell(blocks, "trust", "order"))  # a second shell: it has to trust the sandbox too
    # No reload: the page itself sees that the first certificate is there.
    expect(follower.get_by_text("2 of 2 certificates current")).to_be_visible(timeout=PATIENCE)

    pem = namespace.run(["cat", f"/etc/letsencrypt/live/{CUSTOMER_ZONE}/cert.pem"]).stdout
    certificate = x509.load_pem_x509_certificate(pem.encode())
    assert names_of(certificate) == set(NAMES)
    (organization,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert organization.value
    summary = namespace.run(["curl", "--silent", f"{portal.sandbox_url}/_sandbox/summary"]).stdout
    assert json.loads(summary)["resellers"]["northwind"]["net"] == amount.replace(",", "")
