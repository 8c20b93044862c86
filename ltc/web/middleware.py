"""What stands around every page: refusals become sentences, and a session that ended inside a fragment leads to the login page."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ltc.refusals import Refusal
from ltc.web.answers import is_htmx, refused

API = "/api/"


class FragmentRedirectMiddleware:
    """A fragment is never answered with another page: a redirect becomes one of the whole page, and a login comes back to where one was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_htmx(request) or response.status_code not in (301, 302, 303):
            return response
        location = response["Location"]
        if location.startswith(reverse("account_login")):
            here = request.headers.get("HX-Current-URL", "")
            location = redirect_to_login(_path(here, request)).url
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = location
        answer.cookies = response.cookies
        return answer


def _path(url: str, request: HttpRequest) -> str:
    """The path of a URL of this host; the root for any other."""
    own = f"{request.scheme}://{request.get_host()}"
    return url.removeprefix(own) if url.startswith(own + "/") else "/"


class RefusalMiddleware:
    """The sentence of a refusal, as a page or a toast; 403 or 409. Stands inside WorkspaceMiddleware, which then undoes the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal) or request.path_info.startswith(API):
            return None
        return refused(request, exception)
