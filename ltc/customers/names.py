"""Company names made comparable, sortable and searchable by their initials."""

import re
import unicodedata
from itertools import chain

from pypinyin import Style, lazy_pinyin

# Legal forms, longest first, as they are left after blanks and punctuation are gone. At most one is taken off.
LEGAL_FORMS = tuple(
    sorted(
        (
            *("股份有限公司", "有限责任公司", "有限公司", "集团"),
            *("coltd", "companylimited", "limited", "ltd", "inc", "llc", "corp", "gmbh"),
        ),
        key=len,
        reverse=True,
    )
)

# Region words that companies put in brackets: countries, provinces and the larger cities.
REGION_WORDS = """
中国 中华 亚洲 亚太 大中华区 香港 中国香港 澳门 中国澳门 台湾 中国台湾 国际 北京 天津 上海 重庆 河北 山西 辽宁 吉林
黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆
华东 华南 华北 华中 西南 西北 东北 广州 深圳 佛山 东莞 珠海 中山 惠州 汕头 江门 湛江 杭州 宁波 温州 绍兴 嘉兴 金华 台州
南京 苏州 无锡 常州 南通 徐州 扬州 合肥 芜湖 福州 厦门 泉州 南昌 赣州 济南 青岛 烟台 潍坊 郑州 洛阳 武汉 宜昌 长沙 株洲
海口 三亚 成都 绵阳 贵阳 昆明 西安 兰州 西宁 呼和浩特 包头 南宁 柳州 桂林 拉萨 银川 乌鲁木齐 沈阳 大连 长春 哈尔滨
石家庄 唐山 保定 太原 china prc asia apac hongkong macau taiwan beijing tianjin shanghai chongqing guangdong guangzhou
shenzhen foshan hangzhou suzhou nanjing wuhan chengdu xian qingdao dalian xiamen uk usa us eu europe germany japan korea
singapore
"""
REGIONS = frozenset(REGION_WORDS.split())

BRACKETED = re.compile(r"[(\[{【](?P<inside>[^()\[\]{}【】]*)[)\]}】]")


def normalise_name(name: str) -> str:
    """The form in which two spellings of one company are equal.

    Width and case folded, blanks and punctuation dropped, one legal form taken off the end. A name that is nothing
    but a legal form keeps it.
    """
    letters = bare(name)
    for form in LEGAL_FORMS:
        if letters.endswith(form) and letters != form:
            return letters.removesuffix(form)
    return letters


def normalise_name_without_region(name: str) -> str:
    """The form for comparing by likeness: as above, and a region in brackets is left out too."""
    folded = unicodedata.normalize("NFKC", name).lower()

    def keep(match: re.Match[str]) -> str:
        return "" if bare(match["inside"]) in REGIONS else match[0]

    return normalise_name(BRACKETED.sub(keep, folded))


def bare(text: str) -> str:
    """Only the letters and digits, folded in width and case."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "PSZC")


def sort_key(name: str) -> str:
    """The key that puts Chinese names in the order of their pinyin, among the others: one word per character."""
    return " ".join(syllables(name, Style.NORMAL))


def initials(name: str) -> str:
    """The first letters of the pinyin, for typing ahead: 粤衡演示 is found by "yhys"."""
    return "".join(chain.from_iterable(syllable[:1] for syllable in syllables(name, Style.FIRST_LETTER)))


def syllables(name: str, style: Style) -> list[str]:
    """The pinyin of each character; other letters word by word, folded in case and width."""
    folded = unicodedata.normalize("NFKC", name).lower()
    words = re.findall(r"[^\W_]+", folded)
    return list(chain.from_iterable(lazy_pinyin(word, style=style) for word in words))
