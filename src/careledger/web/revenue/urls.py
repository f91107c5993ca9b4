from __future__ import annotations

from django.urls import path

from careledger.web.revenue import claim_views, closing_views, money_views, sign_views

urlpatterns = [
    path("", claim_views.claims, name="claims"),
    path("make/", claim_views.make, name="claims_make"),
    path("send/", claim_views.send, name="claims_send"),
    path("answers/", claim_views.answers, name="claims_answers"),
    path("batch/<int:batch_id>/", claim_views.batch_file, name="batch_file"),
    path("forms.pdf", claim_views.forms_pdf, name="claims_forms"),
    path("proofs.pdf", claim_views.proofs_pdf, name="claims_proofs"),
    path("claim/<str:number>/", claim_views.claim, name="claim"),
    path("claim/<str:number>/follow/", claim_views.follow, name="claim_follow"),
    path("remittances/", money_views.remits, name="remits"),
    path("remittances/post/", money_views.post, name="remit_post"),
    path("remittances/paper/", money_views.paper, name="remit_paper"),
    path("remittances/<str:file_id>/release/", money_views.release, name="remit_release"),
    path("denials/", money_views.denied, name="denials"),
    path("denials/<int:work_id>/end/", money_views.end, name="denial_end"),
    path("denials/<int:work_id>/appeal/", money_views.appeal, name="denial_appeal"),
    path("money/", money_views.money, name="money"),
    path("shares/", money_views.shares, name="shares"),
    path("sign/<str:month>/", sign_views.signatures, name="signatures"),
    path("sign/<str:month>/<int:patient_id>/", sign_views.sign_panel, name="sign_panel"),
    path("sign/<str:month>/<int:patient_id>/decision-making/", sign_views.decision_making, name="decision_making"),
    path("sign/<str:month>/<int:patient_id>/review/", sign_views.review, name="month_review"),
    path("sign/<str:month>/<int:patient_id>/sign/", sign_views.sign, name="month_sign"),
    path("month/<str:month>/closing/", closing_views.closing_panel, name="closing_panel"),
    path("month/<str:month>/close/", closing_views.month_close, name="month_close"),
    path("month/<str:month>/reopen/", closing_views.month_reopen, name="month_reopen"),
    path("binder/<str:month>/<int:patient_id>/", sign_views.binder, name="binder"),
]
