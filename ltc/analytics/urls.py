from django.urls import path

from ltc.analytics.views import behind, dashboards, process

urlpatterns = [
    path("insight/", dashboards.dashboard, name="dashboard"),
    path("insight/boards/<slug:code>/", dashboards.dashboard, name="board"),
    path("insight/boards/<slug:code>/figures.csv", dashboards.dashboard, {"form": "csv"}, name="board-csv"),
    path("insight/process/", process.ProcessPage.as_view(), name="process-map"),
    path("insight/process/<slug:code>/", process.ProcessPage.as_view(), name="process"),
    path("insight/definitions/", dashboards.definitions, name="metric-definitions"),
    path("insight/metrics/<str:code>/", behind.MetricPage.as_view(), name="metric-page"),
    path("insight/metrics/<str:code>/rows.csv", behind.MetricPage.as_view(), {"form": "csv"}, name="metric-csv"),
    path("insight/steps/<slug:code>/", behind.StepPage.as_view(), name="step-page"),
    path("insight/steps/<slug:code>/rows.csv", behind.StepPage.as_view(), {"form": "csv"}, name="step-csv"),
]
