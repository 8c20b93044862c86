from django.urls import path

from ltc.analytics import metric_views, views

urlpatterns = [
    path("insight/", views.dashboard, name="dashboard"),
    path("insight/boards/<slug:code>/", views.dashboard, name="board"),
    path("insight/boards/<slug:code>/figures.csv", views.dashboard, {"form": "csv"}, name="board-csv"),
    path("insight/definitions/", views.definitions, name="metric-definitions"),
    path("insight/metrics/<str:code>/", metric_views.MetricPage.as_view(), name="metric-page"),
    path("insight/metrics/<str:code>/rows.csv", metric_views.MetricPage.as_view(), {"form": "csv"}, name="metric-csv"),
    path("insight/steps/<slug:code>/", metric_views.StepPage.as_view(), name="step-page"),
    path("insight/steps/<slug:code>/rows.csv", metric_views.StepPage.as_view(), {"form": "csv"}, name="step-csv"),
]
