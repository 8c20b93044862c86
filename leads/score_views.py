"""The pages on how leads are scored: the scorecard with a trial on real leads, and the learned model with its figures."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.judging import Scorer
from leads.learning import services
from leads.learning.advice import advice
from leads.learning.sentences import in_words
from leads.models import ScoreCheck, ScoreModel, ScoreSwitch, ScoringConfig
from leads.models.choices import ScoreMode
from leads.reasons import VALUES, feature_in_words
from leads.scorecards import rules_from
from leads.scoring_forms import PARTS, ScorecardForm
from leads.scoring_settings import preview, read_rules, save_scorecard, use_scorecard
from leads.views import LEADS
from ltc.automation.selectors import fields_of
from ltc.refusals import Refusal
from ltc.users.models import Membership
from ltc.users.roles import Role
from ltc.web.answers import onward
from ltc.web.workspace import WorkspaceView

VERSIONS, MODELS, CHECKS = 12, 20, 60
LEADS_A_WEEK = 10
MODE_HUES = {ScoreMode.RULES: "slate", ScoreMode.SHADOW: "amber", ScoreMode.MODEL: "green"}


class ScoringPage(WorkspaceView):
    """A page on scoring; needs the rights of an administrator."""

    permission = "settings.view"
    active = "leads"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": str(LEADS.label_plural), "url": LEADS.url("list")}]


class ScorecardView(ScoringPage):
    """All points and weights, tried on the newest open leads before they are used."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(ScorecardForm(rules=self._rules()))

    def post(self, request: HttpRequest) -> HttpResponse:
        if version := request.POST.get("use"):
            use_scorecard(self._version(version), actor=self.actor)
            return onward(request, reverse("scoring"), _("This version is used from now on. The leads are being scored again."))
        form = ScorecardForm(request.POST, rules=self._rules())
        if not form.is_valid():
            return self._ask(form, status=422)
        if request.POST.get("step") == "try":
            return self._ask(form, tried=preview(read_rules(form.rules()), as_of=timezone.now()))
        try:
            save_scorecard(actor=self.actor, name=form.cleaned_data["name"], rules=form.rules())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self._ask(form, status=422)
        return onward(request, reverse("scoring"), _("Saved. The leads are being scored again."))

    def _rules(self) -> Any:
        return Scorer.of_tenant(with_model=False).rules

    def _version(self, text: str) -> ScoringConfig:
        try:
            found = ScoringConfig.objects.filter(pk=UUID(text)).first()
        except ValueError as error:
            raise Http404 from error
        if found is None:
            raise Http404
        rules_from(found.rules)
        return found

    def _ask(self, form: ScorecardForm, *, tried: Any = None, status: int = 200) -> HttpResponse:
        context = {
            "page": {"title": _("How leads are scored"), "breadcrumb": self.crumbs()},
            "form": form,
            "parts": [title for _part, title in PARTS],
            "tried": tried,
            "compared": [(grade, tried.before[grade], tried.after[grade]) for grade in "ABCD"] if tried else [],
            "versions": ScoringConfig.objects.order_by("-number", "-id")[:VERSIONS],
            "may_change": self.actor.has_perm("settings.change"),
        }
        return self.show("leads/scorecard.html", context, status=status)


