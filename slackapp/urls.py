from django.urls import path

from slackapp.views import about, linking, oauth, proving, signin

urlpatterns = [
    path("install", oauth.install, name="slack_install"),
    path("oauth/callback", oauth.callback, name="slack_oauth_callback"),
    path("login", signin.login, name="slack_login"),
    path("scopes", about.scopes, name="slack_scopes"),
    path("login/callback", signin.callback, name="slack_login_callback"),
    path("prove", proving.page, name="slack_prove"),
    path("link", linking.page, name="slack_link"),
]
