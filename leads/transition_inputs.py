"""What the transitions of a lead ask of the user."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leads.models.choices import ContactKind
from ltc.users.roles import Role
from ltc.workflow.inputs import Input, Kind


def sellers(members: QuerySet, lead: Any, actor: Any) -> QuerySet:
    """Members who can own a lead; a manager sees those of their own teams."""
    found = members.filter(state="active", role__in=[Role.REP, Role.MANAGER])
    teams = actor.team_ids()
    return found.filter(team__in=teams) if teams else found


def reasons_for_leads(reasons: QuerySet, lead: Any, actor: Any) -> QuerySet:
    return reasons.filter(kind="disqualify", active=True)


def other_leads(leads: QuerySet, lead: Any, actor: Any) -> QuerySet:
    return leads.exclude(pk=lead.pk).exclude(state="merged")


def proposed_name(lead: Any, actor: Any) -> str:
    return str(lead.title or lead.product_interest or lead)


ASSIGN = (
    Input("owner", _("Owner"), Kind.RECORD, model="users.Membership", limit=sellers),
    Input("reason", _("Reason"), required=False, max_length=200),
)
FIRST_CONTACT = (Input("channel", _("How"), Kind.CHOICE, choices=ContactKind.choices, initial=ContactKind.CALL),)
NURTURE = (
    Input("until", _("Until"), Kind.DATE, help=_("At most 180 days ahead.")),
    Input("reason", _("Reason"), max_length=200),
)
DISQUALIFY = (Input("reason", _("Reason"), Kind.RECORD, model="leads.CloseReason", limit=reasons_for_leads),)
TAKEN_OVER = (
    *("title", "company_name", "contact_name", "phone", "email", "wecom", "region", "industry", "industry_match", "size_employees"),
    *("seniority", "budget", "authority", "need", "need_level", "timeline", "product_interest", "est_amount", "currency"),
)


def fields_to_take(lead: Any, actor: Any) -> list[tuple[str, Any]]:
    return [(name, lead._meta.get_field(name).verbose_name) for name in TAKEN_OVER]


MERGE = (
    Input("survivor", _("Lead that stays"), Kind.RECORD, model="leads.Lead", limit=other_leads),
    Input(
        "take",
        _("Take from the lead that goes"),
        Kind.ROWS,
        required=False,
        help=_("What the other one does not know it learns anyway."),
        rows=(Input("field", _("Field"), Kind.CHOICE, choices=fields_to_take),),
    ),
)
PROTECT = (Input("until", _("Until"), Kind.DATE, required=False, help=_("Empty: as long as the pool allows.")),)
RETURN_TO_POOL = (Input("reason", _("Reason"), max_length=200),)
CONVERT = (
    Input("name", _("Opportunity"), initial=proposed_name, max_length=200),
    Input("amount", _("Expected amount"), Kind.MONEY, initial=lambda lead, actor: lead.est_amount),
    Input("currency", _("Currency"), required=False, initial=lambda lead, actor: lead.currency, max_length=3),
    Input("close_date", _("Expected to close on"), Kind.DATE, required=False),
    Input(
        "customer",
        _("Existing customer"),
        Kind.RECORD,
        required=False,
        model="customers.Customer",
        help=_("Leave empty to make a new customer of this lead."),
    ),
    Input(
        "create_customer",
        _("Make a new customer even if one seems to be the same"),
        Kind.BOOLEAN,
        required=False,
        initial=False,
    ),
)
CONVERT_TO_ORDER = tuple(question for question in CONVERT if question.name != "close_date")
