"""bin/test: linters, types, import contracts and tests, with or without the services that some tests need."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from house import environment, services
from house.environment import ROOT, VAR, VENV
from house.words import give_up, say

QUICK = "not postgres and not redis and not browser and not process and not slow and not thorough"
# they measure or kill whole processes: side by side on two cores they would disturb each other
ALONE = "process or slow"
# most of the time one of them waits for what Chromium shows: two beside each other, but beside nothing else
BROWSER = f"browser and not ({ALONE})"
LONGEST = ("--durations=10", "--durations-min=3")
WITHOUT_A_DATABASE = ("tests/house", "tests/commands", "tests/slack_sandbox", "tests/stripe_sandbox")
# beyond that it is not a test that is unsteady, it is the product that is broken
MOST_UNSTEADY = 10
MOST_NAMES = 20
# what a developer has set must not change what the tests see
PRODUCT_NAMES = re.compile(
    r"^(DATABASE_URL|REDIS_URL|DEBUG|DEMO|PORT|PUBLIC_URL|SECRET_KEY|FIELD_ENCRYPTION_KEY|VAR_DIR|LIMITS_SCALE"
    r"|(SLACK|STRIPE|SANDBOX|EMAIL|CONSOLE|WIDGET|WS|FILES|STORAGE)_\w+|ALLOWED_HOSTS|TRUSTED_PROXIES)(_FILE)?$"
)
# it would have every process compile everything anew: a third of the quick run
NO_CACHE = "PYTHONDONTWRITEBYTECODE"
STOP_SECONDS = 60.0
HELP = """\
Runs the linters, the types, the import contracts and every test that needs nothing more.
Anything that is not an option below goes to pytest, which then runs alone: bin/test -k origin, bin/test tests/house
"""


@dataclass
class Tally:
    """What the last line says."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)

    def add(self, name: str, passed: int, failed: int, skipped: int = 0) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        if failed:
            self.broken.append(name)

    def names(self) -> str:
        """Of tests, with their step; what went wrong is far above by then."""
        said = []
        if self.unsteady:
            said.append(
                "Failed among others and passed alone; each is a defect of the test or of the product:"
            )
            said += [f"  {name}" for name in self.unsteady]
        if self.failing:
            said.append("Failed:")
            said += [f"  {name}" for name in self.failing[:MOST_NAMES]]
        if (more := len(self.failing) - MOST_NAMES) > 0:
            said.append(f"  and {more} more")
        return "\n".join(said)

    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        broken = f" – {', '.join(self.broken)}" if self.broken else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}{broken}"


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]


def main() -> None:
    options, for_pytest = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.lock:
        return compile_locks()
    environment.ensure(environment.TOOLS)
    started, tally = time.monotonic(), Tally()
    try:
        run(options.all, for_pytest, tally)
    except KeyboardInterrupt:
        give_up("\nStopped. Everything that was started has been stopped too.")
    say(f"\nTook {time.monotonic() - started:.0f} s.")
    if names := tally.names():
        say(names)
    say(tally.line())
    raise SystemExit(1 if tally.failed else 0)


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="bin/test",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="also PostgreSQL, Redis, Chromium and node: installs what is missing (as root)",
    )
    parser.add_argument("--lock", action="store_true", help="compile requirements*.lock anew and stop")
    return parser.parse_known_args(arguments)


def run(everything: bool, for_pytest: list[str], tally: Tally) -> None:
    if everything:
        services.install_missing()
    if not for_pytest:
        run_checks(tally)
    if everything:
        run_everywhere(for_pytest, tally)
    elif for_pytest:
        pytest("pytest", for_pytest, hermetic("quick"), tally)
    else:
        # the flows would be left out in any case, but only after Playwright was imported
        arguments = [*side_by_side(), *LONGEST, "--ignore=tests/e2e", "-m", QUICK]
        pytest("pytest on SQLite", arguments, hermetic("quick"), tally)
        say_what_was_skipped()


