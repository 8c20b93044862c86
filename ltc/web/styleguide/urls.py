"""Addresses of the style guide; the root includes them under /styleguide/."""

from django.urls import path

from ltc.web.styleguide import views

app_name = "styleguide"
urlpatterns = [
    path("", views.index, name="index"),
    path("list/", views.listing, name="list"),
    path("record/", views.record, name="record"),
    path("board/", views.board, name="board"),
    path("dashboard/", views.overview, name="dashboard"),
    path("form/", views.form, name="form"),
    path("plain/", views.plain, name="plain"),
    path("error/<int:code>/", views.error, name="error"),
    path("dialog/", views.dialog, name="dialog"),
    path("move/", views.move, name="move"),
    path("toast/", views.toast, name="toast"),
    path("search/", views.search, name="search"),
]
