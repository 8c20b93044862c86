from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from leads.learning.sentences import in_words
from leads.learning.services import state_of_scoring, train_model
from leads.rescoring import rescore_span, spans
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM


class Command(BaseCommand):
    help = "Learn a tenant's score from its own leads, here and now, and tell how good it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="code of the tenant, as in its address /t/<code>/")
        parser.add_argument("--as-of", type=datetime.fromisoformat, help="train as of this instant: 2026-06-30T12:00+08:00")
        parser.add_argument("--rescore", action="store_true", help="score all open leads at once too, instead of by the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant “{options['tenant']}”.")
        as_of = options["as_of"]
        if as_of is not None and as_of.tzinfo is None:
            raise CommandError("Give --as-of with its offset, such as +08:00.")
        try:
            with acting_for(tenant):
                model = train_model(actor=SYSTEM, as_of=as_of)
                state = state_of_scoring()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        said = state.last_training
        self.stdout.write(f"{in_words(said['outcome'])} ({said['n']} leads, {said['n1']} converted)")
        if model is not None:
            figures, rules, columns = model.metrics, model.rule_metrics, len(model.coefficients["columns"])
            self.stdout.write(f"model {model.number}: {columns} columns, penalty {model.penalty:g}, scoring by {state.mode}")
            for name in ("auc", "log_loss", "brier_skill", "ece", "lift_20"):
                beside = f"   rules {rules[name]:.4f}" if rules.get(name) is not None else ""
                self.stdout.write(f"  {name:12}{figures[name]:.4f}{beside}" if figures[name] is not None else f"  {name:12}–")
        if options["rescore"]:
            with acting_for(tenant):
                edges = list(spans())
            as_of = as_of or datetime.now(tz=None).astimezone()
            for after, upto in edges:
                with acting_for(tenant):
                    rescore_span(after, upto, as_of=as_of)
