"""The two demo companies as data. All companies, people and numbers are invented; mail goes to example.com, telephones are fictional."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Source:
    """A channel: its share of leads, and of these the valid, the converted of the valid, and how much likelier they are to be won."""

    code: str
    kind: str
    name: str
    share: float
    valid: float
    converted: float
    win: float


@dataclass(frozen=True)
class Good:
    sku: str
    name: str
    price: Decimal
    days: int


@dataclass(frozen=True)
class Company:
    """What a demo tenant is made from."""

    code: str
    name: str
    locale: str
    time_zone: str
    currency: str
    country: str
    domain: str
    teams: tuple[str, ...]
    people: tuple[tuple[str, str, str], ...]  # role, name, team
    sources: tuple[Source, ...]
    goods: tuple[Good, ...]
    customers: tuple[str, ...]
    cities: tuple[str, ...]
    contacts: tuple[str, ...]
    industries: tuple[str, ...]
    terms: tuple[tuple[str, float], ...]
    leads: int
    win: float
    phone: str
    late: float  # share of invoices that are paid late


CN = Company(
    code="demo-cn",
    name="粤衡演示智能装备有限公司",
    locale="zh-hans",
    time_zone="Asia/Shanghai",
    currency="CNY",
    country="CN",
    domain="cn.example.com",
    teams=("珠三角", "华东", "华北华中", "海外"),
    people=(
        ("rep", "李薇", "珠三角"), ("rep", "张启明", "珠三角"), ("rep", "陈思源", "华东"), ("rep", "王思远", "华东"),
        ("rep", "赵明轩", "华北华中"), ("rep", "周雨桐", "海外"),
        ("mgr", "黄建国", "珠三角"), ("mgr", "沈静", "华东"), ("mgr", "林国栋", ""),
        ("pre", "何睿", "珠三角"), ("dm", "吴海涛", ""), ("dm", "郑晓敏", ""),
        ("fin", "孙丽华", ""), ("fin", "马会芳", ""), ("mkt", "许佳", ""), ("adm", "梁志强", ""), ("exec", "欧阳明", ""),
    ),
    sources=(
        Source("exhibition", "exhibition", "展会", 0.22, 0.93, 0.36, 1.0),
        Source("search", "sem", "百度推广", 0.26, 0.78, 0.24, 0.8),
        Source("website", "web", "官网", 0.15, 0.86, 0.32, 1.0),
        Source("wechat", "wechat", "公众号/企微", 0.12, 0.88, 0.30, 0.95),
        Source("referral", "referral", "转介绍", 0.09, 0.98, 0.58, 1.4),
        Source("partner", "partner", "渠道商", 0.08, 0.95, 0.46, 1.15),
        Source("outbound", "outbound", "电话开发", 0.08, 0.80, 0.20, 0.7),
    ),
    goods=(
        Good("PL-100", "包装线 PL-100", Decimal(380000), 60), Good("PR-60", "码垛机器人 PR-60", Decimal(260000), 45),
        Good("VI-8", "视觉检测站 VI-8", Decimal(120000), 35), Good("CV-20", "输送机 CV-20", Decimal(46000), 25),
        Good("SP-KIT", "易损件包", Decimal(8600), 10), Good("SV-Y", "年度维保服务", Decimal(36000), 7),
    ),
    customers=("示例食品", "恒远医疗器械", "清和新材料", "南粤港口", "数澜信息", "蜀锦纺织", "工业自动化", "绿源乳业", "海岳船舶", "金穗农业",
               "东升电子", "华盛包装", "瑞达物流", "天工机械", "博雅印刷", "长风汽配", "云帆科技", "明德制药", "万象家居", "启航玩具"),
    cities=("东莞", "苏州", "杭州", "成都", "广州", "上海", "北京", "武汉", "佛山", "宁波"),
    contacts=("王海", "刘芳", "陈伟", "杨帆", "吴敏", "徐强", "孙悦", "胡静", "朱琳", "高翔", "罗兰", "梁宇", "宋佳", "唐磊", "韩雪", "冯涛"),
    industries=("食品饮料", "医药", "新材料", "物流", "电子", "纺织", "包装"),
    terms=(("3-6-1", 0.6), ("eom-30", 0.2), ("prepaid", 0.1), ("acceptance-60", 0.1)),
    leads=110,
    win=0.45,
    phone="1380013",
    late=0.45,
)  # fmt: skip

US = Company(
    code="demo-us",
    name="Harborlight Demo Cloud, Inc.",
    locale="en",
    time_zone="America/New_York",
    currency="USD",
    country="US",
    domain="us.example.com",
    teams=("East", "West"),
    people=(
        ("rep", "Maya Chen", "East"), ("rep", "Daniel Kruger", "East"), ("rep", "Sofia Ortega", "West"), ("rep", "Liam Walsh", "West"),
        ("mgr", "Grace Holloway", "East"), ("mgr", "Victor Stone", ""), ("pre", "Priya Nair", "East"),
        ("dm", "Owen Hart", ""), ("fin", "Nora Blake", ""), ("mkt", "Jade Rivers", ""), ("adm", "Sam Doyle", ""), ("exec", "Helen Park", ""),
    ),
    sources=(
        Source("website", "seo", "Organic", 0.30, 0.92, 0.27, 1.1), Source("search", "sem", "Paid search", 0.24, 0.85, 0.22, 0.85),
        Source("webinar", "event", "Webinar", 0.16, 0.93, 0.25, 1.0), Source("partner", "partner", "Partner", 0.08, 0.97, 0.44, 1.25),
        Source("outbound", "outbound", "Outbound", 0.12, 0.88, 0.18, 0.75), Source("reviews", "marketplace", "Review sites", 0.10, 0.95, 0.32, 1.15),
    ),
    goods=(
        Good("STARTER", "Starter plan, one year", Decimal(4200), 3), Good("TEAM", "Team plan, one year", Decimal(16000), 5),
        Good("ENTERPRISE", "Enterprise plan, one year", Decimal(62000), 14), Good("ONBOARD", "Onboarding", Decimal(7500), 20),
    ),
    customers=("Northwind Robotics", "Halcyon Foods", "Lumen & Vale", "Corvus Logistics", "Brightwater Energy", "Pinecrest Hotels",
               "Atlas Freight", "Kestrel Avionics", "Meridian Bank", "Juniper Clinics", "Oakline Homes", "Quarry Media", "Silverbrook Schools",
               "Tidewater Labs", "Umber Design", "Violet Grove", "Westmark Tools", "Yarrow Books"),
    cities=("Boston", "Providence", "Hartford", "Portland", "Denver", "Seattle", "Austin", "Chicago"),
    contacts=("Elena Marsh", "Jonah Reed", "Tessa Bloom", "Marcus Vane", "Ivy Lang", "Noah Frost", "Ruby Cole", "Ethan Shaw", "Clara Finch",
              "Miles Grant", "Hazel Ward", "Leo Price"),
    industries=("Logistics", "Food", "Health", "Hospitality", "Banking", "Education"),
    terms=(("net-30", 0.7), ("50-50", 0.2), ("prepaid", 0.1)),
    leads=80,
    win=0.42,
    phone="1617555",
    late=0.2,
)  # fmt: skip

COMPANIES = {"cn": CN, "us": US}

OPTIONS = {
    "CNY": {
        "company.uscc": "91449900MA00000013", "company.address": "广东省佛山市示例路 8 号", "company.phone": "0757-00000000",
        "company.bank": "示例银行佛山分行", "company.account": "4400 0000 0000 0001", "tax_category_code": "1090128990000000000",
        "pay_account.name": "粤衡演示智能装备有限公司", "pay_account.bank": "示例银行佛山分行", "pay_account.account": "4400 0000 0000 0001",
    },
    "USD": {
        "company.address": "1 Example Wharf, Boston, MA", "company.phone": "617-555-0100", "company.bank": "Example Harbor Bank",
        "tax_category_code": "3040201990000000000", "pay_account.name": "Harborlight Demo Cloud, Inc.",
        "pay_account.bank": "Example Harbor Bank", "pay_account.account": "000123456789",
    },
}  # fmt: skip
