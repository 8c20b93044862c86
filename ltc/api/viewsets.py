"""What every record kind of the API does the same way. A stage's viewset names its model, serializer and services:

    class LeadViewSet(RecordViewSet):
        model = Lead
        serializer_class = LeadSerializer
        filterset_class = LeadFilters
        orderings = ("created_at", "score", "name")
        add = staticmethod(services.capture_lead)        # (*, actor, **values) -> record
        change = staticmethod(services.update_lead)      # (record, *, actor, **values) -> record

        def search(self, queryset, text): ...

Without `add` there is no POST, without `change` no PATCH. Nothing here writes: the services do.
"""

import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import models
from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from ltc.api import queries
from ltc.api.actions import Actions
from ltc.api.history import History
from ltc.api.matching import check_match, is_unchanged, tag_of
from ltc.api.pages import Order, Page, page_of
from ltc.api.problems import Problem
from ltc.api.serializers import RecordSerializer
from ltc.refusals import Forbidden
from ltc.users.roles import Scope

LIST_PARAMETERS = frozenset({"limit", "cursor", "ordering", "search", "fields", "include"})


class RecordViewSet(History, Actions, GenericViewSet):
    """The list, records, actions and history of one kind of record, as far as the caller sees them."""

    model: ClassVar[Any]
    serializer_class: Any = RecordSerializer
    area: ClassVar[str] = ""
    related: ClassVar[tuple[str, ...]] = ()
    prefetch: ClassVar[tuple[Any, ...]] = ()
    filterset_class: ClassVar[Any] = None
    orderings: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[str] = "-id"
    search_fields: ClassVar[tuple[str, ...]] = ()
    key_required: ClassVar[bool] = False
    match_required: ClassVar[bool] = False
    add: Callable[..., Any] | None = None
    change: Callable[..., Any] | None = None

    lookup_url_kwarg = "pk"
    http_method_names = ["get", "head", "post", "patch"]

    # What a stage may replace

    def search(self, queryset: Any, text: str) -> Any:
        """Narrow the list to what is called like this."""
        found = models.Q()
        for name in self.search_fields:
            found |= models.Q(**{f"{name}__icontains": text})
        return queryset.filter(found)

    def narrowed(self, queryset: Any) -> Any:
        """The rows of the list, before filters; for annotations."""
        return queryset

    # Requests

    @classmethod
    def offers(cls, action: str) -> bool:
        """Whether this kind of record has the action. Rows of a log have no address of their own: their numbers tell of volume."""
        if action not in {"list", "create"} and not isinstance(cls.model._meta.pk, models.UUIDField):
            return False
        match action:
            case "create":
                return cls.add is not None
            case "partial_update":
                return cls.change is not None
        return cls.offers_history(action) and cls.offers_actions(action)

    @classmethod
    def area_of(cls) -> str:
        return cls.area or cls.model.permission_area

    @property
    def actor(self) -> Any:
        caller: Any = self.request._request
        return caller.actor

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.parameters: Mapping[str, str] = queries.checked(request.query_params, self.known_parameters())
        if self.key_required and request.method == "POST" and not request.headers.get("Idempotency-Key"):
            raise Problem("idempotency_key_required", "Send an Idempotency-Key, such as a UUID, so that a repetition does no harm.")

    def known_parameters(self) -> frozenset[str]:
        match self.action:
            case "list":
                known = set(LIST_PARAMETERS)
                if not self.searches():
                    known.discard("search")
                return frozenset(known | set(self.filterset_class.base_filters if self.filterset_class else ()))
            case "retrieve":
                return frozenset({"fields"})
            case "timeline" | "changes":
                return frozenset({"limit", "cursor"})
        return frozenset()

    @classmethod
    def searches(cls) -> bool:
        return bool(cls.search_fields) or cls.search is not RecordViewSet.search

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise MethodNotAllowed(request.method)

    # Records

    def get_queryset(self) -> Any:
        """The records that the caller sees."""
        queryset: Any = self.model._default_manager.all()
        if self.related:
            queryset = queryset.select_related(*self.related)
        if self.prefetch:
            queryset = queryset.prefetch_related(*self.prefetch)
        if getattr(self, "swagger_fake_view", False):  # the schema is made without a caller
            return queryset.none()
        permission = f"{self.area_of()}.view"
        scopes = self.actor.scopes(permission)
        if not scopes:
            raise Forbidden("You may not see these records. Ask your administrator.")
        return queryset if Scope.ALL in scopes else queryset.visible_to(self.actor, permission)

    def record(self, *, locked: bool = False) -> Any:
        """The record of the address; 404 if there is none or the caller does not see it."""
        queryset = self.get_queryset()
        if locked:
            queryset = queryset.select_for_update(of=("self",))
        try:
            return queryset.get(pk=uuid.UUID(self.kwargs["pk"]))
        except (self.model.DoesNotExist, ValueError):
            raise Http404 from None

    def check(self, act: str, record: Any = None) -> None:
        """Raise Forbidden unless the caller holds the area's permission, on the record if one is given."""
        if not self.actor.has_perm(f"{self.area_of()}.{act}", record):
            raise Forbidden("You may not do this. Ask your administrator.")

    def serialized(self, record: Any, only: frozenset[str] | None = None) -> Any:
        options = {"only": only} if only is not None else {}
        return self.get_serializer(record, **options).data

    def answer(self, record: Any, status: int = HTTPStatus.OK) -> Response:
        """The record, with its tag."""
        response = Response(self.serialized(record), status=status)
        if tag := tag_of(record):
            response["ETag"] = tag
        return response

    def fresh(self, record: Any) -> Any:
        """The record as it is after a write, with what the serializer reads beside it."""
        return self.get_queryset().filter(pk=record.pk).first() or record

    def page(self) -> Page:
        queryset = self.narrowed(self.get_queryset())
        if self.filterset_class is not None:
            filters = self.filterset_class(data=self.request.query_params, queryset=queryset, request=self.request)
            queries.check_booleans(self.parameters, self.filterset_class)
            if not filters.is_valid():
                raise queries.filter_errors(filters.errors)
            queryset = filters.qs
        if text := queries.search_of(self.parameters):
            queryset = self.search(queryset, text)
        name = queries.ordering_of(self.parameters, self.orderings, self.ordering)
        return page_of(
            queryset,
            order=Order.of(self.model, name),
            limit=queries.limit_of(self.parameters),
            cursor=self.parameters.get("cursor"),
            counted=queries.wants_count(self.parameters),
        )

    # Doors

    def list(self, request: Any) -> Response:
        """The records that the caller sees, a page at a time."""
        page = self.page()
        only = self._wanted_fields()
        options = {"only": only} if only is not None else {}
        return Response(page.body(self.get_serializer(page.rows, many=True, **options).data))

    def _wanted_fields(self) -> frozenset[str] | None:
        if "fields" not in self.parameters:
            return None
        serializer: Any = self.get_serializer()
        return queries.fields_of(self.parameters, serializer.fields)

    def retrieve(self, request: Any, pk: str) -> Response:
        """One record, with its version as ETag."""
        record = self.record()
        if is_unchanged(request, record):
            return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag_of(record) or ""})
        response = Response(self.serialized(record, self._wanted_fields()))
        if tag := tag_of(record):
            response["ETag"] = tag
        return response

    def create(self, request: Any) -> Response:
        """Make a record."""
        assert self.add is not None
        self.check("add")
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        record = self.fresh(self.add(actor=self.actor, **serializer.validated_data))
        response = self.answer(record, HTTPStatus.CREATED)
        response["Location"] = reverse(f"{self.basename}-detail", kwargs={"pk": record.pk})
        return response

    def partial_update(self, request: Any, pk: str) -> Response:
        """Change some fields of a record."""
        assert self.change is not None
        record = self.record(locked=True)
        self.check("change", record)
        check_match(request, record, required=self.match_required)
        serializer = self.get_serializer(record, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self.answer(self.fresh(self.change(record, actor=self.actor, **serializer.validated_data)))
