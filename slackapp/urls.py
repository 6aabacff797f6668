from django.urls import path

from slackapp.views import oauth

urlpatterns = [
    path("install", oauth.install, name="slack_install"),
    path("oauth/callback", oauth.callback, name="slack_oauth_callback"),
]
