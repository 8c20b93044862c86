"""The channels, close reasons and the pool that a new tenant starts with."""

from leads.models import Channel, CloseReason, PublicPool
from ltc.tenancy.models import Tenant
from ltc.tenancy.seeding import starts_with

# code, kind, name in English and in Chinese
CHANNELS = (
    ("website", "web", "Website", "官网"),
    ("search", "sem", "Paid search", "搜索推广"),
    ("social", "social", "Social media", "社交媒体"),
    ("wechat", "wechat", "WeChat", "微信"),
    ("exhibition", "exhibition", "Exhibition", "展会"),
    ("referral", "referral", "Referral", "转介绍"),
    ("partner", "partner", "Partner", "渠道商"),
    ("outbound", "outbound", "Outbound", "电话开发"),
    ("import", "import", "Import", "导入"),
    ("unknown", "other", "Unknown", "未知"),
)
# kind, code, name in English and in Chinese, whether it counts in rates
CLOSE_REASONS = (
    ("disqualify", "no-need", "No need", "无需求", True),
    ("disqualify", "no-budget", "No budget", "无预算", True),
    ("disqualify", "unreachable", "Cannot be reached", "无法联系", True),
    ("disqualify", "wrong-fit", "Not our kind of customer", "不符合目标客户", True),
    ("disqualify", "competitor", "Competitor", "竞争对手", True),
    ("disqualify", "spam", "Spam or test", "垃圾或测试", False),
    ("lost", "price", "Price", "价格", True),
    ("lost", "competitor", "Lost to a competitor", "输给竞争对手", True),
    ("lost", "no-budget", "No budget", "无预算", True),
    ("lost", "technical-gap", "Technical gap", "技术不满足", True),
    ("lost", "project-stopped", "Project stopped", "项目终止", True),
    ("lost", "other", "Other", "其他", True),
    ("cancel", "entered-by-mistake", "Entered by mistake", "录入错误", False),
    ("cancel", "customer-request", "At the customer's request", "客户要求", True),
    ("return", "wrong-region", "Wrong region", "区域不符", True),
    ("return", "no-time", "No time", "无暇跟进", True),
)


@starts_with
def set_up_leads(tenant: Tenant) -> None:
    """Give the active tenant its first channels, close reasons and pool, named in its language."""
    chinese = tenant.locale.startswith("zh")
    for code, kind, english, translated in CHANNELS:
        Channel.objects.get_or_create(code=code, defaults={"kind": kind, "name": translated if chinese else english})
    for kind, code, english, translated, counts in CLOSE_REASONS:
        defaults = {"name": translated if chinese else english, "counts_in_denominator": counts}
        CloseReason.objects.get_or_create(kind=kind, code=code, defaults=defaults)
    if not PublicPool.objects.exists():
        PublicPool.objects.create(name="公海" if chinese else "Public pool", is_default=True, open_to_all=True)
