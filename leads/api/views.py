from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from leads import services
from leads.api.scoring import ScoreOfLead
from leads.api.serializers import (
    CampaignSerializer,
    ChannelSerializer,
    CloseReasonSerializer,
    CorrectionSerializer,
    ImportRowSerializer,
    ImportSerializer,
    LeadSerializer,
    MappingSerializer,
    NewImportSerializer,
    NewTouchSerializer,
    SpendSerializer,
    TouchSerializer,
)
from leads.batches import MOST, ItemResult, take_in
from leads.channels import create_campaign, create_channel, update_campaign, update_channel
from leads.filters import CampaignFilters, ChannelFilters, LeadFilters, SpendFilters
from leads.imports import checking
from leads.imports.correcting import correct_row, undo_import
from leads.imports.files import table_from
from leads.imports.reading import Rows, table_of
from leads.imports.running import failed_rows
from leads.imports.selectors import counts
from leads.imports.sentences import sentences
from leads.imports.taking import start_import
from leads.masking import CONTACT_FIELDS, may_reveal
from leads.models import Campaign, Channel, CloseReason, ImportBatch, Lead, MarketingSpend
from leads.selectors import possible_duplicates, refuse_if_claimed, search_leads, source_trail
from leads.spending import record_spend, update_spend
from leads.touches import record_touch
from ltc.api import queries
from ltc.api.actions import NAME, Actions
from ltc.api.pages import Order, page_of
from ltc.api.parsing import StrictJSONParser
from ltc.api.problems import Problem, explained
from ltc.api.viewsets import RecordViewSet
from ltc.refusals import Refusal

CONVERSIONS = {"convert": "convert", "convert_fast": "convert_fast", "convert_to_order": "convert"}


class LeadViewSet(ScoreOfLead, RecordViewSet):
    model = Lead
    serializer_class = LeadSerializer
    filterset_class = LeadFilters
    orderings = ("captured_at", "score", "last_activity_at", "sort_key", "created_at", "updated_at")
    ordering = "-captured_at"
    has_trace = True
    change = staticmethod(services.update_lead)

    @staticmethod
    def add(*, actor: Any, **values: Any) -> Lead:
        return services.capture_lead(actor=actor, **_captured(values))

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"as_of"}) if self.action == "score" else super().known_parameters()

    def hidden_changes(self, record: Lead) -> frozenset[str]:
        return frozenset() if may_reveal(record, self.actor) else frozenset((*CONTACT_FIELDS, "source_detail", "attributes"))

    def record(self, *, locked: bool = False) -> Any:
        """Who claims a lead that has just got an owner reads that it has."""
        try:
            return super().record(locked=locked)
        except Http404:
            if self.kwargs.get("name") == "claim":
                refuse_if_claimed(self.kwargs["pk"], self.actor)
            raise

    @action(detail=True, methods=["post"], url_path=f"actions/{NAME}", url_name="act")
    def act(self, request: Any, pk: str, name: str) -> Response:
        """Take an action. Converting a lead that is converted changes nothing and answers with it."""
        lead = self.record() if name in CONVERSIONS else None
        if lead is not None and lead.state == Lead.State.CONVERTED and self.actor.has_perm(f"leads.{CONVERSIONS[name]}", lead):
            return self.answer(lead)
        return Actions.act(self, request, pk, name)

    def search(self, queryset: Any, text: str) -> Any:
        return search_leads(queryset, text, self.actor)

    def create(self, request: Any) -> Response:
        """Capture a lead. `duplicates` of the answer are leads and customers that seem to be the same one."""
        response = super().create(request)
        lead = Lead.objects.get(pk=response.data["id"])
        found = possible_duplicates(self.actor, company_name=lead.company_name, phone=lead.phone, email=lead.email, exclude=lead.pk)
        response.data["duplicates"] = [like.as_json() for like in found]
        return response

    @action(detail=False, methods=["post"])
    def batch(self, request: Any) -> Response:
        """Capture up to 200 leads, or bring up to date those whose source_system and external_ref we know. Each by itself."""
        self.check("add")
        items = request.data.get("items") if isinstance(request.data, dict) else None
        if not isinstance(items, list) or not 0 < len(items) <= MOST or set(request.data) != {"items"}:
            raise Problem("invalid", errors=[{"pointer": "/items", "code": "invalid", "detail": f"Give 1 to {MOST} items."}])
        results = take_in(items, actor=self.actor, read=self._read, refusals=(Refusal, ValidationError))
        return Response({"data": [_told(result) for result in results]})

    def _read(self, item: Any) -> dict[str, Any]:
        reader = self.get_serializer(data=item)
        reader.is_valid(raise_exception=True)
        return _captured(reader.validated_data)

    @action(detail=True, methods=["post"])
    def reveal(self, request: Any, pk: str) -> Response:
        """The contact data of a lead that waits in the pool, for who may see it. That it was looked at stands in the lead's history."""
        return Response(services.unmask(self.record(), actor=self.actor))

    @action(detail=True, methods=["get"])
    def touches(self, request: Any, pk: str) -> Response:
        """Where the lead came from, first touch first, with what was merged into it."""
        return Response({"data": TouchSerializer(source_trail(self.record()), many=True, context=self.get_serializer_context()).data})

    @touches.mapping.post
    def add_touch(self, request: Any, pk: str) -> Response:
        """Note that the lead met our marketing again: 201 if it is news, 200 if this dedupe_key is known."""
        lead = self.record()
        asked = NewTouchSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        touch, news = record_touch(lead, actor=self.actor, **asked.validated_data)
        said = TouchSerializer(touch, context=self.get_serializer_context()).data
        return Response(said, status=HTTPStatus.CREATED if news else HTTPStatus.OK)

    @action(detail=True, methods=["get"])
    def duplicates(self, request: Any, pk: str) -> Response:
        """Leads and customers that seem to be the same one."""
        lead = self.record()
        found = possible_duplicates(self.actor, company_name=lead.company_name, phone=lead.phone, email=lead.email, exclude=lead.pk)
        return Response({"data": [like.as_json() for like in found]})


