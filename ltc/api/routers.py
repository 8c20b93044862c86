"""The routes of all record kinds. Each app's `api/urls.py` registers its own here: `router.register("leads", LeadViewSet)`."""

import re
from typing import Any

from django.urls import re_path
from rest_framework.routers import SimpleRouter

IDENTIFIER = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Router(SimpleRouter):
    """Both `/leads` and `/leads/` are the list: a redirect would turn a client's POST into a GET."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
        self._beside: list[Any] = []

    def get_lookup_regex(self, viewset: Any, lookup_prefix: str = "") -> str:
        return f"(?P<pk>{getattr(viewset, 'lookup_value_regex', IDENTIFIER)})"

    def get_method_map(self, viewset: Any, method_map: Any) -> Any:
        """Only the methods that the viewset has something to do for: without a service to call there is no POST or PATCH."""
        bound = super().get_method_map(viewset, method_map)
        return {method: action for method, action in bound.items() if viewset.offers(action)}

    def register(self, prefix: Any, viewset: Any, basename: str | None = None) -> None:
        super().register(prefix, viewset, basename=basename or f"api-{prefix.replace('/', '-')}")

    def add(self, address: str, view: Any) -> None:
        """A view beside the record kinds: `router.add("me", MeView)`; the address may hold regular groups."""
        name = "api-" + re.sub("[^a-z]+", "-", re.sub(r"\(.*?\)", "", address)).strip("-")
        self._beside.append(re_path(f"^{address}/?$", view.as_view(), name=name))

    def get_urls(self) -> Any:
        return [*self._beside, *super().get_urls()]


router = Router()