def run_everywhere(for_pytest: list[str], tally: Tally) -> None:
    """The whole suite on SQLite, then again on PostgreSQL and Redis."""
    in_steps("SQLite", "not postgres and not redis", for_pytest, hermetic("sqlite"), tally)
    started = services.Services()
    try:
        env = hermetic("scaled")
        env["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or started.postgresql()
        env["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or started.redis()
        again = [f"--ignore={folder}" for folder in WITHOUT_A_DATABASE]
        # named by hand, any flow is run
        flows = BROWSER if for_pytest else f"{BROWSER} and everywhere"
        in_steps("PostgreSQL and Redis", "not sqlite", [*again, *for_pytest], env, tally, flows)
    finally:
        started.stop()


def in_steps(
    where: str,
    marked: str,
    for_pytest: list[str],
    env: Mapping[str, str],
    tally: Tally,
    browser: str = BROWSER,
) -> None:
    steps: tuple[tuple[str, list[str], str], ...] = (
        (f"pytest on {where}", side_by_side(), f"not browser and not ({ALONE})"),
        (f"browser on {where}", side_by_side(), browser),
        (f"processes on {where}", [], ALONE),
    )
    for name, workers, chosen in steps:
        pytest_steadily(
            name, [*workers, *LONGEST, "-m", f"({marked}) and ({chosen})", *for_pytest], env, tally
        )


def side_by_side() -> list[str]:
    return ["-n", "2", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 else []


def pytest(name: str, arguments: Sequence[str], env: Mapping[str, str], tally: Tally) -> None:
    say(f"\n── {name}")
    report = pytest_once(arguments, env)
    tally.failing += [f"{one} ({name})" for one in sorted(report.names)]
    tally.add(name, report.passed, report.failed, report.skipped)


def pytest_steadily(name: str, arguments: Sequence[str], env: Mapping[str, str], tally: Tally) -> None:
    """A few that fail are run once more, alone: what passes then is named at the end instead of failing the run."""
    say(f"\n── {name}")
    cache = VAR / "test" / "failed"
    shutil.rmtree(cache, ignore_errors=True)
    kept = [*arguments, "-o", f"cache_dir={cache}"]
    first = pytest_once(kept, env)
    passed, failed, again = first.passed, first.failed, frozenset[str]()
    steadied = frozenset[str]()
    if 0 < len(first.names) <= MOST_UNSTEADY:
        say(f"\n── {name}: what failed, alone")
        second = pytest_once([*kept, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"], env)
        ran_the_same = second.passed + len(second.names) == len(first.names)
        again = second.names
        steadied = first.names - again if ran_the_same else steadied
        passed, failed = passed + len(steadied), len(first.names) - len(steadied)
        tally.unsteady += [f"{one} ({name})" for one in sorted(steadied)]
    for one in sorted(first.names - steadied):
        tally.failing.append(f"{one} ({name}{', and again alone' if one in again else ''})")
    tally.add(name, passed, failed, first.skipped)


def pytest_once(arguments: Sequence[str], env: Mapping[str, str]) -> "Report":
    path = VAR / "test" / "report.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    command = [str(environment.PYTHON), "-m", "pytest", "-q", f"--junitxml={path}", *arguments]
    code = finish(start(command, env))
    report = read_report(path)
    return report if code in (0, 1, 5) or report.failed else replace(report, failed=1)


def start(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """It can be interrupted, even if this was begun with `&` in a script: a shell has that ignore interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, cwd=ROOT, env=env)
    finally:
        signal.signal(signal.SIGINT, before)


def finish(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. When we are told to stop it gets time to stop what it has started itself."""
    try:
        return process.wait()
    except SystemExit:
        process.send_signal(signal.SIGINT)
        raise
    finally:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


@dataclass(frozen=True)
class Report:
    """What pytest wrote of one run; `names` are of what failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    names: frozenset[str] = frozenset()


def read_report(path: Path) -> Report:
    """A JUnit report; one failure when pytest did not get as far as writing it."""
    if not path.exists():
        return Report(failed=1)
    root = ET.parse(path).getroot()  # noqa: S314 - pytest wrote it a moment ago
    passed = failed = skipped = 0
    for suite in root.iter("testsuite"):
        wrong = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        left_out = int(suite.get("skipped", 0))
        passed += int(suite.get("tests", 0)) - wrong - left_out
        failed, skipped = failed + wrong, skipped + left_out
    names = frozenset(
        f"{case.get('classname')}::{case.get('name')}"
        for case in root.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    )
    return Report(passed, failed, skipped, names)


def hermetic(name: str) -> dict[str, str]:
    """The environment without the product's own names, and a folder for this group's database and files."""
    folder = VAR / "test" / name
    # whitenoise warns about every client when its folder is not there
    (folder / "static").mkdir(parents=True, exist_ok=True)
    kept = {
        key: value for key, value in os.environ.items() if key != NO_CACHE and not PRODUCT_NAMES.match(key)
    }
    return kept | {"VAR_DIR": str(folder)}


def run_checks(tally: Tally) -> None:
    env = hermetic("checks") | {"DEBUG": "1"}
    with ThreadPoolExecutor(2) as pool:
        for check, done in pool.map(lambda check: (check, finished(check, env)), checks()):
            say(f"{'ok     ' if done.returncode == 0 else 'FAILED '} {check.name}")
            if done.returncode:
                say(done.stdout)
            tally.add(check.name, *outcome(done))


def finished(check: Check, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        check.command,
        cwd=ROOT,
        env=env,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, int]:
    """A check counts once; node's test runner tells how many tests it ran."""
    told = {
        word: int(number) for word, number in re.findall(r"^# (pass|fail) (\d+)$", done.stdout, re.MULTILINE)
    }
    if "pass" in told:
        return told["pass"], max(told.get("fail", 0), int(done.returncode != 0))
    return int(done.returncode == 0), int(done.returncode != 0)


def checks() -> list[Check]:
    tool = VENV / "bin"
    found = [
        Check("mypy", [str(tool / "mypy"), "--no-error-summary"]),
        Check("ruff check", [str(tool / "ruff"), "check", "--quiet", "."]),
        Check("ruff format", [str(tool / "ruff"), "format", "--check", "--quiet", "."]),
        Check("import contracts", [str(tool / "lint-imports"), "--no-cache"]),
    ]
    return found + browser_code_checks()


def browser_code_checks() -> list[Check]:
    """The modules of widget and console, where there is a node to run them."""
    modules = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("*.test.*js"))]
    found, node, tsc = [], services.modern_node(), shutil.which("tsc")
    if node and modules:
        found.append(Check("node", [node, "--test", "--test-reporter=tap", *modules]))
    projects = [] if tsc is None else sorted((ROOT / "tests").rglob("jsconfig.json"))
    return found + [Check("tsc", [str(tsc), "--noEmit", "--project", str(project)]) for project in projects]


def say_what_was_skipped() -> None:
    say("\nSkipped here, run by bin/test --all (which installs and starts what they need):")
    say("  PostgreSQL, Redis   the whole suite on them")
    say("  Chromium            the browser flows")
    say("  tests/thorough.py   every refusal and order of the features that it names")
    say("  server processes    kill -9 under load, bin/run from an empty folder")
    if not services.modern_node():
        say("  Node 18+            the widget's module tests: apt-get install nodejs")
    if not shutil.which("tsc"):
        say("  tsc                 the types of the browser code: npm install --global typescript")


def compile_locks() -> None:
    """Needs the network: every package with every hash, and no address of any index."""
    python = environment.ensure(environment.TOOLS)
    uv = shutil.which("uv") or str(VENV / "bin" / "uv")
    if not Path(uv).exists():
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "uv"], check=True
        )
    for name in ("requirements", "requirements-dev"):
        command = [
            uv,
            "pip",
            "compile",
            "--quiet",
            "--generate-hashes",
            "--no-header",
            "--python-version",
            "3.11",
        ]
        if subprocess.run([*command, f"{name}.txt", "-o", f"{name}.lock"], cwd=ROOT).returncode:
            give_up(f"{name}.txt could not be compiled; the reason is above.")
        say(f"{name}.lock is new.")
