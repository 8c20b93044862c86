from django.urls import path, re_path
from django.utils.module_loading import autodiscover_modules

from ltc.api import views
from ltc.api.routers import router

autodiscover_modules("api.urls")  # each app registers its record kinds; only then are the routes made

urlpatterns = [
    path("openapi.json", views.openapi, name="api-schema"),
    re_path(r"^docs/?$", views.docs, name="api-docs"),
    *router.urls,
]
