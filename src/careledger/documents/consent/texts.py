"""What a patient is told before consenting, in plain words of our own, in English and Spanish.

Which statements a program asks for on a date is policy (``PROGRAM.consent.required_statements``); here stand only the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from careledger.core.money import dollars

Language = Literal["en", "es"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "es")
_LINE: Final = "$ ____________"

_NAMES: Final = {
    "en": {
        "ccm": "chronic care management",
        "pcm": "principal care management",
        "apcm": "advanced primary care management",
        "bhi": "behavioral health integration",
        "cocm": "collaborative care",
        "rpm": "remote monitoring of body values",
        "rtm": "remote monitoring of therapy",
        "chi": "community health integration",
        "pin": "illness navigation",
        "pain": "chronic pain management",
    },
    "es": {
        "ccm": "manejo de enfermedades crónicas",
        "pcm": "manejo de su enfermedad principal",
        "apcm": "manejo avanzado de atención primaria",
        "bhi": "integración de la salud mental",
        "cocm": "atención en colaboración",
        "rpm": "control a distancia de sus medidas de salud",
        "rtm": "control a distancia de su tratamiento",
        "chi": "integración con los recursos de la comunidad",
        "pin": "acompañamiento durante una enfermedad grave",
        "pain": "manejo del dolor crónico",
    },
}
_ABOUT: Final = {
    "en": {
        "ccm": "Between visits our team helps you with your long-term conditions: we keep one plan of care with you, watch your "
        "medicines, and speak with the others who treat you.",
        "pcm": "Between visits our team helps you with one serious condition: we keep a plan for it with you and adjust it as "
        "it changes.",
        "apcm": "We are responsible for your primary care all month: you reach us at any hour, and we plan and coordinate your "
        "care.",
        "bhi": "Between visits our team helps you with your mood, sleep, worries or use of substances, together with your other care.",
        "cocm": "A care manager and a psychiatric specialist work with your practitioner on your mood, worries or use of substances.",
        "rpm": "A device at your home measures values such as blood pressure or weight and sends them to our team.",
        "rtm": "A device or application tells our team how your treatment or exercise goes.",
        "chi": "A trained worker helps you with what stands in the way of your care, such as transport, food or housing.",
        "pin": "A trained worker helps you find your way through the care of a serious illness.",
        "pain": "Each month we look after your lasting pain with you: a plan, your medicines, and what helps you do more.",
    },
    "es": {
        "ccm": "Entre una consulta y otra, nuestro equipo le ayuda con sus enfermedades de largo plazo: llevamos con usted un plan "
        "de cuidados, vigilamos sus medicinas y hablamos con los demás profesionales que le atienden.",
        "pcm": "Entre una consulta y otra, nuestro equipo le ayuda con una enfermedad seria: llevamos con usted un plan para ella "
        "y lo cambiamos cuando hace falta.",
        "apcm": "Somos responsables de su atención primaria todo el mes: puede llamarnos a cualquier hora, y planeamos y "
        "coordinamos sus cuidados.",
        "bhi": "Entre una consulta y otra, nuestro equipo le ayuda con su ánimo, su sueño, sus preocupaciones o el uso de "
        "sustancias, junto con el resto de su atención.",
        "cocm": "Una persona encargada de su caso y un especialista en psiquiatría trabajan con su profesional en su ánimo, sus "
        "preocupaciones o el uso de sustancias.",
        "rpm": "Un aparato en su casa mide valores como la presión o el peso y los envía a nuestro equipo.",
        "rtm": "Un aparato o una aplicación le dice a nuestro equipo cómo va su tratamiento o su ejercicio.",
        "chi": "Una persona preparada le ayuda con lo que dificulta su atención, como el transporte, la comida o la vivienda.",
        "pin": "Una persona preparada le ayuda a orientarse en la atención de una enfermedad grave.",
        "pain": "Cada mes cuidamos con usted el dolor que no se va: un plan, sus medicinas y lo que le ayuda a hacer más.",
    },
}
_STATEMENTS: Final = {
    "en": {
        "availability": "This service is open to you. Our team can work on your care between visits, by telephone and in other "
        "ways. Taking part is your choice.",
        "one_practitioner": "Only one practitioner can be paid for this service in a calendar month. Yours would be {practitioner}. "
        "If another practice does this for you already, tell us.",
        "right_to_stop": "You may stop at any time and for any reason; telling us is enough. {stops} Your other care here stays "
        "the same.",
        "specialist_consultation": "Our team may ask specialists, such as one in psychiatry, for advice about your care.",
    },
    "es": {
        "availability": "Este servicio está a su disposición. Nuestro equipo puede ocuparse de sus cuidados entre una consulta y "
        "otra, por teléfono y de otras maneras. Usted decide si participa.",
        "one_practitioner": "Solo se puede pagar a un profesional por este servicio en un mes del calendario. El suyo sería "
        "{practitioner}. Si otro consultorio ya le da este servicio, díganoslo.",
        "right_to_stop": "Puede dejarlo en cualquier momento y por cualquier motivo; basta con decirlo. {stops} El resto de su "
        "atención aquí sigue igual.",
        "specialist_consultation": "Nuestro equipo puede pedir consejo sobre su caso a especialistas, por ejemplo en psiquiatría.",
    },
}
_SHARE: Final = {
    "en": {
        "known": "In a month in which we bill this service, part of the cost falls to you. For a usual month we estimate {share}.",
        "deductible": " Until your deductible of the year is met, it may be up to {most}.",
        "others": " A second insurance may pay it for you.",
        "general": "In a month in which we bill this service, part of the cost may fall to you.",
        "qmb": "By our records you are in the Qualified Medicare Beneficiary program: you owe nothing for this service.",
        "plan": "In a month in which we bill this service, part of the cost may fall to you. Your plan sets the amount; ask it, "
        "or ask us to find out, before you decide.",
    },
    "es": {
        "known": "En un mes en que cobremos este servicio, a usted le toca una parte del costo. Para un mes normal la calculamos en "
        "{share}.",
        "deductible": " Mientras no haya cubierto su deducible del año, puede llegar a {most}.",
        "others": " Un segundo seguro puede pagarla por usted.",
        "general": "En un mes en que cobremos este servicio, puede tocarle a usted una parte del costo.",
        "qmb": "Según nuestros datos, usted está en el programa de beneficiarios calificados de Medicare (QMB): no debe nada por "
        "este servicio.",
        "plan": "En un mes en que cobremos este servicio, puede tocarle a usted una parte del costo. La cantidad la fija su plan; "
        "pregúntele, o pídanos que lo averigüemos, antes de decidir.",
    },
}
_STOPS: Final = {
    "en": {"end_of_month": "It then ends on the last day of that month.", "at_once": "It then ends that day."},
    "es": {"end_of_month": "Entonces termina el último día de ese mes.", "at_once": "Entonces termina ese día."},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the statements name.

    Attributes:
        practitioner: who would be paid; None prints a line to fill in.
        share_cents: the patient's share of a usual month; None when the plan sets it, or it is not known.
        is_share_told: False: what amount was named is not on record, so the form names none.
        before_deductible_cents: what it may be until the deductible is met; None where none applies.
        has_second_payer: a payer behind the first may pay the share.
        is_qmb: owes nothing.
        is_blank: the form is for anyone: the amount is a line to fill in.
        stops_at_month_end: a revocation takes effect at the end of its month.
    """

    practitioner: str | None = None
    share_cents: int | None = None
    is_share_told: bool = True
    before_deductible_cents: int | None = None
    has_second_payer: bool = False
    is_qmb: bool = False
    is_blank: bool = False
    stops_at_month_end: bool = True


