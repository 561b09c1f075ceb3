import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipelines.cli import COMMANDS, ror

HEAVY = {"dagster", "dbt", "dlt", "great_expectations", "metricflow", "pyarrow", "duckdb", "pandas"}


def test_help_when_asked_then_lists_every_command_and_imports_nothing_heavy():
    program = (
        "import sys; sys.argv = ['ror', '--help']\n"
        "from pipelines.cli import main\n"
        "try: main()\n"
        f"finally: print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_when_help_is_asked_then_explains_itself(name):
    result = CliRunner().invoke(ror, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) >= 5


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        capture_output=True, text=True, check=False, env=environment or None,
    )  # fmt: skip


def test_command_when_unknown_then_exit_64():
    done = run("no-such-command")
    assert done.returncode == 64
    assert "No such command" in done.stderr


def test_setting_when_wrong_then_one_line_and_exit_78(tmp_path):
    done = run("--home", str(tmp_path), "status", ROR_TIME_ZONE="Mars/Olympus", PATH="/usr/bin")
    assert done.returncode == 78
    (line,) = done.stderr.splitlines()
    assert line.startswith("settings: ROR_TIME_ZONE: ")


def test_status_when_nothing_ran_then_names_the_next_command(tmp_path):
    done = run("--home", str(tmp_path), "status", PATH="/usr/bin")
    assert done.returncode == 0
    assert done.stdout.endswith("next: ror run\n")
    assert not (tmp_path / "state").exists()


def test_init_when_home_exists_then_changes_nothing(tmp_path):
    run("--home", str(tmp_path), "init", PATH="/usr/bin")
    (tmp_path / "ror.env").write_text("ROR_THREADS=1\n")
    assert run("--home", str(tmp_path), "init", PATH="/usr/bin").returncode == 0
    assert (tmp_path / "ror.env").read_text() == "ROR_THREADS=1\n"
    assert (tmp_path / "drop").stat().st_mode & 0o777 == 0o700


def test_settings_when_printed_then_each_has_its_meaning_and_no_secret(tmp_path):
    secret = "5ec2e7" * 12
    done = run(
        "--home", str(tmp_path), "settings", PATH="/usr/bin", ROR_PSEUDONYM_KEY=secret
    )  # fmt: skip
    assert "ROR_MEMORY_LIMIT_MB=" in done.stdout
    assert secret not in done.stdout + done.stderr
