"""The transitions of a record as the API offers and takes them."""

from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.response import Response

from ltc.api import inputs
from ltc.api.matching import check_match
from ltc.api.problems import Problem
from ltc.workflow.declare import transitions_of
from ltc.workflow.engine import offered, perform

NAME = "(?P<name>[a-z_]{1,60})"


class Actions:
    """`/{records}/{id}/actions/`: what can be done with the record now, and doing it."""

    model: ClassVar[Any]

    @classmethod
    def offers_actions(cls, action: str) -> bool:
        return action not in {"actions", "act"} or bool(transitions_of(cls.model))

    @action(detail=True, methods=["get"], url_path="actions", url_name="actions")
    def actions(self: Any, request: Any, pk: str) -> Response:
        """The actions that leave the record's present state, with what each asks for and, if it is not allowed, why."""
        record = self.record()
        said = [
            {
                "name": offer.name,
                "label": str(offer.label),
                "allowed": offer.allowed,
                "permitted": offer.permitted,
                "reasons": [str(reason) for reason in offer.reasons],
                "confirm": str(offer.declaration.confirm),
                "inputs": [inputs.described(asked, record, self.actor) for asked in offer.inputs],
            }
            for offer in offered(record, self.actor)
        ]
        return Response({"data": said})

    @action(detail=True, methods=["post"], url_path=f"actions/{NAME}", url_name="act")
    def act(self: Any, request: Any, pk: str, name: str) -> Response:
        """Take an action. Its inputs are the body; the answer is the record as it is afterwards."""
        found = transitions_of(self.model).get(name)
        record = self.record(locked=True)
        if found is None or found.declaration.automatic:
            raise Problem("unknown_action", f"There is no action “{name}”. GET …/actions/ lists those that there are.")
        check_match(request, record, required=self.match_required)
        values = inputs.read(found.declaration.inputs, request.data, record=record, request=request)
        perform(record, name, actor=self.actor, **values)
        return self.answer(self.fresh(record), HTTPStatus.OK)
