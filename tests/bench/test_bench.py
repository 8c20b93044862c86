import os
import subprocess
import sys

import pytest
from django.conf import settings

DATABASE = "ltc_bench_test" + os.environ.get("LTC_TEST_DB_SUFFIX", "")


@pytest.mark.bench
def test_the_benchmark_runs_and_prints_every_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--small", "--rounds", "2"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"LTC_BENCH_DATABASE": DATABASE},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    titles = (
        *("REST lead list, deep page", "REST create a lead", "HTML board of the open opportunities", "audit of one insert"),
        *("Planning the reminders of", "Receivables by age over"),
    )
    for title in titles:
        assert title in done.stdout
