from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "ltc.workflow"
    label = "workflow"
