from ltc.api.routers import router
from ltc.customers.api.views import AddressViewSet, ContactViewSet, CustomerViewSet

router.register("customers", CustomerViewSet)
router.register("contacts", ContactViewSet)
router.register("addresses", AddressViewSet)
