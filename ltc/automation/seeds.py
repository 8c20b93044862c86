"""Words that name what a person is rather than what they do: nobody is scored by these."""

PERSONAL_WORDS = frozenset(
    "age ages birth birthday birthdate born dob ethnicity ethnic race racial religion gender sex sexual nationality citizenship marital "
    "pregnancy disability surname firstname lastname fullname "
    "年龄 生日 出生 出生日期 出生年月 民族 种族 宗教 性别 国籍 婚姻 婚姻状况 姓名 名字 姓氏".split()
)
