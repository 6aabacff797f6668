"""C3, W11: what cannot be the look of a chat is refused beside its field, and changes nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Member
from livechat.models import Site
from tests.conftest import ClientOf
from tests.console.looks import LOOK

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"colour": "red"}, "Choose a colour"),
        ({"colour": "#12345g"}, "Choose a colour"),
        ({"colour": "#fff;}"}, "Choose a colour"),
        ({"title": " "}, "Give the chat a title"),
        ({"label": "  "}, "Write the words that stand on the launcher"),
        ({"side": "201"}, "a number of pixels from 0 to 200"),
        ({"bottom": "-1"}, "a number of pixels from 0 to 200"),
        ({"layer": "0"}, "greater than or equal to 1"),
        ({"corner": "top"}, "Select a valid choice"),
        ({"theme": "dark; x"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    client_of: ClientOf, alice: Member, shop: Site, wrong: dict[str, str], said: str
) -> None:
    answer = client_of(alice).post(f"/console/sites/{shop.id}/look", LOOK | wrong)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    shop.refresh_from_db()
    assert (shop.colour, shop.look) == ("#4f46e5", {})


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a picture first."),
        ({"logo": SimpleUploadedFile("logo.svg", b"<svg onload='alert(1)'></svg>")}, "A logo is a PNG"),
        ({"logo": SimpleUploadedFile("logo.png", b"%PDF-1.7 not a picture")}, "A logo is a PNG"),
        ({"logo": SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n broken")}, "it is damaged"),
        ({"logo": SimpleUploadedFile("logo.png", bytes(5 * 1024 * 1024 + 1))}, "The most is 5 MB."),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_no_logo(
    client_of: ClientOf, alice: Member, shop: Site, sent: dict[str, SimpleUploadedFile], said: str
) -> None:
    answer = client_of(alice).post(f"/console/sites/{shop.id}/logo", sent)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
