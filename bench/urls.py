from django.urls import include, path

from bench.bare import BareLeads, BareOpportunities, Empty
from ltc.urls import handler400, handler403, handler404, handler500

urlpatterns = [
    path("bench/empty/", Empty.as_view()),
    path("bench/leads/<int:tenant>/", BareLeads.as_view({"get": "list", "post": "create"})),
    path("bench/leads/<int:tenant>/<uuid:pk>/", BareLeads.as_view({"get": "retrieve"})),
    path("bench/opportunities/<int:tenant>/", BareOpportunities.as_view({"get": "list"})),
    path("", include("ltc.urls")),
]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
