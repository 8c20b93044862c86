from django.urls import path

from ltc.backoffice import account, health, operator, workspace

urlpatterns = [
    path("healthz/live", health.live, name="health-live"),
    path("healthz/ready", health.ready, name="health-ready"),
    path("signup/", account.sign_up, name="sign-up"),
    path("invitations/<str:token>/", account.invitation, name="invitation"),
    path("demo/login/", account.demo_login, name="demo-login"),
    path("operator/", operator.tenants_page, name="operator-tenants"),
    path("operator/jobs/", operator.jobs_page, name="operator-jobs"),
    path("operator/jobs/<int:tenant>/<int:work_id>/retry/", operator.retry, name="operator-retry"),
    path("operator/tenants/<int:tenant>/state/", operator.set_tenant_state, name="operator-tenant-state"),
    path("settings/", workspace.index, name="settings"),
    path("settings/options/", workspace.OptionsPage.as_view(), name="settings-options"),
    path("settings/members/", workspace.MembersPage.as_view(), name="settings-members"),
    path("settings/members/<uuid:pk>/", workspace.MemberPage.as_view(), name="settings-member"),
    path("settings/teams/", workspace.TeamsPage.as_view(), name="settings-teams"),
    path("settings/teams/<uuid:pk>/", workspace.TeamPage.as_view(), name="settings-team"),
    path("settings/roles/", workspace.RolesPage.as_view(), name="settings-roles"),
    path("settings/company/", workspace.CompanyPage.as_view(), name="settings-company"),
    path("settings/calendar/", workspace.CalendarPage.as_view(), name="settings-calendar"),
    path("settings/keys/", workspace.KeysPage.as_view(), name="settings-keys"),
    path("settings/changes/", workspace.ChangesPage.as_view(), name="settings-changes"),
]
