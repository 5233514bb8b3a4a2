from django.urls import path

from bench import views
from config import health

urlpatterns = [
    path('bare/', views.bare),
    path('bare/task/', views.bare_with_task),
    path('health/ready', health.ready),
]
