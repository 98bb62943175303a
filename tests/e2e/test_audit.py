"""The determinism audit as a user meets it: guilty steps, innocent twins, imports, failures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "audit-a-pipeline.md"
FENCES = ("```python\n", "$ whence audit train.py\n")
GUILTY = """
import datetime, os, random, secrets, socket, sqlite3, subprocess, time, urllib.request, uuid
from datetime import datetime as moment
from pathlib import Path
from whence import pipeline, step

HERE = Path(__file__).parent
COUNT = [0]

@step
def opens_file() -> str:
    return (HERE / "data.csv").read_text()

@step
def opens_by_number() -> bytes:
    handle = os.open(HERE / "data.csv", os.O_RDONLY)
    try:
        return os.read(handle, 10)
    finally:
        os.close(handle)

@step
def opens_named_by_text(name: str) -> str:
    return open(name).read()

@step
def opens_database() -> int:
    with sqlite3.connect(HERE / "data.db") as database:
        return database.execute("select 1").fetchone()[0]

@step
def lists_folder() -> list[str]:
    return sorted(os.listdir(HERE))

@step
def walks_folder() -> int:
    return len([path for path in HERE.iterdir() if path.is_dir()])

@step
def reads_variable() -> str:
    return os.environ.get("REGION", "eu")

@step
def asks_for_variable() -> bool:
    return "REGION" in os.environ

@step
def reads_by_getenv() -> str:
    return os.getenv("REGION", "eu")

@step
def reads_all_variables() -> int:
    return len(dict(os.environ))

@step
def reads_time() -> int:
    return int(time.time() > 0)

@step
def reads_time_ns() -> int:
    return int(time.time_ns() > 0)

@step
def reads_now() -> bool:
    return moment.now().year > 2000

@step
def reads_today() -> bool:
    return datetime.date.today().year > 2000

@step
def draws() -> float:
    return random.random()

@step
def shuffles() -> list[int]:
    numbers = list(range(100))
    random.shuffle(numbers)
    return numbers

@step
def draws_from_own() -> float:
    return random.Random().random()

@step
def makes_uuid() -> str:
    return str(uuid.uuid4())

@step
def makes_secret() -> str:
    return secrets.token_hex()

@step
def takes_entropy() -> bytes:
    return os.urandom(8)

@step
def connects() -> int:
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1).close()
    except OSError:
        pass
    return 1

@step
def asks_url() -> int:
    try:
        urllib.request.urlopen("http://127.0.0.1:9/rows?key=1", timeout=1)
    except OSError:
        pass
    return 1

@step
def starts_program() -> str:
    return subprocess.run(["git", "--version"], capture_output=True, text=True).stdout

@step
def orders_set() -> list[str]:
    return list({f"name {number}" for number in range(50)})

@step
def counts_calls() -> int:
    COUNT[0] += 1
    return COUNT[0]

@step
def counts_calls_too() -> int:
    COUNT[0] += 1
    return COUNT[0]

@pipeline
def guilty(name: str):
    opens_file(), opens_by_number(), opens_named_by_text(name), opens_database()
    lists_folder(), walks_folder()
    reads_variable(), asks_for_variable(), reads_by_getenv(), reads_all_variables()
    reads_time(), reads_time_ns(), reads_now(), reads_today()
    draws(), shuffles(), draws_from_own(), makes_uuid(), makes_secret(), takes_entropy()
    connects(), asks_url(), starts_program()
    orders_set(), counts_calls(), counts_calls_too()
"""
KINDS = {
    "opens_file": "file",
    "opens_by_number": "file",
    "opens_named_by_text": "file",
    "opens_database": "file",
    "lists_folder": "folder",
    "walks_folder": "folder",
    "reads_variable": "environment",
    "asks_for_variable": "environment",
    "reads_by_getenv": "environment",
    "reads_all_variables": "environment",
    "reads_time": "clock",
    "reads_time_ns": "clock",
    "reads_now": "clock",
    "reads_today": "clock",
    "draws": "randomness",
    "shuffles": "randomness",
    "draws_from_own": "randomness",
    "makes_uuid": "randomness",
    "makes_secret": "randomness",
    "takes_entropy": "randomness",
    "connects": "network",
    "asks_url": "network",
    "starts_program": "process",
    "orders_set": "output",
    "counts_calls": "output",
    "counts_calls_too": "output",
}
INNOCENT = """
import datetime, logging, os, random, sqlite3, tempfile, time, uuid, warnings, zoneinfo
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from whence import Input, Output, log_metric, pipeline, progress, step
from whence.artifacts import DataArtifact

