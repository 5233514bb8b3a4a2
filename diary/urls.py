from django.urls import URLPattern
from django.urls.resolvers import URLResolver

from diary.urls_treatment import treatment_urls

app_name = 'diary'
urlpatterns: list[URLPattern | URLResolver] = [*treatment_urls]
