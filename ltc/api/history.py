"""What happened to a record: its timeline with notes, its changes field by field, its way through the stages."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ltc.api import queries
from ltc.api.fields import MomentField, TextField
from ltc.api.pages import Order, page_of
from ltc.api.problems import Problem
from ltc.api.serializers import Strict
from ltc.api.trace import tracer
from ltc.refusals import Forbidden
from ltc.timeline.models import Change, Entry
from ltc.timeline.services import history, record

NOTE_LENGTH = 10_000


class EntrySerializer(serializers.ModelSerializer):
    at = MomentField(read_only=True)

    class Meta:
        model = Entry
        fields = ["id", "at", "kind", "name", "from_state", "to_state", "actor_kind", "actor", "actor_name", "body", "data"]
        read_only_fields = fields


class NoteSerializer(Strict):
    body = TextField(max_length=NOTE_LENGTH)


class History:
    """`timeline`, `notes`, `changes` and `trace` of a record."""

    model: ClassVar[Any]
    has_timeline: ClassVar[bool] = True
    has_changes: ClassVar[bool] = True
    has_trace: ClassVar[bool] = False

    def hidden_changes(self, record: Any) -> frozenset[str]:
        """Fields of a record that this caller sees masked, so that their history is not told either."""
        return frozenset()

    @classmethod
    def offers_history(cls, action: str) -> bool:
        match action:
            case "timeline" | "notes":
                return cls.has_timeline
            case "changes":
                return cls.has_changes
            case "chain":
                return cls.has_trace
        return True

    @action(detail=True, methods=["get"])
    def timeline(self: Any, request: Any, pk: str) -> Response:
        """What happened to the record, newest first."""
        found = page_of(
            history(self.record()),
            order=Order.of(Entry, "-at"),
            limit=queries.limit_of(self.parameters),
            cursor=self.parameters.get("cursor"),
        )
        return Response(found.body(EntrySerializer(found.rows, many=True).data))

    @action(detail=True, methods=["post"])
    def notes(self: Any, request: Any, pk: str) -> Response:
        """Write a note into the record's timeline."""
        subject = self.record()
        if not (self.actor.has_perm("activities.add", subject) or self.actor.has_perm(f"{self.area_of()}.change", subject)):
            raise Forbidden("You may not write notes here. Ask the record's owner.")
        note = NoteSerializer(data=request.data)
        note.is_valid(raise_exception=True)
        entry = record(subject, kind=Entry.Kind.NOTE, actor=self.actor, at=timezone.now(), body=note.validated_data["body"])
        return Response(EntrySerializer(entry).data, status=HTTPStatus.CREATED)

    @action(detail=True, methods=["get"])
    def changes(self: Any, request: Any, pk: str) -> Response:
        """Which fields of the record were changed from what to what, by whom, newest first; only fields that the API shows."""
        subject = self.record()
        if not (self.actor.has_perm("changes.view") or self.actor.has_perm(f"{self.area_of()}.change", subject)):
            raise Forbidden("You may not see who changed what. Ask your administrator.")
        found = page_of(
            Change.objects.filter(row=str(subject.pk), table_name=subject._meta.db_table),
            order=Order.of(Change, "-id"),
            limit=queries.limit_of(self.parameters),
            cursor=self.parameters.get("cursor"),
        )
        shown = {
            subject._meta.get_field(name).column: name
            for name in self.get_serializer().fields
            if name in {field.name for field in subject._meta.concrete_fields} - self.hidden_changes(subject)
        }
        return Response(found.body([_change(row, shown) for row in found.rows]))

    @action(detail=True, methods=["get"], url_path="trace", url_name="trace")
    def chain(self: Any, request: Any, pk: str) -> Response:
        """The chain from first touch to bank line that the record stands in, in both directions."""
        trace = tracer()
        if trace is None:
            raise Problem("not_found", "No stage of this installation traces records.")
        return Response(trace(self.record(), self.actor))


def _change(row: Change, shown: dict[str, str]) -> dict[str, Any]:
    before, after = row.before or {}, row.after or {}
    fields = [
        {"field": shown[column], "from": before.get(column), "to": after.get(column)}
        for column in shown
        if column in before or column in after
    ]
    return {"id": row.pk, "at": row.at, "actor": row.actor, "request": row.request, "operation": row.operation, "fields": fields}
