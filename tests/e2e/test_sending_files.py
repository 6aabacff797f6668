"""W5, S12 in real browsers: files go in by every way there is, wait for nothing, and are never lost."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.e2e.conftest import NewContext, VisitorPage
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"


def picture(width: int = 640, height: int = 480) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 80)).save(into, "PNG")
    return into.getvalue()


PHOTO: FilePayload = {"name": "bowl.png", "mimeType": "image/png", "buffer": picture()}
INVOICE: FilePayload = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": PDF}


def attach(visitor: VisitorPage, *files: FilePayload) -> None:
    with visitor.page.expect_file_chooser() as chooser:
        visitor.panel.get_by_test_id("tb-attach").click()
    chooser.value.set_files(list(files))


def tray(visitor: VisitorPage) -> Locator:
    return visitor.panel.locator("#tray").get_by_test_id("tb-file")


def sent(visitor: VisitorPage) -> Locator:
    return visitor.panel.locator("#rows").get_by_test_id("tb-file")


def expect_picture(image: Locator) -> None:
    """Loaded, not only asked for."""
    expect(image).to_be_visible()
    image.evaluate("async (node) => { await node.decode(); }")


@pytest.fixture
def visitor(visit: Visit) -> VisitorPage:
    return visit().open_chat()


def test_several_files_go_with_the_words_and_survive_a_reload(visitor: VisitorPage, visit: Visit):
    attach(visitor, PHOTO, INVOICE)
    expect(tray(visitor)).to_have_count(2)
    visitor.say("Here are both")
    visitor.expect_state(0, "sent", "delivered", "seen")
    expect(tray(visitor)).to_have_count(0)
    visitor.page.reload()
    visitor.open_chat().expect_lines("Here are both")
    for tab in (visitor, visit(visitor.page.context).open_chat()):
        expect_picture(sent(tab).nth(0).locator("img"))
        expect(sent(tab).nth(1)).to_contain_text("invoice.pdf")


def test_a_picture_opens_in_full_and_a_file_is_downloaded(visitor: VisitorPage):
    attach(visitor, PHOTO, INVOICE)
    visitor.panel.get_by_test_id("tb-send").click()
    visitor.expect_state(0, "sent", "delivered", "seen")
    visitor.page.reload()
    visitor.open_chat()
    with visitor.page.context.expect_page() as opened:
        sent(visitor).nth(0).click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 640
    opened.value.close()
    with visitor.page.expect_download() as download:
        sent(visitor).nth(1).click()
    assert download.value.suggested_filename == "invoice.pdf"
    assert Path(download.value.path()).read_bytes() == PDF


def test_a_file_that_cannot_go_says_why_before_it_travels(visitor: VisitorPage):
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    attach(
        visitor,
        {"name": "run.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        {"name": "large.pdf", "mimeType": "application/pdf", "buffer": PDF + b" " * (10 * 1024 * 1024)},
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""},
    )
    for place, words in enumerate(("cannot be sent", "too large: at most 10 MB", "is empty")):
        expect(tray(visitor).nth(place)).to_contain_text(words)
    expect(visitor.panel.get_by_test_id("tb-send")).to_be_disabled()
    assert not [url for url in asked if "/widget/files" in url]
    tray(visitor).nth(0).get_by_test_id("tb-file-remove").click()
    expect(tray(visitor)).to_have_count(2)


def test_a_file_that_lies_about_itself_is_refused_by_the_server_in_words(visitor: VisitorPage):
    attach(visitor, {"name": "photo.png", "mimeType": "image/png", "buffer": b"<html>not a picture</html>"})
    expect(tray(visitor).first).to_have_attribute("data-state", "refused")
    expect(tray(visitor).first).to_contain_text("This kind of file cannot be sent")
    visitor.say("Then without it")
    visitor.expect_state(0, "sent", "delivered", "seen")
    expect(sent(visitor)).to_have_count(0)
    expect(tray(visitor)).to_have_count(1)


def test_a_file_on_its_way_survives_a_reload_and_so_do_the_words(visitor: VisitorPage):
    context = visitor.page.context
    context.route("**/widget/files*", lambda route: None)
    attach(visitor, PHOTO)
    visitor.say("Sent before the picture had arrived")
    visitor.expect_state(0, "pending")
    expect(sent(visitor).first).to_have_attribute("data-state", "uploading")
    context.unroute("**/widget/files*")
    visitor.page.reload()
    visitor.open_chat().expect_lines("Sent before the picture had arrived")
    visitor.expect_state(0, "sent", "delivered", "seen")
    expect(sent(visitor)).to_have_count(1)


def test_attached_offline_uploaded_as_soon_as_the_line_is_back(visitor: VisitorPage):
    visitor.say("Hello")
    visitor.expect_state(0, "delivered", "seen")
    context = visitor.page.context
    context.set_offline(True)
    attach(visitor, PHOTO)
    visitor.say("From the tunnel")
    visitor.expect_state(1, "pending")
    context.set_offline(False)
    visitor.expect_state(1, "sent", "delivered", "seen")
    expect(sent(visitor)).to_have_count(1)


def test_an_upload_can_be_given_up(visitor: VisitorPage):
    visitor.page.context.route("**/widget/files*", lambda route: None)
    attach(visitor, PHOTO, INVOICE)
    tray(visitor).nth(0).get_by_test_id("tb-file-remove").click()
    expect(tray(visitor)).to_have_count(1)
    expect(tray(visitor)).to_contain_text("invoice.pdf")


def test_a_server_that_fails_is_asked_again_by_itself(visitor: VisitorPage):
    refusals = 2

    def fail(route: Route) -> None:
        nonlocal refusals
        refusals -= 1
        route.fulfill(status=503, json={}) if refusals >= 0 else route.continue_()

    visitor.page.context.route("**/widget/files*", fail)
    attach(visitor, PHOTO)
    expect(tray(visitor).first).to_have_attribute("data-state", "ready", timeout=20_000)


CARRY = """([name, type, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, { type }));
    return data;
}"""


def test_a_pasted_picture_is_attached(visitor: VisitorPage):
    visitor.panel.get_by_test_id("tb-composer").evaluate(
        f"(field, carried) => field.dispatchEvent(new ClipboardEvent('paste', "
        f"{{ clipboardData: ({CARRY})(carried), bubbles: true, cancelable: true }}))",
        ["image.png", "image/png", list(picture(20, 20))],
    )
    expect(tray(visitor)).to_contain_text("image.png")
    expect(tray(visitor).first).to_have_attribute("data-state", "ready")


def test_a_file_is_dropped_anywhere_on_the_panel(visitor: VisitorPage):
    visitor.panel.locator("#log").evaluate(
        f"""(log, carried) => {{
            const dataTransfer = ({CARRY})(carried);
            const about = {{ dataTransfer, bubbles: true, cancelable: true }};
            log.dispatchEvent(new DragEvent("dragover", about));
            if (document.getElementById("drop").hidden) throw new Error("nothing says that it may be dropped");
            log.dispatchEvent(new DragEvent("drop", about));
        }}""",
        ["invoice.pdf", "application/pdf", list(PDF)],
    )
    expect(tray(visitor)).to_contain_text("invoice.pdf")
    expect(visitor.panel.locator("#drop")).to_be_hidden()


def test_a_phone_offers_its_camera(visit: Visit, new_context: NewContext):
    phone = new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    visitor = visit(phone).open_chat()
    camera = visitor.panel.get_by_label("Take a photo")
    expect(camera).to_be_visible()
    with visitor.page.expect_file_chooser() as chooser:
        camera.tap()
    chooser.value.set_files([PHOTO])
    visitor.panel.get_by_test_id("tb-send").tap()
    visitor.expect_state(0, "sent", "delivered", "seen")
    assert visitor.panel.locator("body").evaluate("node => node.scrollWidth <= innerWidth")


def test_files_leave_with_the_message_that_is_deleted(visitor: VisitorPage, stack: Stack):
    attach(visitor, PHOTO)
    visitor.say("Not this one")
    visitor.expect_state(0, "sent", "delivered", "seen")
    line = visitor.panel.get_by_test_id("tb-message").first
    line.hover()
    line.get_by_test_id("tb-more").click()
    line.get_by_test_id("tb-delete").click()
    line.get_by_test_id("tb-sure").click()
    visitor.expect_lines("Message deleted")
    expect(sent(visitor)).to_have_count(0)


# --- both ways through Slack --------------------------------------------------------------------------------------


def in_thread(stack: Stack, words: str) -> list[dict[str, Any]]:
    """Everything in the thread in which these words stand; empty until they do."""
    lines = stack.in_slack()
    roots = [line["thread_ts"] for line in lines if line["text"] == words and line.get("thread_ts")]
    return [line for line in lines if roots and line.get("thread_ts") == roots[-1]]


def test_a_visitors_picture_stands_in_slacks_thread_once(visitor: VisitorPage, stack: Stack):
    visitor.say("Look at this bowl")
    attach(visitor, PHOTO)
    visitor.panel.get_by_test_id("tb-send").click()
    visitor.expect_state(1, "delivered", "seen")

    def shared() -> list[str]:
        return [
            file["name"] for line in in_thread(stack, "Look at this bowl") for file in line.get("files") or []
        ]

    wait_until(lambda: shared() == ["bowl.png"], "the picture in the thread")
    visitor.say("And that is all")
    wait_until(
        lambda: [line for line in stack.in_slack() if line["text"] == "And that is all"], "the line after it"
    )
    assert shared() == ["bowl.png"]


def test_an_agents_picture_and_file_reach_the_visitor(visitor: VisitorPage, visit: Visit, stack: Stack):
    visitor.say("May I see the bowl?")
    thread = wait_until(lambda: in_thread(stack, "May I see the bowl?"), "the line in Slack")
    stack.control(
        "say",
        user="bob",
        channel="website-chat",
        thread_ts=thread[0]["thread_ts"],
        text="Here it is",
        files=[
            {"name": "bowl.png", "base64": base64.b64encode(picture()).decode(), "mimetype": "image/png"},
            {"name": "prices.pdf", "base64": base64.b64encode(PDF).decode(), "mimetype": "application/pdf"},
        ],
    )
    second = visit(visitor.page.context).open_chat()
    for tab in (visitor, second):
        tab.expect_lines("May I see the bowl?", "Here it is")
        expect(sent(tab).nth(0)).to_have_attribute("data-state", "ready")
        expect_picture(sent(tab).nth(0).locator("img"))
        expect(sent(tab).nth(1)).to_contain_text("prices.pdf")
    with visitor.page.expect_download() as download:
        sent(visitor).nth(1).click()
    assert Path(download.value.path()).read_bytes() == PDF


def test_an_agents_file_that_cannot_be_shown_says_so(visitor: VisitorPage, stack: Stack):
    visitor.say("What does it do?")
    thread = wait_until(lambda: in_thread(stack, "What does it do?"), "the line in Slack")
    stack.control(
        "say",
        user="bob",
        channel="website-chat",
        thread_ts=thread[0]["thread_ts"],
        text="See for yourself",
        files=[{"name": "setup.exe", "content": "MZ", "mimetype": "application/octet-stream"}],
    )
    visitor.expect_lines("What does it do?", "See for yourself")
    expect(sent(visitor)).to_contain_text("This file could not be shown")
    expect(sent(visitor)).to_have_attribute("data-state", "failed")


def test_a_file_opens_although_the_page_was_left_open_for_long(visitor: VisitorPage):
    visitor.page.clock.install()
    visitor.page.reload()
    visitor.open_chat()
    attach(visitor, INVOICE)
    visitor.panel.get_by_test_id("tb-send").click()
    visitor.expect_state(0, "sent", "delivered", "seen")
    visitor.page.reload()
    visitor.open_chat().expect_lines("invoice.pdf")
    visitor.page.clock.fast_forward("20:00")
    with (
        visitor.page.expect_request(lambda request: "/widget/files" in request.url and "id=" in request.url),
        visitor.page.expect_download() as download,
    ):
        sent(visitor).first.click()
    assert download.value.suggested_filename == "invoice.pdf"
