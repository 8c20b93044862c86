"""Tenants are founded, people are invited, join, change roles and leave."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for, current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.tenancy.options import changed
from ltc.tenancy.seeding import seed_tenant
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import ApiKey, Membership, Seat, Team, User
from ltc.users.roles import Role

INVITATION_SALT = "users.invitation"
INVITATION_AGE = 7 * 24 * 3600


class LastAdministrator(Refusal):
    """A tenant must keep one active administrator."""

    code = "last_administrator"


@transaction.atomic
def create_tenant(
    *, code: str, name: str, time_zone: str, currency: str, locale: str = "en", motion: str = "b2b", is_demo: bool = False,
    calendar: str | None = None, fiscal_year_start_month: int = 1,
) -> Tenant:  # fmt: skip
    """Found a tenant with everything a new one starts with; it has no members yet. Raises Refusal for a taken code or an unknown zone.

    `calendar` is the country whose public holidays it keeps, "" for none; by default that of its currency.
    """
    if time_zone not in available_timezones():
        raise Refusal(
            _("“%s” is no time zone. Use a name like Asia/Shanghai or America/New_York.") % time_zone,
            code="unknown_time_zone",
            field="time_zone",
        )
    if code != slugify(code) or not code or len(code) > 40:
        raise Refusal(_("Use small letters, digits and hyphens for the address, at most 40."), code="invalid_code", field="code")
    if Tenant.objects.filter(code=code).exists():
        raise Refusal(_("The address “%s” is taken. Choose another.") % code, code="code_taken", field="code")
    tenant = Tenant.objects.create(
        code=code, name=name, time_zone=time_zone, base_currency=currency.upper(), locale=locale, sales_motion=motion, is_demo=is_demo,
        settings={} if calendar is None else {"calendar": calendar}, fiscal_year_start_month=fiscal_year_start_month,
    )  # fmt: skip
    with acting_for(tenant):
        seed_tenant(tenant)
    return tenant


@transaction.atomic
def join(
    *, user: User, role: str, team: Team | None = None, manager: Membership | None = None, name: str = "", capabilities: Any = ()
) -> Membership:
    """Make a person a member of the active tenant, or bring one back."""
    member = Membership.objects.filter(user=user).first() or Membership(user=user)
    member.name, member.email, member.role = name or user.name or user.email, user.email, role
    member.team, member.manager, member.capabilities, member.state = team, manager, list(capabilities), Membership.State.ACTIVE
    member.save()
    Seat.objects.get_or_create(user=user, workspace_id=current_tenant_id())
    return member


def sign_up(
    *, email: str, password: str, person: str, company: str, code: str, time_zone: str, currency: str, locale: str
) -> tuple[Tenant, User]:
    """A new company signs up: its tenant, and its first member as administrator. Raises Refusal if the address or e-mail is taken."""
    if User.objects.filter(email=email.strip().lower()).exists():
        raise Refusal(_("There is an account with this e-mail address. Sign in first."), code="account_exists", field="email")
    with transaction.atomic():
        tenant = create_tenant(code=code, name=company, time_zone=time_zone, currency=currency, locale=locale)
        user = User.objects.create_user(email, password, name=person, language=locale)
        with acting_for(tenant):
            join(user=user, role=Role.ADMIN, name=person)
    return tenant, user


def invitation_token(*, email: str, role: str, team: Team | None, invited_by: Actor) -> str:
    """A signed invitation into the active tenant, good for INVITATION_AGE seconds."""
    if not invited_by.has_perm("members.add"):
        raise Forbidden(_("Only an administrator invites people."))
    _refuse_key_role(role)
    payload = {
        "tenant": current_tenant_id(), "email": email.strip().lower(), "role": role, "team": str(team.pk) if team else None,
        "by": str(invited_by.pk) if isinstance(invited_by, Membership) else None, "at": timezone.now().timestamp(),
        "key": str(invited_by.pk) if isinstance(invited_by, ApiKey) else None,
    }  # fmt: skip
    return signing.dumps(payload, salt=INVITATION_SALT)


def read_invitation(token: str) -> dict[str, Any]:
    """What an invitation says. Raises Refusal if it was tampered with or is too old."""
    try:
        return signing.loads(token, salt=INVITATION_SALT, max_age=INVITATION_AGE)
    except signing.SignatureExpired:
        raise Refusal(_("This invitation has expired. Ask for a new one."), code="invitation_expired") from None
    except signing.BadSignature:
        raise Refusal(_("This invitation link is not complete. Copy it again from the e-mail."), code="invitation_invalid") from None


def accept_invitation(invitation: dict[str, Any], user: User) -> Membership:
    """The invited person, signed in with the invited e-mail address, becomes a member.

    Good once: not for someone whose membership was made or changed after it was written (they left, or changed role). Good only as
    long as who invited may still invite. Raises Forbidden and Refusal.
    """
    if user.email != invitation["email"]:
        raise Forbidden(_("This invitation is for %s. Sign in with that address.") % invitation["email"])
    with acting_for(invitation["tenant"]):
        known = Membership.objects.filter(user=user).first()
        changed_since = known is not None and known.updated_at.timestamp() >= invitation["at"]
        host = _host(invitation)
        if changed_since or host is None or not host.has_perm("members.add"):
            raise Refusal(_("This invitation is no longer good. Ask for a new one."), code="invitation_used")
        team = Team.objects.filter(pk=invitation["team"]).first() if invitation["team"] else None
        return join(user=user, role=invitation["role"], team=team)


def _host(invitation: dict[str, Any]) -> Actor | None:
    """Who invited, as they are now; None for somebody or a key that is gone."""
    if key := invitation.get("key"):
        found = ApiKey.objects.filter(pk=key).first()
        return found if found is not None and found.is_usable else None
    return Membership.objects.filter(pk=invitation["by"]).first() if invitation["by"] else SYSTEM


@transaction.atomic
def change_member(member: Membership, *, actor: Actor, **changes: Any) -> Membership:
    """Change a member's role, team, capabilities, manager, capacity, leave or state."""
    if not actor.has_perm("members.change"):
        raise Forbidden(_("Only an administrator changes members."))
    _refuse_key_role(changes.get("role", ""))
    member = Membership.objects.select_for_update().get(pk=member.pk)
    was_admin = member.role == Role.ADMIN and member.state == Membership.State.ACTIVE
    for field, value in changes.items():
        setattr(member, field, value)
    stays_admin = member.role == Role.ADMIN and member.state == Membership.State.ACTIVE
    if was_admin and not stays_admin and not _another_administrator(member):
        raise LastAdministrator(_("This is the last administrator. Make somebody else one first."))
    member.save()
    if member.state == Membership.State.ACTIVE:
        Seat.objects.get_or_create(user_id=member.user_id, workspace_id=member.tenant_id)
    else:
        Seat.objects.filter(user_id=member.user_id, workspace_id=member.tenant_id).delete()
    return member