def heading(program: str, language: Language) -> str:
    """A program as the form names it."""
    return _NAMES[language][program]


def about(program: str, language: Language) -> str:
    """What the program is, in a sentence or two."""
    return _ABOUT[language][program]


def statement(id_: str, terms: Terms, language: Language) -> str:
    """What the patient is told.

    Raises:
        KeyError: policy asks for a statement that has no words yet.
    """
    if id_ == "cost_sharing":
        return _share(terms, language)
    stops = _STOPS[language]["end_of_month" if terms.stops_at_month_end else "at_once"]
    line = "______________________"
    return _STATEMENTS[language][id_].format(practitioner=terms.practitioner or line, stops=stops)


def _share(terms: Terms, language: Language) -> str:
    words = _SHARE[language]
    if terms.is_blank:
        return words["known"].format(share=_LINE)
    if terms.is_qmb:
        return words["qmb"]
    if terms.share_cents is None and not terms.is_share_told:
        return words["general"]
    if terms.share_cents is None:
        return words["plan"] + (words["others"] if terms.has_second_payer else "")
    said = words["known"].format(share=dollars(terms.share_cents))
    if terms.before_deductible_cents is not None:
        said += words["deductible"].format(most=dollars(terms.before_deductible_cents))
    return said + (words["others"] if terms.has_second_payer else "")
