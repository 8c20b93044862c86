"""The style guide shows every component, and with it the templates keep their promises about what they write."""

import gzip
import re
from typing import Any

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import include, path, resolve, set_script_prefix
from django.utils import translation

urlpatterns = [path("styleguide/", include("ltc.web.styleguide.urls"))]
pytestmark = pytest.mark.urls(__name__)
PAGES = ["", "list/", "record/", "board/", "dashboard/", "form/", "plain/", "error/403/", "error/404/", "error/409/", "error/500/"]


@pytest.fixture(autouse=True)
def debug(settings: Any) -> None:
    settings.DEBUG = True
    set_script_prefix("/")
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def answer(page: str, data: dict[str, str] | None = None, *, post: bool = False, fragment: bool = False) -> HttpResponse:
    url, headers = f"/styleguide/{page}", {"HX-Request": "true"} if fragment else {}
    factory = RequestFactory()
    request = factory.post(url, data or {}, headers=headers) if post else factory.get(url, data or {}, headers=headers)
    request.htmx = fragment  # type: ignore[attr-defined]
    match = resolve(url)
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_has_one_heading_and_no_id_twice(page: str, language: str) -> None:
    with translation.override(language):
        html = answer(page).content.decode()
    assert len(re.findall(r"<h1\b", html)) == 1
    assert "<c-" not in html
    assert not re.search(r"{[{%#]", html)
    ids = re.findall(r"""\sid="([^"]+)\"""", html.replace("confirm-shape", ""))
    assert sorted({name for name in ids if ids.count(name) > 1} - {"dialog-title"}) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_small_enough_for_a_slow_line(page: str) -> None:
    html = answer(page).content
    assert len(gzip.compress(html)) <= 20_000
    assert len(html) <= 400_000


def test_nobody_but_a_developer_or_an_operator_finds_it(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(Http404):
        answer("list/")


def test_a_search_gets_the_table_and_the_count_and_nothing_else() -> None:
    html = answer("list/", {"q": "Amara"}, fragment=True).content.decode()
    assert html.lstrip().startswith('<ltc-table id="list"')
    assert "<html" not in html
    assert html.count("<tr") == 4  # the head and three rows
    assert re.search(r'<span id="count"[^>]*hx-swap-oob="true">3</span>', html)


def test_the_last_rows_have_no_more_behind_them() -> None:
    assert "Show more" in answer("list/", {"start": "25"}, fragment=True).content.decode()
    assert "Show more" not in answer("list/", {"start": "50"}, fragment=True).content.decode()


def test_a_list_without_a_match_says_what_to_do() -> None:
    assert "Try fewer words or remove a filter." in answer("list/", {"q": "zzz"}).content.decode()


def test_an_error_in_a_form_comes_back_with_the_form_and_is_tied_to_its_field() -> None:
    response = answer("dialog/", {"name": "", "email": "nobody"}, post=True, fragment=True)
    html = response.content.decode()
    assert response.status_code == 422
    assert re.search(r'<input[^>]*name="name"[^>]*aria-invalid="true"[^>]*aria-describedby="id_name_error"', html)
    assert re.search(r'aria-describedby="id_email_helptext id_email_error"', html)
    assert 'id="id_name_error"' in html


def test_the_same_form_is_a_page_of_its_own_without_script() -> None:
    html = answer("dialog/").content.decode()
    assert "<html" in html
    assert 'action="/styleguide/dialog/"' in html


def test_an_action_that_is_not_allowed_says_why_and_can_be_reached_with_the_keyboard() -> None:
    html = answer("record/").content.decode()
    assert re.search(r'<button type="button" class="btn" aria-disabled="true" aria-describedby="why-win"', html)
    assert '<span class="sr" id="why-win">Get a quote accepted first.</span>' in html


def test_a_move_redraws_the_heads_of_all_columns_and_offers_the_way_back() -> None:
    response = answer("move/", {"id": "3", "target": "discover"}, post=True)
    html = response.content.decode()
    assert html.count('hx-swap-oob="true"') == 5
    assert "kcard" not in html
    assert '"undo": {"id": "3", "target": "qualify"}' in response["HX-Trigger"]


def test_a_board_has_one_menu_however_many_cards() -> None:
    html = answer("board/").content.decode()
    assert html.count('class="kcard"') == 23
    assert html.count("data-board-menu") == 1