print("words of a file that is being loaded", end="")

@dataclass(frozen=True)
class Source:
    file: Path

@step
def opens_parameter(file: Path) -> str:
    return file.read_text()

@step
def opens_nested_parameter(source: Source) -> str:
    return source.file.read_text()

@step
def walks_parameter(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.csv"))

@step
def opens_own_work() -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "draft.txt").write_text("words")
        Path(folder, "draft.txt").rename(Path(folder, "final.txt"))
        os.listdir(folder)
        sqlite3.connect(Path(folder, "rows.db")).close()
        return Path(folder, "final.txt").read_text()

@step
def writes_output(made: Output[DataArtifact]):
    (made.path / "part.txt").write_text("words")
    (made.path / "part.txt").read_text()

@step
def reads_input(made: Input[DataArtifact]) -> str:
    return (made.path / "part.txt").read_text()

@step(env=["REGION"], secrets=["TOKEN"])
def reads_declared() -> str:
    return os.environ.get("REGION", "eu") + os.getenv("TOKEN", "")

@step
def measures_time() -> bool:
    start = time.perf_counter()
    return time.perf_counter() >= start

@step
def builds_moment() -> datetime.datetime:
    return datetime.datetime(2024, 5, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))

@step
def draws_by_seed(seed: int = 1) -> float:
    random.seed(seed)
    return random.random() + random.Random(seed).random()

@step
def makes_stable_uuid() -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "whence"))

@step
def logs_and_warns() -> int:
    logging.getLogger("innocent").warning("a line with the time")
    warnings.warn("a line of source is looked up")
    log_metric("rmse", 1.0)
    return sum(progress([1, 2]))

@step
def imports_inside() -> int:
    import ctypes, email.message, gettext, http.client, locale, xml.dom.minidom, helper
    return helper.SIZE

@step
def works_in_threads() -> int:
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(abs, [1, -2]))

@step
def orders_set() -> list[str]:
    return sorted({f"name {number}" for number in range(50)})

@step(cache=False)
def declares_itself() -> float:
    return time.time()

@step
def is_there_for_its_effect():
    print(time.time())

@pipeline
def innocent(data: Path):
    opens_parameter(data / "data.csv"), opens_nested_parameter(Source(data / "data.csv"))
    walks_parameter(data), opens_own_work(), reads_input(writes_output())
    reads_declared(), measures_time(), builds_moment(), draws_by_seed(), makes_stable_uuid()
    logs_and_warns(), imports_inside(), works_in_threads(), orders_set()
    declares_itself(), is_there_for_its_effect()
"""
FAILING = """
import os, random, time
from whence import pipeline, step

@step
def raises() -> int:
    raise ValueError("no rows today")

@step
def waits_for_it(rows: int) -> int:
    return rows

@step
def dies() -> int:
    os._exit(3)

@step
def goes_on() -> int:
    return 1

@step
def takes_moment(moment: float) -> float:
    return moment

@pipeline
def failing():
    waits_for_it(raises()), dies(), goes_on(), takes_moment(time.time())
"""
HEAVY = """
from pathlib import Path
import numpy as np
from whence import pipeline, step

HERE = Path(__file__).parent

@step
def makes_frame() -> dict[str, list[int]]:
    import pandas as pd
    pd.Timestamp("2024-05-01", tz="Europe/Berlin")
    return pd.DataFrame({"a": range(60), "b": [number % 3 for number in range(60)]}).to_dict("list")

