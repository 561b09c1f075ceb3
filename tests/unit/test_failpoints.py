import errno
import subprocess
import sys

import pytest

from pipelines import failpoints
from pipelines.errors import ExitCode, RorError


@pytest.fixture(autouse=True)
def _disarmed():
    yield
    failpoints.arm("", testing=False)


def test_arm_when_not_testing_then_is_refused():
    with pytest.raises(RorError) as refused:
        failpoints.arm("build.before=kill", testing=False)
    assert refused.value.code is ExitCode.USAGE


@pytest.mark.parametrize("spec", ["nowhere=kill", "build.before", "build.before@x=kill"])
def test_arm_when_spec_is_wrong_then_is_refused(spec):
    with pytest.raises(RorError) as refused:
        failpoints.arm(spec, testing=True)
    assert refused.value.code is ExitCode.USAGE


def test_hit_when_armed_for_the_second_time_then_acts_on_the_second_only():
    failpoints.arm("build.before@2=raise:OSError", testing=True)
    failpoints.hit("build.before")
    failpoints.hit("build.after")
    with pytest.raises(OSError, match=r"build\.before"):
        failpoints.hit("build.before")
    failpoints.hit("build.before")


def test_hit_when_disk_is_full_then_raises_enospc():
    failpoints.arm("load.before=enospc", testing=True)
    with pytest.raises(OSError) as full:  # noqa: PT011 - the number is the point
        failpoints.hit("load.before")
    assert full.value.errno == errno.ENOSPC


def test_hit_when_crash_then_no_except_exception_catches_it():
    failpoints.arm("load.before=crash", testing=True)

    def cautious():
        try:
            failpoints.hit("load.before")
        except Exception:
            pytest.fail("a crash must not be caught")

    with pytest.raises(failpoints.SimulatedCrash):
        cautious()


@pytest.mark.parametrize(("action", "code"), [("kill", -9), ("exit:3", 3)])
def test_hit_when_process_must_end_then_it_ends(action, code):
    program = (
        "from pipelines import failpoints as f;"
        f"f.arm('build.after={action}', testing=True);f.hit('build.after')"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == code
