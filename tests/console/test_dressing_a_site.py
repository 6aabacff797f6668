"""C3, W11: an owner chooses how the chat looks and speaks; the widget honours it, the preview tries it out."""

import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import AuditEntry, Member
from livechat import look
from livechat.doors import config_of
from livechat.look import DEFAULT, TEXTS
from livechat.models import Message, Site, Visitor
from livechat.questions import Form
from tests.conftest import ClientOf
from tests.console.looks import LOOK

pytestmark = pytest.mark.django_db

WIDGET = Path(__file__).resolve().parents[2] / "static" / "widget"


def test_the_look_is_saved_and_reaches_the_widget(
    client_of: ClientOf, client: Client, alice: Member, shop: Site
) -> None:
    answer = client_of(alice).post(f"/console/sites/{shop.id}/look", LOOK, follow=True)
    assert "Visitors see it when they open or reload a page." in answer.content.decode()
    frame = client.get(f"/widget/frame?site={shop.public_token}").content.decode()
    for words in ("Ask Acme", "Good morning.", "#0f766e"):
        assert words in frame
    shop.refresh_from_db()
    told = config_of(shop)
    assert (told["position"], told["theme"], told["faces"], told["logo"]) == ("left", "dark", True, None)
    assert told["launcher"] == {
        "shape": "label", "icon": "smile", "label": "Ask us", "side": 32, "bottom": 80, "layer": 900, "phones": True,
    }  # fmt: skip
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="site.look_changed").count() == 1


def test_only_what_was_chosen_is_kept(client_of: ClientOf, alice: Member, shop: Site) -> None:
    """So that a better default reaches whoever never chose."""
    assert look.of(shop) == DEFAULT
    usual = LOOK | {"theme": "auto", "corner": "right", "shape": "circle", "icon": "bubble", "label": ""}
    usual |= {"side": "20", "bottom": "20", "layer": str(look.TOPMOST)}
    client_of(alice).post(f"/console/sites/{shop.id}/look", usual)
    shop.refresh_from_db()
    assert (shop.look, shop.title) == ({}, "Ask Acme")


