"""docs/states.md shows the machines as they are declared."""

from django.conf import settings

from ltc.workflow.diagrams import page


def test_the_drawn_state_machines_are_those_of_the_code() -> None:
    drawn = (settings.BASE_DIR / "docs" / "states.md").read_text(encoding="utf-8")
    assert drawn == page(), "The state machines have changed: run ./dev manage state_diagrams."
