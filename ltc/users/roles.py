"""Who may do what: role -> permission -> scope. The permission matrix of the product, as data.

A permission is `<area>.<act>`. `*` as act stands for every act of the area that is not named itself. Scopes:

own   records that the member owns, or is named on (account, solution or fulfilment responsible)
team  records of the member's team and of the teams below it
all   every record of the tenant
pool  records without an owner, contact data masked until claimed

`view` decides what lists, search, counts, boards, exports and the API show.
"""

from enum import StrEnum
from typing import Final, TypeAlias

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    REP = "rep", _("Sales representative")
    MANAGER = "mgr", _("Sales manager")
    PRESALES = "pre", _("Presales engineer")
    DELIVERY = "dm", _("Delivery manager")
    FINANCE = "fin", _("Finance")
    MARKETING = "mkt", _("Marketing")
    ADMIN = "adm", _("Administrator")
    API = "api", _("Integration")
    EXECUTIVE = "exec", _("Executive (read only)")


class Scope(StrEnum):
    OWN = "own"
    TEAM = "team"
    ALL = "all"
    POOL = "pool"


class Capability(models.TextChoices):
    """Flags beside the role."""

    GATE_REVIEWER = "gate_reviewer", _("Gate reviewer")
    FINANCE_APPROVER = "finance_approver", _("Finance approver")
    SERVICE_AGENT = "service_agent", _("Service agent")
    EXPORT_PII = "export_pii", _("Export personal data")
    POOL_ADMIN = "pool_admin", _("Pool administrator")


OWN, TEAM, ALL, POOL = Scope.OWN, Scope.TEAM, Scope.ALL, Scope.POOL
Grants: TypeAlias = dict[str, tuple[Scope, ...]]

