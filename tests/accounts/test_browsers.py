"""Browsers are named as people know them, with the system they run on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.browsers import UNKNOWN, browser_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
MAC, PHONE = "Macintosh; Intel Mac OS X 10_15_7", "iPhone; CPU iPhone OS 18_6 like Mac OS X"
SAMPLES = [
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36", "Chrome 141 on Windows"),
    (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge 141 on Windows"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 1) {WEBKIT} Chrome/139.0.0.0 Safari/537.36 OPR/120.0", "Opera 120 on ChromeOS"),
    (f"Mozilla/5.0 ({MAC}) {WEBKIT} Version/18.6 Safari/605.1.15", "Safari 18 on macOS"),
    (f"Mozilla/5.0 ({PHONE}) {WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1", "Safari 18 on iPhone"),
    ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox 140 on Android"),
    ("curl/8.14.1", "curl 8.14.1"),
    ("python-requests/2.32 (internal)", "python-requests 2.32"),
    ("Mozilla/5.0 (compatible)", UNKNOWN),
    ("", UNKNOWN),
]


@pytest.mark.parametrize(("user_agent", "words"), SAMPLES)
def test_samples(user_agent: str, words: str) -> None:
    assert browser_of(user_agent) == words


@given(st.text())
def test_it_takes_anything(user_agent: str) -> None:
    assert browser_of(user_agent)