def _captured(values: dict[str, Any]) -> dict[str, Any]:
    values = dict(values)
    if "captured_at" in values:
        values["at"] = values.pop("captured_at")
    return values


def _told(result: ItemResult) -> dict[str, Any]:
    if result.lead is not None:
        return {"status": 201 if result.created else 200, "id": str(result.lead.pk), "number": result.lead.number}
    status, code, detail, errors = explained(result.error or Refusal("")) or (500, "internal_error", "", [])
    return {"status": status, "id": None, "error": {"code": code, "detail": detail, "errors": errors}}


class ChannelViewSet(RecordViewSet):
    model = Channel
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilters
    orderings = ("name", "created_at")
    search_fields = ("name", "code")
    add = staticmethod(create_channel)
    change = staticmethod(update_channel)


class CampaignViewSet(RecordViewSet):
    model = Campaign
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilters
    orderings = ("name", "created_at")
    search_fields = ("name",)
    add = staticmethod(create_campaign)
    change = staticmethod(update_campaign)


class SpendViewSet(RecordViewSet):
    model = MarketingSpend
    serializer_class = SpendSerializer
    filterset_class = SpendFilters
    orderings = ("spend_date",)
    add = staticmethod(record_spend)
    change = staticmethod(update_spend)

    def check(self, act: str, record: Any = None) -> None:
        """Who may record spend need not be allowed to change the channels."""
        if act not in ("add", "change") or not self.actor.has_perm("channels.spend"):
            super().check(act, record)


class CloseReasonViewSet(RecordViewSet):
    model = CloseReason
    serializer_class = CloseReasonSerializer
    orderings = ("name", "created_at")


class ImportViewSet(RecordViewSet):
    """Imports of leads: sent, checked, mapped anew if need be, run, and their rows."""

    model = ImportBatch
    serializer_class = ImportSerializer
    orderings = ("created_at",)
    parser_classes = (StrictJSONParser, MultiPartParser)
    has_timeline = False
    has_changes = False

    @classmethod
    def offers(cls, action: str) -> bool:
        return action in {"create", "partial_update"} or super().offers(action)

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"limit", "cursor", "outcome"}) if self.action == "rows" else super().known_parameters()

    def serialized(self, record: Any, only: frozenset[str] | None = None) -> Any:
        return {**super().serialized(record, only), "results": counts(record)}

    def create(self, request: Any) -> Response:
        """Send leads: they are mapped by guess and checked, and nothing is made of them before `run`."""
        self.check("add")
        asked = NewImportSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        rows, file, contacts = (values.pop(name, None) for name in ("rows", "file", "contacts"))
        join_column = values.pop("join_column", "")
        table: Rows
        if rows is not None:
            table, mapped, name = table_of(rows), "columns" not in values, ""
        else:
            table, mapped, name = table_from(file, contacts, join_column), False, file.name
        batch = start_import(actor=self.actor, table=table, file_name=name, mapped=mapped, **values)
        return self.answer(batch, HTTPStatus.CREATED)

    def partial_update(self, request: Any, pk: str) -> Response:
        """Map the columns and words otherwise, and check again."""
        batch = self.record(locked=True)
        asked = MappingSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return self.answer(checking.map_import(batch, actor=self.actor, **asked.validated_data))

    @action(detail=True, methods=["post"])
    def run(self, request: Any, pk: str) -> Response:
        """Bring the rows in, in the background; `results` tells how far it is."""
        return self.answer(checking.run(self.record(), actor=self.actor), HTTPStatus.ACCEPTED)

    @action(detail=True, methods=["post"])
    def correct(self, request: Any, pk: str) -> Response:
        """Write other text into cells of a row before the run, and check it again: `{"line": 7, "cells": {"Phone": "138 0000 8000"}}`."""
        batch = self.record(locked=True)
        asked = CorrectionSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        row = correct_row(batch, actor=self.actor, **asked.validated_data)
        return Response(_row_told(ImportRowSerializer(row).data))

    @action(detail=True, methods=["post"])
    def undo(self, request: Any, pk: str) -> Response:
        """Take the leads of the import back, in the background, within 24 hours; the rows say which ones stay, and why."""
        return self.answer(undo_import(self.record(), actor=self.actor), HTTPStatus.ACCEPTED)

    @action(detail=True, methods=["get"])
    def rows(self, request: Any, pk: str) -> Response:
        """The rows by line, each with what is wrong with it; `outcome` narrows them."""
        rows = self.record().rows.all()
        if outcome := self.parameters.get("outcome"):
            rows = rows.filter(outcome=outcome)
        page = page_of(
            rows,
            order=Order.of(rows.model, "line"),
            limit=queries.limit_of(self.parameters),
            cursor=self.parameters.get("cursor"),
        )
        said = [_row_told(row) for row in ImportRowSerializer(page.rows, many=True).data]
        return Response(page.body(said))

    @action(detail=True, methods=["get"])
    def failed(self, request: Any, pk: str) -> HttpResponse:
        """The rows that failed, as a CSV file to be corrected and sent again."""
        batch = self.record()
        headers = {"Content-Disposition": f'attachment; filename="failed-{batch.pk}.csv"'}
        return HttpResponse(failed_rows(batch), content_type="text/csv; charset=utf-8", headers=headers)


def _row_told(row: Any) -> dict[str, Any]:
    return {**row, "errors": sentences(row["errors"]), "warnings": sentences(row["warnings"])}
