from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("ltc.backoffice.urls")),
    path("", include("ltc.analytics.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("ltc.api.urls")),
]
