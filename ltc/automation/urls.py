from ltc.automation.views import ATTRIBUTES, AttributeCreate, AttributeEdit, AttributeList, AttributeRecord
from ltc.web.routes import record_routes

urlpatterns = [
    record_routes(ATTRIBUTES, list_view=AttributeList, record_view=AttributeRecord, create_view=AttributeCreate, edit_view=AttributeEdit),
]
