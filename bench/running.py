import sys
import time

from bench.cases import Line, lines
from bench.collecting import collecting
from bench.costs import SEARCH_RATIO, costs
from bench.loading import SMALL, Size, prepare
from bench.measuring import Case, Server, measured, statements
from bench.report import Result, cost_table, table
from bench.rescoring import rescoring
from bench.settings import BARE_MIDDLEWARE
from bench.sweep import sweep
from bench.world import side

DEEP_PAGE, SEARCH = 1.2, 2.0


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def run(*, small: bool, fresh: bool, rounds: int, only: str) -> int:
    """Load, measure, print; 1 if a target was missed by the full size."""
    started = time.monotonic()
    prepare(SMALL if small else Size(), fresh=fresh, say=say)
    say(f"Loaded after {time.monotonic() - started:.0f} s")
    ours, plain = Server(), Server(BARE_MIDDLEWARE)
    large, little = side("bench-large"), side("bench-small")
    rounds = rounds or (3 if small else 60)
    chosen = [line for line in lines(ours, plain, large, little) if only.lower() in line.title.lower()]
    empty = plain.case("empty", "GET", "/bench/empty/")
    results = []
    for line in chosen:
        say(line.title)
        results.append(_result(line, empty, rounds))
    print(table(results))
    if only.lower() in "pool sweep":
        say("Pool sweep")
        print("\n" + "\n".join(sweep(large)))
    layers = costs(ours, large, rounds)
    print("\nWhat each layer costs:")
    print(cost_table(layers))
    if only.lower() in "rescoring":
        print("\n" + rescoring(large.tenant, say))
    if only.lower() in "collecting":
        print("\n" + collecting(ours, small=small, rounds=rounds, say=say))
    misses = [miss for result in results for miss in result.misses()] + _deep(chosen, rounds) + _search(layers)
    if small:
        print("\nIt runs. A small run says nothing of speed.")
        return 0
    print("\n" + ("\n".join(f"MISSED {miss}" for miss in misses) if misses else "All targets met."))
    return 1 if misses else 0


def _result(line: Line, empty: Case, rounds: int) -> Result:
    cases = {case.name: case for case in (line.ours, line.sql, line.bare, line.small, empty) if case is not None}
    found = measured(list(cases.values()), rounds)
    return Result(
        line=line,
        median=found[line.ours.name].median,
        ours=found[line.ours.name].quick,
        sql=found[line.sql.name].quick,
        empty=found[empty.name].quick,
        bare=found[line.bare.name].quick if line.bare else float("nan"),
        small=found[line.small.name].quick if line.small else float("nan"),
        queries=statements(line.ours),
    )


def _deep(chosen: list[Line], rounds: int) -> list[str]:
    """The deep page beside the first one, in turn."""
    cases = {line.ours.name: line.ours for line in chosen}
    if not {"list", "deep"} <= cases.keys():
        return []
    found = measured([cases["list"], cases["deep"]], rounds)
    ratio = found["deep"].quick / found["list"].quick
    print(f"\nDeep page: {ratio:.2f}x of the first.")
    return [f"deep page: {ratio:.2f}x of the first, at most {DEEP_PAGE}x wanted"] if ratio > DEEP_PAGE else []


def _search(layers: list[tuple[str, float, str]]) -> list[str]:
    ratio = next(value for what, value, _remark in layers if what == SEARCH_RATIO)
    return [f"search: {ratio:.2f}x of its bare SQL, at most {SEARCH}x wanted"] if ratio > SEARCH else []
