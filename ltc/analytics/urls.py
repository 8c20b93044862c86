from django.urls import path

from ltc.analytics import views

urlpatterns = [
    path("insight/", views.dashboard, name="dashboard"),
    path("insight/definitions/", views.definitions, name="metric-definitions"),
]
