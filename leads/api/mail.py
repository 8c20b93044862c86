"""REST of e-mail to lead: mailboxes, and the mails that came."""

from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from leads.filters import InboundMailFilters, MailboxFilters
from leads.mail.boxes import create_mailbox, poll_soon, try_out, update_mailbox
from leads.mail.taking import CORRECTABLE, retry
from leads.masking import mask_mail
from leads.models import InboundMail, Mailbox
from ltc.api.fields import DateField, ObjectField, TextField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.api.viewsets import RecordViewSet

WRITTEN_BY_US = ["version", "created_at", "updated_at"]


class MailboxSerializer(RecordSerializer):
    """A mailbox that is looked into every two minutes, over IMAP, and never changed. The password goes in and never comes out."""

    password = TextField(write_only=True, required=False, max_length=200)
    starts_on = DateField(required=False)

    class Meta:
        model = Mailbox
        fields = [
            *("id", "name", "address", "host", "port", "security", "login", "password", "folder", "starts_on", "channel", "campaign"),
            *("owner", "active", "polled_at", "error", *WRITTEN_BY_US),
        ]
        read_only_fields = ["polled_at", "error", *WRITTEN_BY_US]


class InboundMailSerializer(RecordSerializer):
    """A mail that came, what became of it, and why not if it was left alone or failed."""

    class Meta:
        model = InboundMail
        fields = [
            *("id", "mailbox", "outcome", "why", "sender", "sender_name", "subject", "text", "attachments", "size", "is_cut"),
            *("received_at", "lead", "error", "attempts", *WRITTEN_BY_US),
        ]
        read_only_fields = fields

    def to_representation(self, instance: InboundMail) -> Any:
        return super().to_representation(mask_mail(instance, self.context["request"].actor))


class MailRetrySerializer(Strict):
    """Another sender, name or subject, if the mail cannot become a lead as it is."""

    values = ObjectField(required=False)

    def validate_values(self, value: Any) -> Any:
        if any(name not in CORRECTABLE or not isinstance(text, str) for name, text in value.items()):
            raise serializers.ValidationError(f"Give text for some of {', '.join(CORRECTABLE)}.")
        return value


class MailboxViewSet(RecordViewSet):
    """Mailboxes whose mails become leads."""

    model = Mailbox
    serializer_class = MailboxSerializer
    filterset_class = MailboxFilters
    orderings = ("name", "created_at")
    search_fields = ("name", "address")
    has_timeline = False
    has_changes = False
    add = staticmethod(create_mailbox)
    change = staticmethod(update_mailbox)

    @action(detail=True, methods=["post"])
    def check_connection(self, request: Any, pk: str) -> Response:
        """Connect once: whether the folder opens, and why not."""
        return Response(try_out(self.record(), actor=self.actor))

    @action(detail=True, methods=["post"])
    def poll(self, request: Any, pk: str) -> Response:
        """Have it looked into now, by a job."""
        record = self.record()
        poll_soon(record, actor=self.actor)
        return self.answer(record, HTTPStatus.ACCEPTED)


class InboundMailViewSet(RecordViewSet):
    """Mails that came. Nothing is lost: what could not become a lead waits here, to be corrected and tried again."""

    model = InboundMail
    serializer_class = InboundMailSerializer
    filterset_class = InboundMailFilters
    orderings = ("received_at",)
    ordering = "-received_at"
    has_timeline = False
    has_changes = False

    @action(detail=True, methods=["post"])
    def retry(self, request: Any, pk: str) -> Response:
        """Make a lead of a mail that failed or was left alone, with another sender if need be."""
        asked = MailRetrySerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return self.answer(retry(self.record(), actor=self.actor, **asked.validated_data), HTTPStatus.ACCEPTED)