@step
def fits(rows: dict[str, list[int]], seed: int = 0) -> float:
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingRegressor
    frame = pd.DataFrame(rows)
    model = HistGradientBoostingRegressor(random_state=seed, max_iter=3)
    return model.fit(frame[["a"]], frame["b"]).score(frame[["a"]], frame["b"])

@step
def fits_in_parallel(rows: dict[str, list[int]], seed: int = 0) -> float:
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier
    frame = pd.DataFrame(rows)
    model = RandomForestClassifier(5, n_jobs=2, random_state=seed)
    return model.fit(frame[["a"]], frame["b"]).score(frame[["a"]], frame["b"])

@step
def draws_by_seed(seed: int = 0) -> float:
    np.random.seed(seed)
    return float(np.random.rand() + np.random.default_rng(seed).random())

@step
def opens_by_library(name: str) -> int:
    import pandas as pd
    return len(pd.read_parquet(name))

@step
def opens_pattern() -> int:
    import polars as pl
    return len(pl.scan_parquet(HERE / "*.parquet").collect())

@step
def opens_parameter(file: Path) -> int:
    import pandas as pd
    return len(pd.read_parquet(file))

@step
def fits_by_chance(rows: dict[str, list[int]]) -> float:
    from sklearn.model_selection import train_test_split
    return float(train_test_split(rows["a"])[0][0])

@step
def draws() -> float:
    return float(np.random.rand())

@step
def draws_from_own() -> float:
    return float(np.random.default_rng().random())

@pipeline
def heavy(file: Path):
    opens_by_library(str(file)), opens_pattern(), opens_parameter(file)
    rows = makes_frame()
    fits(rows), fits_in_parallel(rows), draws_by_seed()
    fits_by_chance(rows), draws(), draws_from_own()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Give a folder with pipelines, data, and a home for records."""
    folder = tmp_path_factory.mktemp("audited")
    pipelines = {"guilty": GUILTY, "innocent": INNOCENT, "failing": FAILING, "heavy": HEAVY}
    for name, text in pipelines.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "helper.py").write_text("SIZE = len(open(__file__).read())\n", encoding="utf-8")
    (folder / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "data.db").touch()
    return folder


@pytest.fixture(scope="module")
def audit(project):
    """Return what audits a pipeline in a process of its own."""

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "whence", "audit", *words],
            cwd=project,
            env={**os.environ, "WHENCE_HOME": str(project / "home"), "REGION": "us"},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    return run


@pytest.fixture(scope="module")
def guilty(audit):
    """Return the audit of the guilty steps, as a document."""
    outcome = audit("guilty.py", "--name", "data.csv", "--json")
    assert outcome.returncode == 1, outcome.stderr
    return {step["node"]: step for step in json.loads(outcome.stdout)["steps"]}


@pytest.fixture(scope="module")
def failing(audit):
    """Return the audit of steps that fail, as a document."""
    outcome = audit("failing.py", "--json")
    assert outcome.returncode == 1, outcome.stderr
    return {step["node"]: step for step in json.loads(outcome.stdout)["steps"]}


@pytest.mark.parametrize(("node", "kind"), KINDS.items())
def test_a_guilty_step_is_found_out(guilty, node, kind):
    """What a step takes from outside its key is found, of the right kind, and nothing else is."""
    kinds = {finding["kind"] for finding in guilty[node]["findings"]}

    assert kind in kinds
    assert kinds <= {kind, "output"}


@pytest.mark.parametrize("node", [node for node, kind in KINDS.items() if kind != "output"])
def test_a_read_is_shown_where_the_users_code_made_it(guilty, node):
    """Each read is shown with the line of the user's file, inside the step."""
    lines = GUILTY.splitlines()
    start = lines.index(next(line for line in lines if line.startswith(f"def {node}(")))

    place = next(each["place"] for each in guilty[node]["findings"] if each["kind"] == KINDS[node])
    file, _, number = place.partition(":")

    assert file == "guilty.py"
    assert "@step" not in lines[start : int(number)]
    assert int(number) > start


def test_a_file_named_by_text_is_told_to_be_a_path(guilty):
    """Of a file whose name came as a `str`, the fix names the parameter."""
    (finding,) = guilty["opens_named_by_text"]["findings"]

    assert finding["subject"] == "data.csv"
    assert finding["fix"] == "declare the parameter name as Path, not str"


