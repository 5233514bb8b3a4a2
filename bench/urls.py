from django.urls import path

from bench import views
from config.urls import urlpatterns as house

urlpatterns = [path('bare/', views.bare), path('bare/task/', views.bare_with_task), *house]
