"""What a fault did: the four figures that every fault test prints and is judged by."""

from dataclasses import dataclass


@dataclass
class Outcome:
    """`recovered` is how many seconds after the last fault all was done; None if it never was."""

    lost: int = 0
    duplicated: int = 0
    unexpected: int = 0
    recovered: float | None = 0.0
    note: str = ""

    def __str__(self) -> str:
        recovered = "never" if self.recovered is None else f"{self.recovered:.1f} s"
        figures = f"lost {self.lost}, duplicated {self.duplicated}, unexpected {self.unexpected}, recovered {recovered}"
        return f"{figures}; {self.note}" if self.note else figures

    def judge(self, title: str, within: float) -> None:
        """Print the line and fail unless nothing was lost, doubled or odd and all was done in time."""
        print(f"\n{title}: {self}")
        assert (self.lost, self.duplicated, self.unexpected) == (0, 0, 0), str(self)
        assert self.recovered is not None, str(self)
        assert self.recovered <= within, str(self)
