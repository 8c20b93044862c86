from ltc.api.routers import router
from ltc.backoffice.api.views import InvitationsView

router.add("invitations", InvitationsView)