def test_innocent_steps_raise_no_alarm(audit):
    """Covered reads, own work, logging, imports and threads are no findings; exit code 0."""
    outcome = audit("innocent.py", "--data", ".")

    assert outcome.returncode == 0, outcome.stdout
    assert "innocent: every step run twice, nothing found\n" in outcome.stdout
    assert "excused, for it says cache=False" in outcome.stdout
    assert "excused, for it has no outputs and runs in every run" in outcome.stdout


def test_nothing_is_recorded(audit, project):
    """An audit leaves nothing behind, neither in the project nor in its home."""
    before = sorted(project.rglob("*"))
    audit("failing.py")

    assert sorted(project.rglob("*")) == before
    assert not (project / "home").exists()


def test_a_step_that_fails_is_reported_and_others_go_on(failing):
    """A failure is a finding, its followers are not audited, all others are."""
    (finding,) = failing["raises"]["findings"]

    assert finding["sentence"].startswith("failed: ValueError: no rows today (failing.py:")
    assert failing["waits_for_it"]["not_audited"] == "'raises' did not complete"
    assert failing["goes_on"]["findings"] == []


def test_a_step_that_ends_its_process_is_reported(failing):
    """A step that takes its process with it is named; the others are audited in a new one."""
    (finding,) = failing["dies"]["findings"]

    assert "its process ended with code 3" in finding["sentence"]


def test_a_body_that_gives_other_values_is_reported(failing):
    """A parameter that the pipeline's body computes differently each time is named."""
    kinds = [each["kind"] for each in failing["takes_moment"]["findings"]]

    assert kinds == ["parameter", "output"]


def test_the_report_is_readable(audit):
    """Each finding is one line with the step, what and where, and one with the fix."""
    shown = audit("guilty.py", "--name", "data.csv").stdout

    assert "\nopens_file: reads data.csv (guilty.py:12), which no key covers\n" in shown
    assert "\n    fix: take it as a Path parameter\n" in shown
    assert "\norders_set: output result differs between two runs\n" in shown


def test_a_pipeline_that_is_wrong_is_not_audited(audit):
    """What could not even be run is wrong use, and nothing is started."""
    outcome = audit("innocent.py", "--data", "nowhere")

    assert outcome.returncode == 2
    assert "run 1 of 2" not in outcome.stderr


def test_the_page_shows_what_an_audit_gives(audit, project):
    """The how-to page's file, audited, gives the report that the page shows."""
    page = PAGE.read_text(encoding="utf-8")
    program, report = (page.split(fence, 1)[1].split("```", 1)[0] for fence in FENCES)
    (project / "train.py").write_text(program, encoding="utf-8")
    (project / "rows.csv").write_text("month,day,carrier,delay,origin\n1,2,3,4,5\n")
    by_chance = "pick: output result differs between two runs\n"  # two draws may be equal

    shown = audit("train.py").stdout
    claimed = report.partition("\n")[2].replace(by_chance, "")

    assert set(claimed.splitlines()) <= set(shown.splitlines())


@pytest.mark.heavy
def test_libraries_raise_no_alarm_by_being_imported(audit, project):
    """Libraries such as pandas, imported and used in steps, count only where they are guilty."""
    pandas = pytest.importorskip("pandas")
    pandas.DataFrame({"a": [1, 2]}).to_parquet(project / "rows.parquet")

    outcome = audit("heavy.py", "--file", "rows.parquet", "--json")
    steps = json.loads(outcome.stdout)["steps"]
    found = {step["node"]: {each["kind"] for each in step["findings"]} for step in steps}

    by_chance = {"fits_by_chance", "draws", "draws_from_own"}
    assert {node for node, kinds in found.items() if "randomness" in kinds} == by_chance
    assert found["opens_by_library"] == {"file"}
    assert found["opens_pattern"] == {"folder"}
    assert sum(not kinds for kinds in found.values()) == len(found) - len(by_chance) - 2
