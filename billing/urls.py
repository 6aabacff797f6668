from django.urls import path

from billing.views import prices

urlpatterns = [
    path("pricing", prices.pricing, name="pricing"),
]
