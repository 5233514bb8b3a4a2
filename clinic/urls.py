from django.urls import URLPattern, path

from clinic.views import agreement, demo, helpers, home, invitations, looks, me, overview, patients

app_name = 'clinic'
urlpatterns: list[URLPattern] = [
    path('', home.home, name='home'),
    path('demo/', demo.demo, name='demo'),
    path('demo/become/', demo.become, name='demo_become'),
    path('invitation/<str:token>/', invitations.invitation, name='invitation'),
    path('me/', me.me, name='me'),
    path('me/looks/', looks.looks, name='looks'),
    path('me/diary/', me.choose_diary, name='choose_diary'),
    path('me/whose/', me.whose, name='whose'),
    path('me/clinic/', me.choose_clinic, name='choose_clinic'),
    path('me/agreement/', agreement.agreement, name='agreement'),
    path('me/agreement/stop/', agreement.stop, name='stop'),
    path('me/helpers/', helpers.helpers, name='helpers'),
    path('me/helpers/seen/', helpers.helpers_seen, name='helpers_seen'),
    path('me/helpers/invite/', helpers.helper_invite, name='helper_invite'),
    path('me/helpers/<int:caregiver>/', helpers.helper_change, name='helper_change'),
    path('me/helpers/<int:caregiver>/end/', helpers.helper_end, name='helper_end'),
    path('me/helpers/invitations/<int:invitation>/withdraw/', helpers.helper_withdraw, name='helper_withdraw'),
    path('patients/', patients.patients, name='patients'),
    path('patients/enrol/', patients.enrol, name='enrol'),
    path('patients/<uuid:patient>/edit/', patients.patient_edit, name='patient_edit'),
    path('patients/<uuid:patient>/invite/', invitations.invite, name='invite'),
    path('patients/<uuid:patient>/invite/patient/', invitations.invite_again, name='invite_again'),
    path('patients/<uuid:patient>/invitations/<int:invitation>/withdraw/', invitations.withdraw, name='withdraw'),
    path('patients/<uuid:patient>/caregivers/<int:caregiver>/end/', invitations.end_caregiver, name='end_caregiver'),
    path('patients/<uuid:patient>/consent/', invitations.paper_consent, name='paper_consent'),
    path('clinic/', overview.overview, name='overview'),
    path('clinic/invite/', overview.invite_member, name='invite_member'),
    path('clinic/invitations/<int:invitation>/withdraw/', overview.withdraw, name='withdraw_member'),
]
