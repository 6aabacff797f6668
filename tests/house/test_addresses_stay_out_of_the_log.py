"""What a mail server says when it refuses holds the address: such errors are logged by their kind and code alone."""

import ast
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail

from accounts import mails
from tests.house.sources import PRODUCT, files, name, tree


def catches_mail(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and "SMTP" in ast.unparse(handler.type)


def tells_all(node: ast.AST) -> bool:
    """`log.exception(…)`, or a line with `exc_info`: both bring the server's words."""
    if not isinstance(node, ast.Call):
        return False
    said = isinstance(node.func, ast.Attribute) and node.func.attr == "exception"
    return said or any(keyword.arg == "exc_info" for keyword in node.keywords)


def test_no_module_logs_what_a_mail_server_said() -> None:
    handlers = [
        (name(path), node)
        for path in files(*PRODUCT, suffix=".py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and catches_mail(node)
    ]
    assert len(handlers) > 4
    strays = [f"{path}:{node.lineno}" for path, node in handlers if any(map(tells_all, ast.walk(node)))]
    assert not strays, "Log accounts.mails.problem_of(error) instead:\n" + "\n".join(strays)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (
            SMTPRecipientsRefused({"alice@acme.example": (550, b"alice@acme.example")}),
            "SMTPRecipientsRefused 550",
        ),
        (SMTPDataError(554, b"alice@acme.example"), "SMTPDataError 554"),
        (SMTPServerDisconnected("alice@acme.example"), "SMTPServerDisconnected"),
        (OSError("alice@acme.example"), "OSError"),
    ],
)
def test_a_mail_that_is_refused_is_logged_without_whom_it_was_for(
    error: Exception, problem: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", refuses)
    assert not mails.tell("alice@acme.example", "Subject", "Words")
    assert problem in caplog.text
    assert "acme.example" not in caplog.text
