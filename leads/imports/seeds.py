"""The words by which files of other systems name our columns and values, in the languages that we meet."""

import re

# A telephone extension behind a number.
EXTENSION = re.compile(r"\s*(?:x|ext\.?|#|转|分机)\s*(\d{1,6})\s*$", re.IGNORECASE)
# Headings as other systems write them, folded to letters and digits.
COLUMN_WORDS: dict[str, str] = {
    "external_ref": "leadid id leadnumber leadno recordid 线索编号 线索id 编号",
    "contact_name": "fullname name contactname contact contactperson leadname person customername 姓名 联系人 联系人姓名 客户姓名",
    "first_name": "firstname givenname forename 名",
    "last_name": "lastname surname familyname 姓",
    "company_name": "company companyname account accountname organization organisation organizationname business firm 公司 公司名称 企业名称 单位 客户名称",
    "title": "subject leadtitle topic 标题 主题 线索名称",
    "phone": "phone phonenumber mobile mobilephone cell telephone tel contactphone workphone 电话 手机 手机号 手机号码 联系电话",
    "email": "email emailaddress mail contactemail workemail 邮箱 电子邮箱 电子邮件 邮件",
    "wecom": "wecom wechat wechatid weixin 企业微信 微信 微信号",
    "channel": "leadsource source channel origin originalsource leadchannel utmsource 来源 线索来源 渠道 客户来源",
    "campaign": "campaign campaignname utmcampaign 市场活动 活动",
    "state": "leadstatus status stage leadstage converted isconverted 状态 线索状态 跟进状态 阶段",
    "owner": "owner leadowner assignedto assignee salesrep salesperson ownername owneremail 负责人 所有人 销售 跟进人 归属人",
    "captured_at": "createddate createdat created createdon datecreated createdate creationdate leaddate date 创建时间 创建日期 录入时间 日期",
    "converted_at": "converteddate convertedat convertedon conversiondate dateconverted 转化时间 转化日期 成交日期 成交时间",
    "closed_at": "closeddate closedat closedon dateclosed 关闭时间 关闭日期",
    "region": "region state province city territory 地区 区域 省份 省 城市",
    "country": "country countrycode nation 国家",
    "industry": "industry sector vertical 行业 所属行业",
    "size_employees": "employees numberofemployees employeecount companysize headcount size 员工数 员工人数 人数 公司规模",
    "seniority": "seniority level jobtitle position 职位 职务 职级",
    "budget": "budget budgetstatus 预算",
    "authority": "authority 决策权",
    "need": "need needs requirement requirements painpoint 需求 需求描述",
    "timeline": "timeline timeframe purchasetimeframe 采购时间 预计采购时间",
    "product_interest": "product productinterest interestedin interest products 意向产品 感兴趣的产品 产品",
    "est_amount": "amount value estimatedvalue dealvalue expectedrevenue annualrevenue estvalue 预计金额 金额 商机金额",
    "currency": "currency currencycode 币种",
    "note": "notes note comment comments description remark remarks 备注 说明 描述",
}
STATE_WORDS: dict[str, str] = {
    "new": "new open notcontacted uncontacted unassigned raw fresh 新建 新线索 未跟进 未分配 待分配 未处理",
    "assigned": "assigned 已分配 待跟进",
    "working": "working contacted inprogress attempted attemptedtocontact connected engaged contacting active followup 跟进中 已联系 联系中 处理中",
    "nurturing": "nurture nurturing later onhold dormant recycled 培育 培育中 暂缓",
    "qualified": "qualified sql mql opportunity 合格 已确认 转商机",
    "converted": "converted won closedwon customer 1 yes true y 已转化 成交",
    "disqualified": "lost dead unqualified disqualified junk closedlost closed rejected invalid spam notinterested 无效 失败 已关闭 流失 放弃",
}
CHANNEL_WORDS: dict[str, str] = {
    "website": "website web site online webform landingpage 官网 网站",
    "search": "ads adwords googleads sem ppc paidsearch search baidu 百度 百度推广 搜索",
    "social": "socialmedia social facebook linkedin twitter instagram 社交媒体 抖音 微博",
    "wechat": "wechat weixin 微信 公众号 企微",
    "exhibition": "exhibition tradeshow fair expo 展会",
    "referral": "referral wordofmouth recommendation customerreferral 转介绍 推荐",
    "partner": "partner reseller agent dealer 渠道商 代理 合作伙伴",
    "outbound": "outbound coldcall telemarketing phone 电话 外呼",
    "unknown": "unknown other none 未知 其他",
}
COUNTRY_WORDS: dict[str, str] = {
    "CN": "cn china prc 中国 中国大陆",
    "HK": "hk hongkong 香港 中国香港",
    "MO": "mo macau macao 澳门 中国澳门",
    "TW": "tw taiwan 台湾 中国台湾",
    "SG": "sg singapore 新加坡",
    "US": "us usa unitedstates unitedstatesofamerica america 美国",
    "CA": "ca canada 加拿大",
    "GB": "gb uk unitedkingdom greatbritain england 英国",
    "DE": "de germany deutschland 德国",
    "FR": "fr france 法国",
    "JP": "jp japan 日本",
    "KR": "kr korea southkorea 韩国",
    "AU": "au australia 澳大利亚",
    "IN": "in india 印度",
}
SENIORITY_WORDS: dict[str, str] = {
    "decision_maker": "decisionmaker ceo cto cfo coo owner founder president generalmanager director vp 总经理 董事长 总裁 副总 总监 老板",
    "manager": "manager head lead teamlead supervisor 经理 主管 部长",
    "engineer": "engineer developer technician specialist analyst 工程师 技术员 专员",
}


def word_table(words: dict[str, str]) -> dict[str, str]:
    """Each word to what it means; of two meanings the earlier wins."""
    table: dict[str, str] = {}
    for meaning, listed in words.items():
        for word in listed.split():
            table.setdefault(word, meaning)
    return table


SPEND_HEADINGS = {
    "spend_date": "date spenddate day 日期 花费日期",
    "channel": "channel source leadsource 渠道 来源",
    "campaign": "campaign campaignname 市场活动 活动",
    "amount": "amount spend cost 金额 花费 费用",
    "currency": "currency 币种",
    "note": "note notes remark 备注 说明",
}
"""What the columns of a file of marketing spend may be called, by the field that they fill."""
