"""Whatever the audit log records is read by people: each verb has its sentence, and each sentence its verb."""

import ast
import re
import string

from accounts.permission_words import DEEDS
from accounts.permissions import PERMISSIONS
from accounts.sentences import AREAS, GONE, SENTENCES
from tests.house.sources import APPS, files, name, tree

VERB = re.compile(r"[a-z_]+\.[a-z_]+")
WRITES = re.compile(r"\baudit(ed)?\(|import changing\b")


def verbs() -> dict[str, str]:
    """Every verb with the module that says it: texts of that shape in modules that write to the log."""
    found = {}
    for path in files(*APPS, suffix=".py"):
        if WRITES.search(path.read_text()):
            texts = (node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant))
            found.update(
                {text: name(path) for text in texts if isinstance(text, str) and VERB.fullmatch(text)}
            )
    return {verb: where for verb, where in found.items() if verb not in PERMISSIONS}


def test_every_verb_of_the_audit_log_has_a_sentence() -> None:
    missing = {verb: where for verb, where in verbs().items() if verb not in SENTENCES}
    assert not missing, (
        "Say in accounts/sentences.py what people read of these, and name their area in AREAS."
    )


def test_every_sentence_is_of_a_verb_that_is_written() -> None:
    stale = set(SENTENCES) - set(verbs())
    assert not stale, "Nothing writes these verbs (any more). Take their lines out of SENTENCES."


def test_every_sentence_can_be_said_of_what_is_gone() -> None:
    kinds = {kind for said in SENTENCES.values() for _, kind, _, _ in string.Formatter().parse(said) if kind}
    assert kinds <= set(GONE)
    assert {verb.partition(".")[0] for verb in SENTENCES} == set(AREAS)


def test_every_permission_has_its_words() -> None:
    assert set(DEEDS) == set(PERMISSIONS), (
        "Say in accounts/permission_words.py what the page of roles calls it."
    )
