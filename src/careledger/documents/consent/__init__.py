"""The consent form people read and sign, in English and Spanish: texts in our own words, and the PDF."""

from careledger.documents.consent.form import ConsentForm, consent_pdf
from careledger.documents.consent.texts import LANGUAGES, Terms, about, heading, statement

__all__ = ["LANGUAGES", "ConsentForm", "Terms", "about", "consent_pdf", "heading", "statement"]
