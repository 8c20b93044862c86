"""The letters that come with the product, by code and language: subject and body. Data; a tenant may write its own in their place."""

from typing import Final

SIGNED_EN: Final = "\n\n{{ rows }}\n\n{{ sender_name }}{% if sender_phone %}, {{ sender_phone }}{% endif %}\n{{ company_name }}"
SIGNED_ZH: Final = "\n\n{{ rows }}\n\n{{ company_name }} {{ sender_name }}{% if sender_phone %} {{ sender_phone }}{% endif %}"
ACCOUNT_EN: Final = "{% if pay_account %}\n\nAccount: {{ pay_account.name }}, {{ pay_account.bank }}, {{ pay_account.account }}{% endif %}"
ACCOUNT_ZH: Final = "{% if pay_account %}\n\n收款账户:{{ pay_account.name }} {{ pay_account.bank }} {{ pay_account.account }}{% endif %}"
LINK_EN: Final = "{% if statement_link %}\n\nYour account, and how to answer: {{ statement_link }}{% endif %}"
LINK_ZH: Final = "{% if statement_link %}\n\n查看账目并回复:{{ statement_link }}{% endif %}"

LETTERS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "en": {
        "L1": (
            "Invoice {{ invoice_nos }} falls due on {{ due_date }}",
            "Dear {{ contact_name }},\n\na short note in advance: the amounts below fall due on {{ due_date }}. If anything is missing on "
            "your side (order number, acceptance sheet, tax invoice), please tell us now so that payment can go through on time. If "
            "payment is already arranged, thank you." + SIGNED_EN + ACCOUNT_EN + LINK_EN,
        ),
        "L2": (
            "Due today: {{ total_due }} {{ currency }}",
            "Dear {{ contact_name }},\n\n{% if max_days_overdue == 0 %}today is the due date{% else %}the due date was "
            "{{ oldest_due_date }}{% endif %} of the items below. Please confirm the planned transfer date."
            + SIGNED_EN + ACCOUNT_EN + LINK_EN,
        ),
        "L3": (
            "Friendly reminder: {{ total_overdue }} {{ currency }} past due",
            "Dear {{ contact_name }},\n\nwe have not yet seen the payment of the items below, now {{ max_days_overdue }} days past due. It "
            "may simply have been overlooked. Could you check and let us know the payment date, or tell us if something is unclear?"
            + SIGNED_EN + ACCOUNT_EN + LINK_EN,
        ),
        "L4": (
            "Second reminder: payment overdue {{ max_days_overdue }} days",
            "Dear {{ contact_name }},\n\ndespite our earlier message the following remains open. Please pay by {{ deadline_date }} or send "
            "us a firm date and amount. {{ owner_name }} is copied and can help with any open point." + SIGNED_EN + ACCOUNT_EN + LINK_EN,
        ),
        "L5": (
            "Payment demand: {{ total_overdue }} {{ currency }}",
            "Dear {{ contact_name }},\n\nthe items below are seriously overdue. We ask for payment by {{ deadline_date }}. "
            "{% if interest_amount %}Late-payment interest accrued so far: {{ interest_amount }}. {% endif %}If you dispute any part, "
            "state reason and amount in writing; the undisputed part remains payable." + SIGNED_EN + ACCOUNT_EN + LINK_EN,
        ),
        "L6": (
            "Formal notice of default",
            "Dear {{ contact_name }},\n\nin spite of several reminders {{ total_overdue }} {{ currency }} is unpaid for up to "
            "{{ max_days_overdue }} days. New deliveries and services may be suspended until the account is settled. Please pay in full by "
            "{{ deadline_date }} or contact {{ sender_name }}{% if sender_phone %}, {{ sender_phone }},{% endif %} to agree a written "
            "schedule." + SIGNED_EN + ACCOUNT_EN + LINK_EN,
        ),
        "L7": (
            "Final notice before further steps",
            "Dear {{ contact_name }},\n\nthis is our last notice before handing the matter to our legal advisers. Full payment of "
            "{{ total_overdue }} {{ currency }} is expected by {{ deadline_date }}. All rights are reserved." + SIGNED_EN + ACCOUNT_EN,
        ),
        "broken_promise": (
            "Agreed payment of {{ promise.date }} not received",
            "Dear {{ contact_name }},\n\nwe had noted your commitment of {{ promise.amount }} {{ currency }} for {{ promise.date }}; it "
            "has not arrived. Please send the bank slip or a new binding date today." + SIGNED_EN + LINK_EN,
        ),
        "short": (
            "Payment overdue",
            "{{ company_name }}: {{ total_overdue }} {{ currency }} overdue up to {{ max_days_overdue }} d. Details by e-mail."
            "{% if sender_phone %} {{ sender_phone }}{% endif %}",
        ),
        "statement": (
            "Statement of account {{ period }}: closing balance {{ closing }} {{ currency }}",
            "Dear {{ contact_name }},\n\nplease find your statement of account for {{ period }}. Closing balance: {{ closing }} "
            "{{ currency }}. Please confirm or report differences within 7 days.\n\n{{ statement_link }}\n\n{{ sender_name }}\n"
            "{{ company_name }}",
        ),
    },
    "zh-hans": {
        "L1": (
            "【到期提前提醒】应付款项将于{{ due_date }}到期",
            "{{ contact_name }}您好:\n\n下列款项将于{{ due_date }}到期,特此提前告知。如贵司付款还需要订单号、验收单或发票等资料,请告诉我们,"
            "我们马上补齐。若已安排付款,谢谢您。" + SIGNED_ZH + ACCOUNT_ZH + LINK_ZH,
        ),
        "L2": (
            "【到期提醒】{{ total_due }}{{ currency }}"
            "{% if max_days_overdue == 0 %}今日到期{% else %}已于{{ oldest_due_date }}到期{% endif %}",
            "{{ contact_name }}您好:\n\n下列款项已到付款日,烦请确认付款安排并回复预计付款日期。" + SIGNED_ZH + ACCOUNT_ZH + LINK_ZH,
        ),
        "L3": (
            "【友好提醒】有{{ total_overdue }}{{ currency }}尚未收到",
            "{{ contact_name }}您好:\n\n截至今日我们尚未收到下列款项,最长已逾期{{ max_days_overdue }}天,可能是流程中有所遗漏。"
            "烦请查核并告知付款日期;如对货物、服务或票据有疑问,也请直接回复,我们尽快处理。" + SIGNED_ZH + ACCOUNT_ZH + LINK_ZH,
        ),
        "L4": (
            "【再次提醒】款项逾期{{ max_days_overdue }}天,请于{{ deadline_date }}前付款",
            "{{ contact_name }}您好:\n\n此前已就下列款项提醒,至今仍未收到。请于{{ deadline_date }}前付款,或书面告知确定的付款日期与金额。"
            "如有争议请一并说明,无争议部分请先行支付。抄送:{{ owner_name }}。" + SIGNED_ZH + ACCOUNT_ZH + LINK_ZH,
        ),
        "L5": (
            "【催款函】请支付逾期款项{{ total_overdue }}{{ currency }}",
            "{{ customer_name }}:\n\n贵司下列款项已严重逾期,现郑重提请于{{ deadline_date }}前付清。"
            "{% if interest_amount %}截至今日逾期利息为{{ interest_amount }}。{% endif %}"
            "如对其中部分有异议,请书面说明理由及金额,无异议部分仍应按期支付。"
            + SIGNED_ZH + ACCOUNT_ZH + LINK_ZH,
        ),
        "L6": (
            "【正式催款通知】",
            "{{ customer_name }}:\n\n经多次提醒,贵司仍欠付{{ total_overdue }}{{ currency }},最长逾期{{ max_days_overdue }}天。在结清之前,"
            "我司可能暂停新的发货与服务。请于{{ deadline_date }}前全额付款,或与{{ sender_name }}{% if sender_phone %}({{ sender_phone }})"
            "{% endif %}书面商定还款计划。" + SIGNED_ZH + ACCOUNT_ZH + LINK_ZH,
        ),
        "L7": (
            "【最后通知】",
            "{{ customer_name }}:\n\n此为我司采取法律措施前的最后通知。请于{{ deadline_date }}前付清"
            "全部欠款{{ total_overdue }}{{ currency }}。我司保留一切权利。" + SIGNED_ZH + ACCOUNT_ZH,
        ),
        "broken_promise": (
            "约定于{{ promise.date }}支付的款项尚未到账",
            "{{ contact_name }}您好:\n\n贵司曾承诺于{{ promise.date }}支付{{ promise.amount }}{{ currency }},目前未到账。"
            "请今日回传付款凭证或给出新的确定日期。" + SIGNED_ZH + LINK_ZH,
        ),
        "short": (
            "款项逾期",
            "【{{ company_name }}】贵司有{{ total_overdue }}{{ currency }}逾期,最长{{ max_days_overdue }}天,明细已发邮件,请安排付款。"
            "{% if sender_phone %}{{ sender_phone }}{% endif %}",
        ),
        "statement": (
            "【对账单】{{ period }}期末余额{{ closing }}{{ currency }},请于7日内核对并盖章/点击确认;有差异请列明。",
            "{{ contact_name }}您好:\n\n附上{{ period }}对账单,期末余额{{ closing }}{{ currency }},请于7日内核对并盖章/点击确认;"
            "有差异请列明。\n\n{{ statement_link }}\n\n{{ company_name }} {{ sender_name }}",
        ),
    },
}  # fmt: skip

ROW: Final = {
    "en": "{invoice_no}  dated {invoice_date}  due {due_date}  open {open_amount} {currency}  {lateness}",
    "zh-hans": "{invoice_no}  开票日{invoice_date}  到期日{due_date}  未付{open_amount}{currency}  {lateness}",
}
HEADS: Final = {
    "en": ("Invoice", "Date", "Due", "Open", "Late"),
    "zh-hans": ("发票", "开票日", "到期日", "未付", "逾期"),
}
LATENESS: Final = {"en": ("not yet due", "{days} days overdue"), "zh-hans": ("未到期", "逾期{days}天")}
