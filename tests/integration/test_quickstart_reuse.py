"""The quickstart, run again: nothing is computed twice, and what changed is named."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.heavy

SOURCE = Path(__file__).parents[2] / "examples" / "quickstart" / "quickstart.py"

DRIVER = """
import json, sys
import whence
from quickstart import delays, fit
act = sys.argv[1]
call = {"regressor": fit.bind(depth=2, rounds=5)}
if act == "plan":
    plan = delays.plan(**call)
    print(json.dumps({name: [str(d.verdict), *d.reasons] for name, d in plan.decisions.items()}))
elif act == "compare":
    newest, _, before = whence.runs(limit=3)
    print(json.dumps(whence.compare(before, newest).headlines))
else:
    run = delays(**call)
    print(json.dumps({name: run.steps[name].cached for name in run.steps}))
"""

SENTENCE = re.compile(
    r"They part at join: helper `tidy` in quickstart\.py changed \(lines \d+-\d+\); "
    r"rmse [\d.]+ → [\d.]+ \((better|worse)\)\."
)


@pytest.fixture
def quickstart(project: Path) -> Path:
    """Return a copy of the quickstart in which things can be changed."""
    (project / "driver.py").write_text(DRIVER)
    copy = project / "quickstart.py"
    text = SOURCE.read_text()
    text = text.replace(
        "    return joined[[",
        "    return tidy(joined)[[",
    ).replace(
        "@step\ndef join(",
        "def tidy(table):\n    # A helper of our own.\n    return table\n\n\n@step\ndef join(",
    )
    copy.write_text(text)
    return copy


def ask(act: str) -> Any:
    """Return what the driver says in a fresh process."""
    done = subprocess.run(
        [sys.executable, "driver.py", act], capture_output=True, text=True, check=True, timeout=110
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_rerun_computes_nothing_and_an_edit_only_what_it_reaches(quickstart):
    """No change, no step; an edited helper reruns its step, and behind it only what moved."""
    assert set(ask("run").values()) == {False}
    assert set(ask("run").values()) == {True}

    text = quickstart.read_text()
    quickstart.write_text(text.replace("# A helper of our own.", "# A helper, with other words."))
    assert {verdict for verdict, *_ in ask("plan").values()} == {"hit"}

    quickstart.write_text(text.replace("    return table\n", "    return table.copy()\n"))
    planned = ask("plan")
    ran = ask("run")

    assert planned["load"] == ["hit"]
    assert planned["join"][0] == "miss"
    assert "tidy" in planned["join"][1]
    assert {planned[name][0] for name in ("split", "regressor", "evaluate")} == {"open"}
    assert ran == {
        "load": True,
        "join": False,
        "split": True,
        "regressor": True,
        "evaluate": True,
    }

    quickstart.write_text(text.replace("    return table\n", "    return table[:100_000]\n"))
    assert set(ask("run").values()) == {True, False}
    assert ask("run")["evaluate"]
    (sentence,) = ask("compare")
    assert SENTENCE.fullmatch(sentence)
