from http import HTTPStatus
from typing import Any

from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.api.rendering import JSONRenderer
from ltc.api.viewsets import RecordViewSet
from ltc.refusals import Forbidden
from ltc.tenancy.options import declared, value_of
from ltc.users import keys, services
from ltc.users.api.serializers import KeySerializer, MemberSerializer, OwnSettingsSerializer, SettingsSerializer, TeamSerializer
from ltc.users.models import ApiKey, Membership, Team


class TeamViewSet(RecordViewSet):
    model = Team
    serializer_class = TeamSerializer
    orderings = ("name", "created_at")
    search_fields = ("name",)

    @staticmethod
    def add(*, actor: Any, name: str, parent: Team | None = None) -> Team:
        return services.save_team(name=name, parent=parent, actor=actor)

    @staticmethod
    def change(team: Team, *, actor: Any, **values: Any) -> Team:
        return services.save_team(name=values.get("name", team.name), parent=values.get("parent", team.parent), actor=actor, team=team)


class MemberViewSet(RecordViewSet):
    """People join by invitation; here they are listed and changed."""

    model = Membership
    serializer_class = MemberSerializer
    orderings = ("name", "created_at")
    search_fields = ("name", "email")
    change = staticmethod(services.change_member)


class KeyViewSet(RecordViewSet):
    model = ApiKey
    serializer_class = KeySerializer
    orderings = ("name", "created_at")
    has_changes = True

    @staticmethod
    def add(*, actor: Any, **values: Any) -> tuple[ApiKey, str]:
        return keys.issue_key(created_by=actor, **values)

    def create(self, request: Any) -> Response:
        """Make a key. Its text is in this answer and nowhere else: a repetition by Idempotency-Key gets the answer without it."""
        self.check("add")
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        key, text = self.add(actor=self.actor, **serializer.validated_data)
        shown = self.serialized(key)
        response: Any = Response({**shown, "key": text}, status=HTTPStatus.CREATED)
        response.kept_content = JSONRenderer().render(shown)
        return response

    @action(detail=True, methods=["post"])
    def revoke(self, request: Any, pk: str) -> Response:
        """Make the key useless from now on."""
        return self.answer(keys.revoke_key(self.record(), actor=self.actor))


class MeView(APIView):
    """Who calls, for which tenant, with what rights."""

    takes = OwnSettingsSerializer

    def get(self, request: Any) -> Response:
        """The caller, its tenant and its permissions."""
        return Response(_me(request._request))

    def patch(self, request: Any) -> Response:
        """A person's own language, theme and density."""
        actor = request._request.actor
        if actor.kind != "user":
            raise Forbidden("A key has no settings of its own.")
        serializer = OwnSettingsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.change_own_settings(actor.user, **serializer.validated_data)
        return Response(_me(request._request))


class SettingsView(APIView):
    """The settings of the tenant."""

    takes = gives = SettingsSerializer

    def get(self, request: Any) -> Response:
        """The tenant's name, time zone, language, currency, and what it has chosen (`options`)."""
        return Response(SettingsSerializer(request._request.tenant, context={"request": request}).data)

    def patch(self, request: Any) -> Response:
        """Change the tenant's settings."""
        tenant = request._request.tenant
        serializer = SettingsSerializer(tenant, data=request.data, partial=True, context={"request": request})
        serializer.is_valid(raise_exception=True)
        changed = services.change_settings(tenant, actor=request._request.actor, **serializer.validated_data)
        return Response(SettingsSerializer(changed, context={"request": request}).data)


class OptionsView(APIView):
    """What a tenant may choose."""

    def get(self, request: Any) -> Response:
        """Each option: its code, what it is called here, its kind, its default and the tenant's own value."""
        tenant = request._request.tenant
        return Response({"data": [
            {
                "code": option.code, "group": str(option.group), "label": str(option.label), "hint": str(option.hint), "kind": option.kind,
                "choices": [{"value": value, "label": str(label)} for value, label in option.choices],
                "default": option.default, "value": value_of(tenant, option),
            }
            for option in declared()
        ]})  # fmt: skip


def _me(request: Any) -> dict[str, Any]:
    actor, tenant = request.actor, request.tenant
    said = {
        "kind": actor.kind,
        "id": str(actor.pk),
        "name": actor.label,
        "role": actor.role,
        "tenant": {"code": tenant.code, "name": tenant.name, "time_zone": tenant.time_zone, "currency": tenant.base_currency},
    }
    if actor.kind == "user":
        user = actor.user
        said |= {"email": actor.email, "language": user.language, "theme": user.theme, "density": user.density}
    else:
        said |= {"access": actor.access, "expires_at": actor.expires_at}
    return said
