from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("livechat.urls")),
    path("", include("livechat.about_urls")),
    path("", include("accounts.console_urls")),
    path("slack/", include("slackapp.urls")),
    path("", include("slackapp.console_urls")),
    path("", include("billing.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
