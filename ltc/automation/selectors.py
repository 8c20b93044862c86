from ltc.automation.models import CustomField


def fields_of(entity: str) -> dict[str, CustomField]:
    """The attributes of a kind of record that are in use, by code."""
    return {field.code: field for field in CustomField.objects.filter(entity=entity, active=True).order_by("label", "id")}


def fields_to_learn_from(entity: str) -> list[tuple[str, str]]:
    """Code and kind of the attributes that the administrator has marked for learning; days say nothing by themselves and are left out."""
    marked = CustomField.objects.filter(entity=entity, active=True, is_feature=True).exclude(kind=CustomField.Kind.DATE)
    return list(marked.order_by("code").values_list("code", "kind"))
