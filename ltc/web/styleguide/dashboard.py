"""The numbers of the sample dashboard."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ltc.web.styleguide import seeds


def context() -> dict[str, Any]:
    here = reverse("styleguide:list")
    names = [_("Leads"), _("Qualified leads"), _("Opportunities"), _("Quotes"), _("Orders"), _("Delivered"), _("Invoiced"), _("Paid")]
    counts = [4820, 1944, 812, 537, 241, 214, 208, 171]
    amounts = [None, None, 96_400_000, 71_200_000, 33_900_000, 29_600_000, 28_700_000, 22_100_000]
    medians = [None, 3, 6, 18, 21, 34, 2, 38]
    hues = ["violet"] * 4 + ["blue"] * 2 + ["green"] * 2
    return {
        "currency": "CNY",
        "kpis": [
            {
                "label": _("New leads"),
                "value": "4,820",
                "delta": "+12.4%",
                "good": True,
                "up": True,
                "values": [31, 34, 30, 38, 41, 39, 44, 47, 43, 49, 52, 58],
            },
            {
                "label": _("Win rate"),
                "value": "34%",
                "delta": "+2.1 pt",
                "good": True,
                "up": True,
                "values": [26, 27, 25, 28, 30, 29, 31, 30, 32, 33, 32, 34],
            },
            {
                "label": _("Lead to cash, median"),
                "value": "122",
                "delta": "−9",
                "good": True,
                "up": False,
                "values": [71, 70, 72, 69, 66, 67, 63, 61, 58, 55],
            },
            {
                "label": _("Pipeline coverage"),
                "value": "3.4×",
                "delta": "+0.3×",
                "good": True,
                "up": True,
                "values": [2.1, 2.4, 2.2, 2.6, 2.9, 2.7, 3.1, 3.4],
            },
            {
                "label": _("Days sales outstanding"),
                "value": "43",
                "delta": "+1",
                "good": False,
                "up": True,
                "values": [39, 40, 39, 41, 40, 41, 42, 43],
            },
        ],
        "funnel": [
            {"label": label, "n": n, "amount": value, "days": median, "hue": hue, "url": here}
            for label, n, value, median, hue in zip(names, counts, amounts, medians, hues, strict=True)
        ],
        "aging": [
            {"label": label, "value": value, "url": here}
            for label, value in [
                (_("Not due"), 4_210_000),
                (_("1–30 days"), 1_180_000),
                (_("31–60 days"), 640_000),
                (_("61–90 days"), 310_000),
                (_("Over 90 days"), 268_000),
            ]
        ],
        "losses": [
            {"label": label, "value": value, "shown": f"{value}%", "url": here}
            for label, value in [
                (_("Price"), 38),
                (_("No decision"), 27),
                (_("Competitor"), 19),
                (_("Missing feature"), 11),
                (_("Timing"), 5),
            ]
        ],
        "reps": [
            {
                "label": name,
                "value": value,
                "shown": f"{value}%",
                "hue": "green" if value >= 100 else "violet",
                "avatar": {"text": seeds.initials(name), "hue": seeds.hue(name)},
            }
            for name, value in zip(seeds.PEOPLE, [123, 94, 87, 84, 61], strict=True)
        ],
        "forecast": {
            "kind": "bars",
            "currency": "CNY",
            "labels": ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"],
            "series": [
                {"name": _("Won"), "hue": "green", "values": [3_120_000, 3_460_000, 2_210_000, 0, 0, 0]},
                {"name": _("Commit"), "hue": "accent", "values": [0, 0, 880_000, 2_460_000, 1_240_000, 620_000]},
                {"name": _("Best case"), "hue": "violet", "faint": True, "values": [0, 0, 540_000, 1_720_000, 2_310_000, 2_050_000]},
                {
                    "name": _("Quota"),
                    "hue": "text",
                    "kind": "step",
                    "values": [2_900_000, 3_200_000, 3_400_000, 3_900_000, 3_100_000, 3_300_000],
                },
            ],
        },
        "flow": {
            "kind": "sankey",
            "unit": _("records"),
            "nodes": [
                {"name": "web", "label": _("Website")},
                {"name": "referral", "label": _("Referral")},
                {"name": "show", "label": _("Trade show")},
                {"name": "qualified", "label": _("Qualified"), "hue": "accent"},
                {"name": "out", "label": _("Disqualified"), "hue": "line-strong"},
                {"name": "won", "label": _("Won"), "hue": "green"},
                {"name": "lost", "label": _("Lost"), "hue": "rose"},
                {"name": "open", "label": _("Open"), "hue": "blue"},
            ],
            "links": [
                {"source": "web", "target": "qualified", "value": 640},
                {"source": "web", "target": "out", "value": 980},
                {"source": "referral", "target": "qualified", "value": 520},
                {"source": "referral", "target": "out", "value": 210},
                {"source": "show", "target": "qualified", "value": 214},
                {"source": "show", "target": "out", "value": 640},
                {"source": "qualified", "target": "won", "value": 520},
                {"source": "qualified", "target": "lost", "value": 410},
                {"source": "qualified", "target": "open", "value": 444},
            ],
        },
    }
