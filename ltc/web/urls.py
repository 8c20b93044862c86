from django.urls import path

from ltc.web import views
from ltc.web.search import OptionsView, SearchView

urlpatterns = [
    path("", views.RootView.as_view(), name="home"),
    path("workspaces/", views.WorkspacesView.as_view(), name="workspaces"),
    path("search/", SearchView.as_view(), name="search"),
    path("search/<slug:kind>/", OptionsView.as_view(), name="options"),
    path("tasks/", views.TasksView.as_view(), name="tasks"),
    path("tasks/<uuid:pk>/done/", views.TaskView.as_view(), name="task-done"),
    path("notifications/", views.NotificationsView.as_view(), name="notifications"),
    path("notifications/<uuid:pk>/", views.NotificationView.as_view(), name="notification"),
    path("go/<str:kind>/<uuid:pk>/", views.GoView.as_view(), name="go"),
    path("preferences/", views.preferences, name="preferences"),
]