class ModelView(ScoringPage):
    """The learned score: what scores now, the latest models, and of one of them the figures."""

    def get(self, request: HttpRequest) -> HttpResponse:
        state = services.state_of_scoring()
        models = list(ScoreModel.objects.order_by("-number")[:MODELS])
        chosen = next((model for model in models if str(model.number) == request.GET.get("model")), None)
        model = chosen or state.model or (models[0] if models else None)
        context = {
            "page": {"title": _("Learned score"), "breadcrumb": [*self.crumbs(), {"label": _("Scoring"), "url": reverse("scoring")}]},
            "state": state,
            "state_tag": {"label": state.get_mode_display(), "hue": MODE_HUES[ScoreMode(state.mode)]},
            "last": self._last(state),
            "models": models,
            "model": model,
            "switches": ScoreSwitch.objects.select_related("model").order_by("-at", "-id")[:VERSIONS],
            "may_change": self.actor.has_perm("settings.change"),
            **(figures(model) if model else {}),
        }
        return self.show("leads/score_model.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        step, here = request.POST.get("step"), reverse("score-model")
        if step == "train":
            services.ask_for_training(actor=self.actor)
            return onward(request, here, _("The training has started. Reload the page in a minute."))
        if step in ("roll_back", "rules"):
            (services.roll_back if step == "roll_back" else services.use_rules)(actor=self.actor)
            return onward(request, here, _("Switched. The leads are being scored again."))
        model = ScoreModel.objects.filter(number=int(number)).first() if (number := request.POST.get("model", "")).isdecimal() else None
        if model is None or step not in ("activate", "trial"):
            raise Http404
        (services.activate if step == "activate" else services.put_on_trial)(model, actor=self.actor)
        return onward(request, here, _("Switched. The leads are being scored again."))

    def _last(self, state: Any) -> dict[str, Any] | None:
        said = state.last_training
        return {**said, "text": in_words(said["outcome"]), "at": state.last_training_at} if said else None


class ThresholdView(ScoringPage):
    """From which score on leads should go to sales: volume against what the salespeople can take, and how many became something."""

    def get(self, request: HttpRequest) -> HttpResponse:
        each = request.GET.get("each", "")
        a_week = int(each) if each.isdecimal() and 0 < int(each[:6]) <= 100_000 else LEADS_A_WEEK
        people = Membership.objects.filter(role=Role.REP, state=Membership.State.ACTIVE).count()
        found, capacity = advice(timezone.now()), people * a_week
        context = {
            "page": {
                "title": _("From which score on"),
                "breadcrumb": [*self.crumbs(), {"label": _("Scoring"), "url": reverse("scoring")}],
            },
            "rows": [{"advice": row, "load": row.a_week / capacity if capacity else None} for row in found],
            "people": people,
            "each": a_week,
            "capacity": capacity,
            "fitting": next((row for row in found if row.a_week <= capacity), None),
            "chart": {
                "kind": "line",
                "axis": _("Score from"),
                "labels": [str(row.threshold) for row in found],
                "unit": "%",
                "series": [
                    {"name": _("Of them converted"), "hue": "green", "values": [percent(row.precision) for row in found]},
                    {"name": _("Of all conversions"), "hue": "violet", "dashed": True, "values": [percent(row.caught) for row in found]},
                ],
            },
        }
        return self.show("leads/thresholds.html", context)


def percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def figures(model: ScoreModel) -> dict[str, Any]:
    """A model's figures as tables and charts."""
    measured, rules = model.metrics, model.rule_metrics
    own = {f"attributes.{code}": field.label for code, field in fields_of(LEADS.model._meta.label_lower).items()}
    checks = list(ScoreCheck.objects.filter(model=model).order_by("-at", "-id")[:CHECKS])[::-1]
    names = {
        "auc": _("Area under the curve"),
        "log_loss": _("Log-loss"),
        "brier": _("Brier score"),
        "brier_skill": _("Brier skill"),
        "ece": _("Calibration error"),
        "lift_20": _("Lift of the best fifth"),
    }
    columns = sorted(model.coefficients["columns"], key=lambda column: -abs(column["weight"]))
    return {
        "objections": [in_words(code) for code in model.objections],
        "measures": [(names[name], measured.get(name), rules.get(name)) for name in names],
        "calibration": {
            "kind": "bars",
            "axis": _("Probability"),
            "unit": "%",
            "labels": [f"{low * 100:.0f}–{high * 100:.0f}%" for low, high, *_rest in measured["calibration"]],
            "series": [
                {"name": _("Foretold"), "hue": "slate", "stack": False, "values": [percent(row[3]) for row in measured["calibration"]]},
                {"name": _("Came true"), "hue": "green", "stack": False, "values": [percent(row[4]) for row in measured["calibration"]]},
            ],
        },
        "calibration_rows": measured["calibration"],
        "lift": {
            "kind": "line",
            "axis": _("Best share of the leads"),
            "labels": [f"{share}%" for share, _lift in measured["lift_curve"]],
            "series": [
                {"name": _("Model"), "hue": "violet", "values": [rounded(lift) for _share, lift in measured["lift_curve"]]},
                {"name": _("Rules"), "hue": "slate", "dashed": True, "values": [rounded(lift) for _share, lift in rules["lift_curve"]]},
            ],
        },
        "over_time": {
            "kind": "line",
            "axis": _("Looked at on"),
            "labels": [
                date_format(timezone.localtime(at), "SHORT_DATE_FORMAT") for at in [model.trained_at, *(check.at for check in checks)]
            ],
            "series": [
                {
                    "name": _("Area under the curve"),
                    "hue": "violet",
                    "values": [rounded(each) for each in [measured["auc"], *(check.auc for check in checks)]],
                }
            ],
        },
        "checks": checks[::-1],
        "columns": [{**column, "label": feature_in_words(column["feature"], own), **in_figures(column)} for column in columns],
    }


def in_figures(column: dict[str, Any]) -> dict[str, Any]:
    """A column's value in words, and its average without a minus in front of nothing."""
    value = VALUES.get(column["feature"], {}).get(column["value"], column["value"])
    return {"value": value, "average": round(column["average"], 6) + 0.0}


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
