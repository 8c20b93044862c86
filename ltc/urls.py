from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("ltc.backoffice.urls")),
    path("api/v1/", include("ltc.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("styleguide/", include("ltc.web.styleguide.urls")),
    path("", include("ltc.web.urls")),
    path("", include("leads.urls")),
    path("", include("ltc.customers.urls")),
    path("", include("ltc.catalog.urls")),
    path("", include("ltc.automation.urls")),
    path("", include("opportunities.urls")),
    path("", include("orders.urls")),
    path("", include("delivery.urls")),
    path("", include("receivables.urls")),
    path("", include("ltc.analytics.urls")),
]

handler400 = "ltc.web.errors.bad_request"
handler403 = "ltc.web.errors.permission_denied"
handler404 = "ltc.web.errors.not_found"
handler500 = "ltc.web.errors.server_error"
