"""Django's admin with a site of ours; beside `accounts.apps`, whose module may hold one default configuration alone."""

from django.contrib.admin.apps import AdminConfig


class OperatorConfig(AdminConfig):
    default_site = "accounts.operator_site.OperatorSite"
