from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("livechat.urls")),
    path("slack/", include("slackapp.urls")),
    path("", include("slackapp.console_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
