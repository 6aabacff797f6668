"""The seed's browser sends what a real one would: the values that stand in the page."""

import pytest

from slackapp.management.browser import Browser, Form, FormReader, Lost

PAGE = """
<form action="/search"><input name="q"></form>
<form method="POST" action="/oauth/v2/authorize">
  <input type="hidden" name="state" value="s&amp;1">
  <select name="user"><option value="U1">Alice</option><option value="U2">Bob</option></select>
  <input type="radio" name="mode" value="still" checked><input type="radio" name="mode" value="noisy">
  <button name="decision" value="deny">Cancel</button><button name="decision" value="allow">Allow</button>
</form>
"""


@pytest.fixture
def form() -> Form:
    reader = FormReader("http://localhost:8001/oauth")
    reader.feed(PAGE)
    return reader.forms[1]


def test_untouched_fields_are_sent_as_they_stand(form: Form) -> None:
    assert form.fields == {"state": "s&1", "user": "U1", "mode": "still"}


def test_a_form_goes_where_the_page_says(form: Form) -> None:
    assert (form.method, form.action) == ("post", "http://localhost:8001/oauth/v2/authorize")


def test_a_button_is_sent_only_when_it_is_pressed(form: Form) -> None:
    assert form.choices["decision"] == ["deny", "allow"]
    assert "decision" not in form.fields


def test_a_page_without_the_form_is_told_by_its_address(form: Form) -> None:
    browser = Browser()
    browser.url, browser.forms = "http://localhost:8001/oauth", [form]
    assert browser.form("/authorize", "decision") is form
    with pytest.raises(Lost, match="has no form for /authorize with password"):
        browser.form("/authorize", "password")
