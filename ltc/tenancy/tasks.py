"""Every Celery task names its scope. The tenant rides in a message header, never in module state."""

from typing import Any

from celery import Task, current_app, current_task
from celery.signals import before_task_publish

from ltc.tenancy.context import NoActiveTenant, acting_for, active_tenant, all_tenants

HEADER = "tenant_id"


def _header(request: Any) -> int | None:
    return (getattr(request, "headers", None) or {}).get(HEADER) or request.get(HEADER)


def _tenant_to_send() -> int | None:
    tenant = active_tenant()
    if tenant is None and current_task:  # chain links, chord bodies and errbacks are published after the task's own block
        tenant = _header(current_task.request)
    return tenant if isinstance(tenant, int) else None


class TenantTask(Task):
    """A task of one tenant (`scope = "tenant"`: runs inside acting_for) or of the platform (`scope = "platform"`)."""

    abstract = True
    scope = "tenant"
    max_retries = 5
    default_retry_delay = 5

    def apply_async(self, args: Any = None, kwargs: Any = None, headers: Any = None, **options: Any) -> Any:
        if self.scope == "tenant" and not (headers or {}).get(HEADER):
            tenant = _tenant_to_send()
            if tenant is None:
                raise NoActiveTenant(f"{self.name} was sent with no tenant active. Send it inside `with acting_for(tenant):`.")
            headers = {**(headers or {}), HEADER: tenant}
        return super().apply_async(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.scope == "platform":
            with all_tenants():
                return super().__call__(*args, **kwargs)
        tenant = _header(self.request) or _tenant_to_send()
        if tenant is None:
            raise NoActiveTenant(f"{self.name} was received without a tenant.")
        with acting_for(tenant):
            return super().__call__(*args, **kwargs)


@before_task_publish.connect
def stamp_tenant(sender: str | None = None, headers: Any = None, **_: Any) -> None:
    """Put the tenant into messages that Celery itself publishes: canvas parts and retries."""
    task = current_app.tasks.get(sender)
    if getattr(task, "scope", "tenant") == "platform" or headers.get(HEADER) is not None:
        return
    tenant = _tenant_to_send()
    if tenant is not None:
        headers[HEADER] = tenant
