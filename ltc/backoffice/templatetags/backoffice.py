from typing import Any

from django import template

from ltc.backoffice.account import demo_people as people_of_the_demo

register = template.Library()


@register.simple_tag
def demo_people() -> list[dict[str, Any]]:
    """The people that the login page of a demo offers, by workspace."""
    return people_of_the_demo()
