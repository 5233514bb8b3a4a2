from django.urls import URLPattern, path
from django.urls.resolvers import URLResolver

from diary.urls_treatment import treatment_urls
from diary.views import entry, help, kept, offline, photos, today

app_name = 'diary'
urlpatterns: list[URLPattern | URLResolver] = [
    path('today/', today.today, name='today'),
    path('entry/new/', entry.entry_new, name='entry_new'),
    path('entry/nothing-new/', today.nothing_new, name='nothing_new'),
    path('entry/<uuid:entry>/', kept.entry, name='entry'),
    path('entry/<uuid:entry>/correct/', kept.entry_correct, name='entry_correct'),
    path('photos/<uuid:photo>/', photos.photo, name='photo'),
    path('photos/<uuid:photo>/remove/', photos.photo_remove, name='photo_remove'),
    path('help/', help.help_page, name='help'),
    path('unsent/', offline.unsent, name='unsent'),
    path('offline/here/', offline.here, name='offline_here'),
    path('manifest.webmanifest', offline.manifest, name='manifest'),
    *treatment_urls,
]
