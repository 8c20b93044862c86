import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from leads.learning.services import train_model, use_rules, watch
from leads.models import ScoringConfig
from leads.rescoring import score_leads
from leads.scorecards import rules_from
from leads.scoring import ScoringRules
from leads.services import record_event
from ltc.events.models import Work
from ltc.events.outbox import run_pending
from ltc.users.actors import SYSTEM
from tests import make
from tests.leads import make as leads
from tests.leads.learning.test_services import history, trained
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def admin() -> Browser:
    return Browser(make.member("adm"))


def filled_in(page: Any, **changes: str) -> dict[str, str]:
    """The values of the scorecard's form as the page shows them, with some changed."""
    text = page.content.decode()
    values = dict(re.findall(r'<input type="(?:number|text)" name="([^"]+)"(?: value="([^"]*)")?', text))
    return {**values, **dict.fromkeys(re.findall(r'<textarea name="([^"]+)"', text), ""), **changes}


def test_a_scorecard_is_tried_on_real_leads_and_then_used(admin: Browser) -> None:
    lead = leads.lead(industry_match="target", seniority="manager", budget="approved", timeline="le3m", size_employees=300)
    page = admin.get("/scoring/")
    assert page.status_code == 200
    values = filled_in(page, **{"industry_match.target": "0", "fit_weight": "50", "core_regions": "Foshan\nGuangzhou"})
    tried = admin.post("/scoring/", **values, step="try").content.decode()
    assert "<b>1</b> lead would get another grade." in tried and str(lead) in tried
    assert not ScoringConfig.objects.exists()
    saved = admin.post("/scoring/", **values, step="save")
    assert saved.status_code == 302, saved.content
    rules = rules_from(ScoringConfig.objects.get().rules)
    assert (rules.industry_match["target"], rules.fit_weight * 2, sorted(rules.core_regions)) == (0, 1, ["foshan", "guangzhou"])
    run_pending()
    lead.refresh_from_db()
    assert lead.score == 30


def test_an_unchanged_scorecard_is_the_default(admin: Browser) -> None:
    admin.post("/scoring/", **filled_in(admin.get("/scoring/")), step="save")
    assert rules_from(ScoringConfig.objects.get().rules) == ScoringRules()


def test_a_number_that_is_not_possible_is_marked_and_nothing_is_saved(admin: Browser) -> None:
    answer = admin.post("/scoring/", **filled_in(admin.get("/scoring/"), fit_weight="101"), step="save")
    assert answer.status_code == 422 and not ScoringConfig.objects.exists()


def test_an_earlier_version_can_be_used_again(admin: Browser) -> None:
    for points in ("10", "11"):
        admin.post("/scoring/", **filled_in(admin.get("/scoring/"), **{"industry_match.target": points}), step="save")
    first = ScoringConfig.objects.get(number=1)
    assert admin.post("/scoring/", use=str(first.pk)).status_code == 302
    assert ScoringConfig.objects.get(active=True) == first


@pytest.mark.parametrize("path", ["/scoring/", "/scoring/model/", "/scoring/threshold/"])
def test_only_an_administrator_sees_how_leads_are_scored(path: str, rep: Any, admin: Browser) -> None:
    assert Browser(rep).get(path).status_code == 403
    assert admin.get(path).status_code == 200


def test_the_models_figures_are_shown_and_it_can_be_switched(admin: Browser) -> None:
    model = trained()
    watch(timezone.now())
    page = admin.get("/scoring/model/").content.decode()
    assert "Good enough to score leads." in page and "Area under the curve" in page and "Coefficient" in page
    assert admin.post("/scoring/model/", step="rules").status_code == 302
    assert "Let it score" in admin.get("/scoring/model/").content.decode()
    assert admin.post("/scoring/model/", step="activate", model=str(model.number)).status_code == 302
    assert admin.post("/scoring/model/", step="activate", model="99").status_code == 404
    assert admin.post("/scoring/model/", step="train").status_code == 302
    assert Work.objects.filter(kind="leads.train").exists()


def test_a_model_that_is_not_good_enough_says_why(admin: Browser) -> None:
    history(signal=0.0)
    train_model(actor=SYSTEM, as_of=datetime(2026, 11, 1, 12, tzinfo=UTC))
    page = admin.get("/scoring/model/").content.decode()
    assert "Not good enough to score leads." in page and "area below 0.65" in page


def test_a_leads_page_says_its_chance_and_the_weightiest_reasons(admin: Browser) -> None:
    trained()
    lead = leads.lead(seniority="engineer")
    record_event(lead, actor=SYSTEM, type="quote_request", source="web", dedupe_key="1")
    score_leads([lead], as_of=timezone.now())
    page = admin.get(f"/leads/{lead.pk}/").content.decode()
    assert "Chance to convert within 90 days of capture" in page and "Own requests" in page
    use_rules(actor=SYSTEM)
    run_pending()
    assert "Chance to convert" not in admin.get(f"/leads/{lead.pk}/").content.decode()


def test_each_threshold_says_how_many_leads_and_how_many_of_them_convert(admin: Browser) -> None:
    history(200, first=datetime(2026, 1, 1, tzinfo=UTC))
    make.member("rep")
    page = admin.get("/scoring/threshold/", each="5").content.decode()
    assert "Of them converted" in page and "(5 leads a week)" in page
