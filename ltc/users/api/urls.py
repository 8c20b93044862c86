from ltc.api.routers import router
from ltc.users.api.views import KeyViewSet, MemberViewSet, MeView, OptionsView, SettingsView, TeamViewSet

router.register("teams", TeamViewSet)
router.register("members", MemberViewSet)
router.register("keys", KeyViewSet)
router.add("me", MeView)
router.add("settings", SettingsView)
router.add("settings/options", OptionsView)