def test_own_texts_take_the_place_of_the_usual_ones_and_give_it_back(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser, address = client_of(alice), f"/console/sites/{shop.id}/texts"
    written = {
        "away": "Gone\u202e fishing.",
        "online": TEXTS["online"].usual,
        "placeholder": "",
        "ended": "x" * 120,
    }
    assert browser.post(address, written).status_code == 302
    shop.refresh_from_db()
    assert config_of(shop)["texts"] == {"away": "Gone fishing.", "ended": "x" * 120}
    assert browser.post(address, {"away": "x" * 121}).status_code == 422
    assert browser.post(address, {}).status_code == 302
    shop.refresh_from_db()
    assert config_of(shop)["texts"] == {}


def test_words_that_the_panel_never_says_are_not_offered_and_stay_as_they_were(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    def offered(*names: str) -> list[bool]:
        page = browser.get(address).content.decode()
        return [f'name="{name}"' in page for name in names]

    browser, address = client_of(alice), f"/console/sites/{shop.id}/texts"
    Site.unscoped.filter(pk=shop.pk).update(asks_rating=False, away={"ask_email": False}, form={})
    assert offered("closed", "start", "send", "noThanks") == [True, False, False, False]
    shop.refresh_from_db()
    shop.asks_rating, shop.form = True, Form(intro="Hello", consent="I agree").row()
    shop.save()
    assert offered("start", "send", "noThanks") == [True] * 3
    assert (
        browser.post(address, {"start": "Go", "send": "Off it goes", "closed": "Back soon."}).status_code
        == 302
    )
    Site.unscoped.filter(pk=shop.pk).update(asks_rating=False, form={})
    assert browser.post(address, {"closed": "Back in May."}).status_code == 302
    shop.refresh_from_db()
    assert config_of(shop)["texts"] == {"start": "Go", "send": "Off it goes", "closed": "Back in May."}


def test_the_preview_has_a_state_for_questions_only_where_some_are_asked(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser = client_of(alice)
    state = '<option value="sent">'
    assert state not in browser.get(f"/console/sites/{shop.id}/texts").content.decode()
    assert state in browser.get(f"/console/sites/{shop.id}/form").content.decode()
    shop.form = Form(consent="I agree").row()
    shop.save()
    assert state in browser.get(f"/console/sites/{shop.id}/texts").content.decode()


def test_the_usual_texts_are_those_of_the_panel() -> None:
    panel = (WIDGET / "texts.js").read_text()
    known = dict(re.findall(r'^  (\w+): "(.*)",$', panel, re.MULTILINE))
    assert {name: known[name] for name in TEXTS} == {name: words.usual for name, words in TEXTS.items()}


def test_every_icon_is_one_that_the_panel_can_draw() -> None:
    drawn = re.findall(r'^  (\w+): "M', (WIDGET / "look.js").read_text(), re.MULTILINE)
    assert drawn == list(look.ICONS)


def test_the_preview_is_the_real_panel_and_leaves_nothing_behind(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser = client_of(alice)
    stage = browser.get(f"/console/sites/{shop.id}/stage?state=away")
    assert f'data-frame="/console/sites/{shop.id}/panel?state=away"' in stage.content.decode()
    panel = browser.get(f"/console/sites/{shop.id}/panel?state=away")
    assert "widget/panel.js" in panel.content.decode()
    assert shop.public_token not in panel.content.decode().replace(config_of(shop)["frame_url"], "")
    for page in (stage, panel):
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert "connect-src 'none'" in panel.headers["Content-Security-Policy"]
    shop.refresh_from_db()
    assert shop.snippet_seen_at is None
    assert not Visitor.unscoped.exists()
    assert not Message.unscoped.exists()


def test_a_state_that_nobody_knows_is_an_ordinary_chat(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    stage = client_of(alice).get(f"/console/sites/{shop.id}/stage", {"state": '"><script>'}).content.decode()
    assert "?state=chat" in stage
    assert "%22%3E" not in stage
    assert '"><script>' not in stage


def test_strangers_have_no_preview(client: Client, shop: Site) -> None:
    for part in ("stage", "panel"):
        answer = client.get(f"/console/sites/{shop.id}/{part}")
        assert (answer.status_code, "login" in answer.headers["Location"]) == (302, True)


def picture(kind: str = "PNG") -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", (600, 300), "#0f766e").save(written, kind)
    return SimpleUploadedFile("logo.png", written.getvalue())


def test_a_logo_is_made_small_shown_by_the_panel_and_gone_once_it_is_removed(
    client_of: ClientOf, client: Client, alice: Member, shop: Site
) -> None:
    browser, address = client_of(alice), f"/console/sites/{shop.id}/logo"
    assert browser.post(address, {"logo": picture()}).status_code == 302
    shop.refresh_from_db()
    logo = config_of(shop)["logo"]
    shown = client.get(urlsplit(logo).path)
    assert Image.open(io.BytesIO(shown.content)).size == (128, 64)
    assert f'"logo": "{logo}"' in client.get(f"/widget/frame?site={shop.public_token}").content.decode()
    browser.post(f"/console/sites/{shop.id}/look", LOOK)
    shop.refresh_from_db()
    assert config_of(shop)["logo"] == logo
    assert browser.post(address, {"remove": "yes"}).status_code == 302
    shop.refresh_from_db()
    assert config_of(shop)["logo"] is None
    assert client.get(urlsplit(logo).path).status_code == 404


def test_others_put_no_logo_on_a_site(client_of: ClientOf, bob: Member, mallory: Member, shop: Site) -> None:
    for member, status in ((bob, 403), (mallory, 404)):
        assert (
            client_of(member).post(f"/console/sites/{shop.id}/logo", {"logo": picture()}).status_code
            == status
        )
