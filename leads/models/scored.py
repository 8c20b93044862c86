from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.customers.models import Contact


class Scored(models.Model):
    """What scoring keeps of a lead beside the score itself, and the tenant's own attributes that it may learn from.

    `rule_score` is what the rules say, whatever scores the lead; `win_probability` is the chance to be converted within 90 days of
    capture, where a model is active or on trial.
    """

    rule_score = models.PositiveSmallIntegerField(_("score by rules"), default=0, editable=False)
    win_probability = models.DecimalField(_("chance to convert"), max_digits=6, decimal_places=5, null=True, editable=False)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    consent_marketing = models.CharField(_("marketing consent"), max_length=9, choices=Contact.Consent, default=Contact.Consent.UNKNOWN)

    class Meta:
        abstract = True