MATRIX: Final[dict[str, Grants]] = {
    Role.REP: {
        "leads.view": (OWN, POOL), "leads.add": (ALL,), "leads.change": (OWN,), "leads.claim": (POOL,), "imports.*": (OWN,),
        "nurturing.view": (ALL,),
        "leads.assign": (), "leads.merge": (), "leads.reopen": (), "leads.convert_fast": (), "leads.*": (OWN,),
        "customers.view": (OWN, POOL), "customers.reveal": (OWN,), "customers.add": (ALL,), "customers.change": (OWN,),
        "customers.claim": (POOL,), "customers.to_pool": (OWN,), "customers.protect": (OWN,), "pools.view": (ALL,),
        "requests.view": (OWN,), "requests.add": (ALL,), "requests.withdraw": (OWN,),
        "opportunities.view": (OWN,), "opportunities.add": (ALL,), "opportunities.reopen": (), "opportunities.unwin": (),
        "opportunities.assign": (), "opportunities.*": (OWN,),
        "orders.view": (OWN,), "orders.add": (ALL,), "orders.change": (OWN,), "orders.confirm": (OWN,),
        "delivery.view": (OWN,),
        "receivables.view": (OWN,), "receivables.request_credit": (OWN,),
        "promises.view": (OWN,), "promises.add": (OWN,), "disputes.view": (OWN,), "disputes.add": (OWN,), "disputes.work": (OWN,),
        "statements.view": (OWN,), "statements.add": (OWN,), "statements.send": (OWN,),
        "catalog.view": (ALL,), "channels.view": (ALL,), "activities.*": (OWN,), "metrics.view": (OWN,), "quotas.view": (OWN,),
        "forecasts.view": (OWN,), "forecasts.add": (OWN,),
        "service.view": (OWN,), "service.add": (ALL,), "surveys.view": (OWN,),
    },
    Role.MANAGER: {
        "leads.view": (TEAM, OWN, POOL), "leads.add": (ALL,), "leads.claim": (POOL,), "imports.*": (OWN,), "leads.*": (TEAM, OWN),
        "leads.assign": (TEAM, OWN, POOL),
        "customers.add": (ALL,), "customers.view": (TEAM, OWN, POOL), "customers.claim": (POOL,), "customers.*": (TEAM, OWN),
        "pools.view": (ALL,), "pools.simulate": (ALL,), "views.share": (ALL,), "nurturing.view": (ALL,),
        "requests.view": (OWN,), "requests.add": (ALL,), "requests.withdraw": (OWN,), "requests.decide": (OWN,),
        "customers.hold": (), "customers.release_hold": (), "customers.set_credit_limit": (),
        "opportunities.add": (ALL,), "opportunities.*": (TEAM, OWN),
        "orders.add": (ALL,), "orders.override_credit": (), "orders.*": (TEAM, OWN),
        "delivery.view": (TEAM, OWN),
        "receivables.view": (TEAM, OWN), "receivables.request_credit": (TEAM, OWN),
        "receivables.pause_reminders": (TEAM, OWN), "receivables.approve_legal": (TEAM, OWN),
        "promises.view": (TEAM, OWN), "disputes.view": (TEAM, OWN), "disputes.work": (TEAM, OWN), "reminders.view": (ALL,),
        "statements.view": (TEAM, OWN), "statements.add": (TEAM, OWN), "statements.send": (TEAM, OWN),
        "catalog.view": (ALL,), "channels.view": (ALL,), "activities.*": (TEAM, OWN), "metrics.view": (TEAM, OWN),
        "members.view": (ALL,), "teams.view": (ALL,), "quotas.view": (TEAM, OWN), "forecasts.*": (TEAM, OWN),
        "service.view": (TEAM, OWN), "service.add": (ALL,), "surveys.view": (TEAM, OWN),
    },
    Role.PRESALES: {
        "leads.view": (OWN,), "leads.reveal": (OWN,),
        "customers.view": (OWN,), "customers.reveal": (OWN,), "opportunities.view": (OWN,), "opportunities.change": (OWN,),
        "orders.view": (OWN,), "delivery.view": (OWN,), "catalog.view": (ALL,), "activities.*": (OWN,), "metrics.view": (OWN,),
        "service.view": (OWN,),
    },
    Role.DELIVERY: {
        "customers.view": (ALL,), "customers.reveal": (ALL,), "opportunities.view": (OWN,),
        "orders.view": (ALL,), "orders.start": (ALL,), "orders.hold": (ALL,), "orders.release": (ALL,),
        "delivery.*": (ALL,), "receivables.view": (ALL,), "receivables.request_credit": (ALL,),
        "disputes.view": (ALL,), "disputes.add": (ALL,), "disputes.work": (ALL,),
        "catalog.view": (ALL,), "activities.*": (ALL,), "metrics.view": (ALL,),
        "service.*": (ALL,), "surveys.*": (ALL,),
    },
    Role.FINANCE: {
        "leads.view": (), "customers.view": (ALL,), "customers.reveal": (ALL,), "customers.change": (ALL,),
        "customers.hold": (ALL,), "customers.release_hold": (ALL,), "customers.set_credit_limit": (ALL,),
        "opportunities.view": (ALL,), "orders.view": (ALL,), "orders.hold": (ALL,), "orders.release": (ALL,), "orders.close": (ALL,),
        "orders.override_credit": (ALL,), "delivery.view": (ALL,), "receivables.approve_legal": (), "receivables.*": (ALL,),
        "promises.*": (ALL,), "disputes.*": (ALL,), "reminders.*": (ALL,), "statements.*": (ALL,), "catalog.view": (ALL,),
        "ledger.*": (ALL,), "money.view": (ALL,),
        "channels.view": (ALL,), "money.change": (ALL,), "activities.*": (ALL,), "metrics.view": (ALL,), "costs.*": (ALL,),
        "quotas.view": (ALL,), "forecasts.view": (ALL,), "service.view": (ALL,), "surveys.view": (ALL,),
    },
    Role.MARKETING: {
        "leads.view": (ALL,), "leads.reveal": (ALL,), "leads.add": (ALL,), "leads.change": (POOL,), "leads.assign": (ALL,),
        "leads.merge": (ALL,), "leads.disqualify": (ALL,), "leads.enrol": (ALL,), "imports.*": (ALL,),
        "nurturing.*": (ALL,), "mailboxes.view": (ALL,),
        "customers.view": (ALL,), "customers.reveal": (ALL,), "customers.add": (ALL,),
        "channels.*": (ALL,), "forms.*": (ALL,), "catalog.view": (ALL,), "activities.*": (ALL,), "metrics.view": (ALL,),
        "pools.view": (ALL,), "pools.simulate": (ALL,),
        "attributes.view": (ALL,), "attributes.add": (ALL,), "views.share": (ALL,),
        "surveys.view": (ALL,),
    },
    Role.ADMIN: {
        "leads.view": (ALL,), "leads.reveal": (ALL,), "imports.*": (ALL,), "leads.merge": (ALL,),
        "customers.view": (ALL,), "customers.reveal": (ALL,), "customers.merge": (ALL,),
        "opportunities.view": (ALL,), "orders.view": (ALL,), "delivery.view": (ALL,),
        "forms.*": (ALL,), "nurturing.*": (ALL,), "mailboxes.*": (ALL,),
        "channels.*": (ALL,), "catalog.*": (ALL,), "members.*": (ALL,), "teams.*": (ALL,), "settings.*": (ALL,), "keys.*": (ALL,),
        "attributes.*": (ALL,), "pools.*": (ALL,), "views.share": (ALL,), "requests.view": (ALL,), "requests.decide": (ALL,),
        "reminders.view": (ALL,), "reminders.change_texts": (ALL,),
        "jobs.view": (ALL,), "changes.view": (ALL,), "metrics.view": (ALL,), "activities.view": (ALL,), "money.change": (ALL,),
        "money.view": (ALL,),
        "quotas.*": (ALL,), "forecasts.*": (ALL,), "costs.*": (ALL,), "history.*": (ALL,), "service.view": (ALL,), "surveys.view": (ALL,),
    },
    Role.API: {
        "leads.view": (ALL,), "leads.claim": (), "leads.*": (ALL,), "imports.*": (ALL,), "customers.*": (ALL,), "customers.claim": (),
        "pools.view": (ALL,), "pools.simulate": (ALL,),
        "customers.hold": (), "customers.release_hold": (), "customers.set_credit_limit": (),
        "opportunities.win": (), "opportunities.*": (ALL,), "orders.override_credit": (), "orders.*": (ALL,),
        "delivery.view": (ALL,), "delivery.add": (ALL,), "delivery.ship": (ALL,), "delivery.arrive": (ALL,), "delivery.confirm_pod": (ALL,),
        "receivables.view": (ALL,), "receivables.add": (ALL,), "receivables.import_payment": (ALL,),
        "ledger.view": (ALL,), "money.view": (ALL,), "receivables.tax_callback": (ALL,),
        "attributes.view": (ALL,), "attributes.add": (ALL,),
        "promises.view": (ALL,), "promises.add": (ALL,), "disputes.view": (ALL,), "disputes.add": (ALL,), "reminders.view": (ALL,),
        "forms.*": (ALL,), "nurturing.*": (ALL,), "mailboxes.*": (ALL,),
        "statements.view": (ALL,),
        "catalog.view": (ALL,), "channels.view": (ALL,), "channels.spend": (ALL,), "activities.*": (ALL,), "metrics.view": (ALL,),
        "service.view": (ALL,), "service.add": (ALL,), "service.change": (ALL,), "surveys.*": (ALL,),
    },
    Role.EXECUTIVE: {
        "leads.view": (ALL,), "customers.view": (ALL,), "opportunities.view": (ALL,), "orders.view": (ALL,), "delivery.view": (ALL,),
        "receivables.view": (ALL,), "promises.view": (ALL,), "disputes.view": (ALL,), "reminders.view": (ALL,),
        "statements.view": (ALL,),
        "ledger.view": (ALL,), "forms.view": (ALL,), "nurturing.view": (ALL,), "mailboxes.view": (ALL,),
        "catalog.view": (ALL,), "channels.view": (ALL,), "attributes.view": (ALL,), "metrics.view": (ALL,), "activities.view": (ALL,),
        "pools.view": (ALL,), "requests.view": (ALL,),
        "quotas.view": (ALL,), "forecasts.view": (ALL,), "costs.view": (ALL,),
        "service.view": (ALL,), "surveys.view": (ALL,),
    },
}  # fmt: skip

BESIDE_THE_ROLE: Final[dict[str, Grants]] = {Capability.POOL_ADMIN: {"pools.*": (ALL,)}}
"""What a flag gives to whoever has it, whatever their role."""

READ_ACTS: Final = frozenset({"view"})


def scopes_of(role: str, permission: str) -> tuple[Scope, ...]:
    """The scopes in which a role holds a permission; empty if it does not."""
    grants = MATRIX[role]
    if permission in grants:
        return grants[permission]
    return grants.get(permission.partition(".")[0] + ".*", ())


def scopes_by_flag(flags: list[str], permission: str) -> tuple[Scope, ...]:
    """The scopes in which somebody's flags give a permission."""
    area = permission.partition(".")[0] + ".*"
    return next((BESIDE_THE_ROLE[flag][area] for flag in flags if area in BESIDE_THE_ROLE.get(flag, {})), ())


def areas() -> frozenset[str]:
    """Every area that a permission names."""
    return frozenset(permission.partition(".")[0] for grants in MATRIX.values() for permission in grants)
