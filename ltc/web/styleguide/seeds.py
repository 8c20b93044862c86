"""The made-up people, customers and deals of the style guide, in both languages as real data is."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ltc.web.formats import HUES, hue, initials

PEOPLE = ["Maya Chen", "李薇", "Daniel Kruger", "张启明", "Sofia Ortega"]
CUSTOMERS = [
    "成都蜀锦纺织", "Northwind Robotics", "上海恒远医疗器械", "Lumen & Vale", "苏州工业自动化", "Halcyon Foods", "Corvus Logistics",
    "广州南粤港口集团", "Brightwater Energy", "杭州清和新材料", "Kestrel Avionics", "北京数澜信息", "Pinecrest Hotels",
]  # fmt: skip
DEALS = [
    "Fleet telematics, 420 units", "ERP 对接与实施服务", "Cold-chain monitoring rollout", "智能产线改造一期", "Packaging line retrofit",
    "MES 升级与三年维保", "Warehouse automation, phase 2", "BI 分析套件 200 用户", "Treasury API integration", "年度平台订阅续约",
    "Spare parts framework", "港区调度系统扩容", "Regional rollout: 14 sites",
]  # fmt: skip
CONTACTS = [
    ("赵明轩", "信息化主管"), ("Amara Okafor", "Head of Operations"), ("Jonas Weber", "IT Director"), ("何嘉欣", "采购总监"),
    ("Tomas Lind", "Plant Manager"), ("Hannah Fox", "VP Finance"), ("黄俊杰", "信息化主管"), ("Priya Nair", "VP Finance"),
]  # fmt: skip
NEXT_STEPS = ["Call procurement", "Site survey", "合同法务审核", "Send revised quote", "现场演示", "Security review"]
COMMITTEE = [("王思远", "采购总监"), ("Elena Marsh", "Head of Operations"), ("赵明轩", "财务经理")]
NOTES = [
    "12% volume discount approved by 张启明. Valid until 5 Dec.",
    "Budget confirmed for next year. Wants delivery split in two lots and 60-day terms.",
    "“Please confirm that acceptance testing is on site and that the warranty starts at sign-off…”",
    "Competitor quoted 6% lower but without on-site support. Lead with uptime.",
]


def person(index: int) -> dict[str, str]:
    name = PEOPLE[index % len(PEOPLE)]
    return {"name": name, "initials": initials(name), "hue": hue(name)}


def customer(index: int) -> dict[str, Any]:
    name = CUSTOMERS[index % len(CUSTOMERS)]
    return {"name": name, "avatar": {"text": initials(name)[0], "hue": hue(name), "square": True}}


def amount(index: int) -> Decimal:
    return Decimal((index * 7919) % 460 + 18) * 1000 + Decimal((index * 31) % 10) * 100


def near(index: int, today: date) -> date:
    return today + timedelta(days=(index * 5) % 40 - 6)


def any_hue(index: int) -> str:
    return HUES[index % len(HUES)]
