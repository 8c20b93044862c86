"""The REST of history imports: a file is sent, its state asked for, its faults read."""

from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from ltc.api import queries
from ltc.api.pages import Order, page_of
from ltc.api.serializers import RecordSerializer, Strict
from ltc.api.viewsets import RecordViewSet
from receivables.history.uploads import progress_of, upload_history
from receivables.models import HistoryFault, HistoryImport


class HistoryImportSerializer(RecordSerializer):
    """An import of history. While it runs, `progress` says which step it is at and how many lines it has read."""

    class Meta:
        model = HistoryImport
        fields = [
            *("id", "file_name", "dry_run", "state", "size", "lines", "added", "skipped", "fault_count", "counts", "error", "owner"),
            *("started_at", "finished_at", "version", "created_at", "updated_at"),
        ]
        read_only_fields = fields


class NewHistoryImportSerializer(Strict):
    """A file in the history format, as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True)
    dry_run = serializers.BooleanField(required=False)


class HistoryFaultSerializer(serializers.ModelSerializer):
    """What is wrong with a line, and what to do about it."""

    class Meta:
        model = HistoryFault
        fields = ["line", "object", "field", "message", "remedy"]


class HistoryImportViewSet(RecordViewSet):
    model = HistoryImport
    serializer_class = HistoryImportSerializer
    orderings = ("created_at",)
    parser_classes = (MultiPartParser,)
    has_timeline = False
    has_changes = False

    @classmethod
    def offers(cls, action: str) -> bool:
        return action == "create" or super().offers(action)

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"limit", "cursor"}) if self.action == "faults" else super().known_parameters()

    def serialized(self, record: Any, only: frozenset[str] | None = None) -> Any:
        return {**super().serialized(record, only), "progress": progress_of(record)}

    def create(self, request: Any) -> Response:
        """Send a file; it is imported in the background, or with `dry_run` only checked."""
        self.check("add")
        asked = NewHistoryImportSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        file, dry_run = asked.validated_data["file"], asked.validated_data.get("dry_run", False)
        run = upload_history(actor=self.actor, file=file, file_name=file.name, dry_run=dry_run)
        return self.answer(run, HTTPStatus.ACCEPTED)

    @action(detail=True, methods=["get"])
    def faults(self, request: Any, pk: str) -> Response:
        """Every faulty line with its number, field and remedy, in order."""
        page = page_of(
            self.record().faults.all(),
            order=Order.of(HistoryFault, "line"),
            limit=queries.limit_of(self.parameters),
            cursor=self.parameters.get("cursor"),
        )
        return Response(page.body(HistoryFaultSerializer(page.rows, many=True).data))
