import argparse
import os
import sys
from pathlib import Path

import django


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure the product for a tenant with 200,000 leads among 1,000.")
    parser.add_argument("--small", action="store_true", help="a few rows and rounds: shows that it runs, not how fast")
    parser.add_argument("--fresh", action="store_true", help="load the database anew")
    parser.add_argument("--rounds", type=int, default=0, help="how often each request is measured (60)")
    parser.add_argument("--only", default="", help="only the lines whose title contains this")
    options = parser.parse_args(words)
    if options.small:
        os.environ.setdefault("LTC_BENCH_DATABASE", "ltc_bench_small")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    sys.path.append(str(Path(__file__).resolve().parent.parent / "collections"))  # the second import root, which holds `receivables`
    django.setup()
    from bench.running import run  # noqa: PLC0415  (needs the settings)

    return run(small=options.small, fresh=options.fresh, rounds=options.rounds, only=options.only)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
