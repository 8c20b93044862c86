from django.db.models import QuerySet

from ltc.catalog.models import Product
from ltc.users.actors import Actor


def products_on_sale(actor: Actor) -> QuerySet[Product]:
    """The products that may be put on a new document."""
    return Product.objects.visible_to(actor).filter(active=True).select_related("tax_code")
