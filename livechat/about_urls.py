from django.urls import path

from livechat.views import about

urlpatterns = [
    path("privacy", about.privacy, name="privacy"),
    path("terms", about.terms, name="terms"),
    path("security", about.security, name="security"),
    path(".well-known/security.txt", about.security_txt, name="security_txt"),
    path("support", about.support, name="support"),
    path("support/sent", about.support_sent, name="support_sent"),
]