def change_own_settings(user: User, **changes: Any) -> User:
    """What a person sets for themselves: language, theme, density."""
    for field in ("language", "theme", "density"):
        setattr(user, field, changes.get(field, getattr(user, field)))
    user.save(update_fields=["language", "theme", "density"])
    return user


@transaction.atomic
def change_settings(tenant: Tenant, *, actor: Actor, options: Mapping[str, Any] | None = None, **changes: Any) -> Tenant:
    """Change what a tenant calls itself, its language, its time zone, where its fiscal year starts, and its options by their codes.

    The currency stays. Raises Forbidden, Refusal (with the option's code as its field), ValidationError.
    """
    if not actor.has_perm("settings.change"):
        raise Forbidden(_("Only an administrator changes the settings."))
    if changes.get("time_zone", tenant.time_zone) not in available_timezones():
        raise Refusal(
            _("“%s” is no time zone. Use a name like Asia/Shanghai.") % changes["time_zone"], code="unknown_time_zone", field="time_zone"
        )
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    for field in ("name", "locale", "time_zone", "fiscal_year_start_month"):
        setattr(tenant, field, changes.get(field, getattr(tenant, field)))
    tenant.settings = changed(tenant.settings, options or {})
    tenant.full_clean()
    tenant.save()
    return tenant


def _refuse_key_role(role: str) -> None:
    if role == Role.API:
        raise Refusal(_("This role is for API keys. Choose one for people."), code="role_of_keys", field="role")


def _another_administrator(member: Membership) -> bool:
    return Membership.objects.filter(role=Role.ADMIN, state=Membership.State.ACTIVE).exclude(pk=member.pk).exists()


def save_team(*, name: str, parent: Team | None, actor: Actor, team: Team | None = None) -> Team:
    """Make or rename a team, or hang it elsewhere in the tree; the paths below follow. Raises Refusal for a loop."""
    if not actor.has_perm("teams.change"):
        raise Forbidden(_("Only an administrator changes teams."))
    with transaction.atomic():
        if team is None:
            return Team.objects.create(name=name, parent=parent)
        if parent is not None and parent.path.startswith(team.path):
            raise Refusal(_("A team cannot be below itself. Choose another parent."), code="team_loop", field="parent")
        team.name, team.parent = name, parent
        team.save()
        _follow(team)
        return team


def _follow(team: Team) -> None:
    for child in team.children.all():
        child.parent = team
        child.save()
        _follow(child)
