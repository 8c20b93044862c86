from http import HTTPStatus
from typing import Any

from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.api.fields import ChoiceField, EmailField, TenantRelatedField
from ltc.api.serializers import Strict
from ltc.notifications.invitations import invite
from ltc.users.models import Team
from ltc.users.roles import Role


class InvitationSerializer(Strict):
    email = EmailField(max_length=254)
    role = ChoiceField(choices=[choice for choice in Role.choices if choice[0] != Role.API])
    team = TenantRelatedField(queryset=Team._default_manager.all(), required=False, allow_null=True)


class InvitationsView(APIView):
    """Inviting people into the workspace."""

    takes = InvitationSerializer

    def post(self, request: Any) -> Response:
        """Send somebody the link by which they join. It is good for seven days and never shown here."""
        serializer = InvitationSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        site = request._request
        invite(actor=site.actor, link_for=lambda token: site.build_absolute_uri(f"/invitations/{token}/"), **serializer.validated_data)
        return Response({"email": serializer.validated_data["email"]}, status=HTTPStatus.ACCEPTED)
