"""The printed result: ratios first, since milliseconds belong to one machine; targets that were missed at the end."""

from dataclasses import dataclass

from bench.cases import Line


@dataclass(frozen=True)
class Result:
    """A line of the report with its numbers: our median in milliseconds, and the quickest tenths, of which ratios are made."""

    line: Line
    median: float
    ours: float
    sql: float
    empty: float
    bare: float
    small: float
    queries: int

    @property
    def times_bare(self) -> float:
        return self.ours / self.bare

    @property
    def growth(self) -> float:
        return self.ours / self.small

    def misses(self) -> list[str]:
        line, found = self.line, []
        if self.queries > line.most_queries:
            found.append(f"{line.title}: {self.queries} queries, at most {line.most_queries} wanted")
        if line.most_times_bare and self.times_bare > line.most_times_bare:
            found.append(f"{line.title}: {self.times_bare:.2f}x of the bare ModelViewSet, at most {line.most_times_bare}x wanted")
        if line.most_growth and self.growth > line.most_growth:
            found.append(f"{line.title}: {self.growth:.2f}x of the small tenant, at most {line.most_growth}x wanted")
        return found


HEAD = f"{'':42}{'p50 ms':>8}{'x SQL':>8}{'x empty':>9}{'x DRF':>8}{'queries':>9}{'growth':>8}"


def table(results: list[Result]) -> str:
    """A line for each request: its median, and how many times that of (a) bare SQL, (b) an empty view, (c) bare DRF."""
    rows = [HEAD]
    for each in results:
        rows.append(
            f"{each.line.title:42}{each.median:8.2f}{each.ours / each.sql:8.1f}{each.ours / each.empty:9.1f}"
            f"{each.times_bare:8.2f}{each.queries:9}{each.growth:8.2f}"
        )
    return "\n".join(rows)


def cost_table(costs: list[tuple[str, float, str]]) -> str:
    return "\n".join(f"  {what:58}{cost:9.3f} {'  ' if remark.startswith('times') else 'ms'}  {remark}" for what, cost, remark in costs)
