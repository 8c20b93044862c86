"""What training and watching found, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "auc_too_low": _("It ranks leads too badly (area below 0.65)."),
    "not_better_than_rules": _("It ranks leads hardly better than the rules do."),
    "no_skill": _("Its probabilities are no better than the average rate."),
    "badly_calibrated": _("Its probabilities are off by more than 10 points on average."),
    "auc_fell": _("On the leads of late it ranks too badly (area below 0.60)."),
    "other_leads": _("The leads of late are of another kind than those it has learned from."),
    "too_few": _("There are too few leads to learn from: 200 of at least 90 days are needed, 40 converted and 40 not."),
    "one_sided": _("The earlier leads all ended in the same way, so there is nothing to learn from."),
    "no_solution": _("The regression found no stable answer in these leads."),
    "accepted": _("The model is good enough and scores the leads."),
    "trial": _("The model is not good enough yet and is on trial; the rules score the leads."),
    "kept": _("The new model is not good enough; the one before goes on scoring the leads."),
    "trained": _("after a training"),
    "activated": _("activated by hand"),
    "on_trial": _("put on trial by hand"),
    "rules": _("back to the rules by hand"),
    "rolled_back": _("the switch before was undone"),
}


def in_words(code: str) -> Any:
    """A finding as a sentence."""
    return WORDS.get(code, code)
