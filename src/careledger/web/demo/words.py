"""What the demo clinic's people wrote, in our own words: elements of plans in two languages, medicines, oversight."""

from __future__ import annotations

TEXTS = {
    "cognitive_functional_assessment": (
        ("Thinks clearly and remembers three of three words. Manages the day alone; needs help with heavy shopping.",
         "Piensa con claridad y recuerda tres de tres palabras. Se arregla sola en el día; necesita ayuda con las compras pesadas."),
        ("Remembers two of three words. Dresses and bathes alone; the daughter fills the pill box once a week.",
         "Recuerda dos de tres palabras. Se viste y se baña sin ayuda; la hija llena el pastillero una vez por semana."),
        ("Thinks clearly. Walks with a cane and has not fallen in six months; drives by day only.",
         "Piensa con claridad. Camina con bastón y no se ha caído en seis meses; maneja solo de día."),
    ),
    "environmental_evaluation": (
        ("Two rooms on the ground floor, grab bars in the bath, no loose rugs. Power and heating are safe.",
         "Dos cuartos en planta baja, barras en el baño, sin tapetes sueltos. La luz y la calefacción son seguras."),
        ("Lives upstairs without a lift; groceries are delivered on Thursdays. A smoke alarm was put in.",
         "Vive en un piso alto sin elevador; el mandado llega los jueves. Se instaló un detector de humo."),
        ("Lives with family in a house with three steps; a night light was placed on the way to the bathroom.",
         "Vive con la familia en una casa con tres escalones; se puso una luz de noche camino al baño."),
    ),
    "caregiver_assessment": (
        ("The spouse helps every day and sleeps well; knows whom to call at night.",
         "La pareja ayuda todos los días y duerme bien; sabe a quién llamar de noche."),
        ("A daughter comes three times a week and works full time; she asked for a free weekend each month.",
         "Una hija viene tres veces por semana y trabaja tiempo completo; pidió un fin de semana libre al mes."),
        ("Lives alone; a neighbour looks in each morning and has a key.",
         "Vive sola; una vecina pasa cada mañana y tiene llave."),
    ),
    "outside_coordination": (
        ("Kidney clinic twice a year; their letter is asked for by fax. Pharmacy delivers monthly.",
         "Clínica del riñón dos veces al año; se pide su carta por fax. La farmacia entrega cada mes."),
        ("Heart clinic in spring and autumn; meals are brought by the county's program on weekdays.",
         "Clínica del corazón en primavera y otoño; el programa del condado lleva comida entre semana."),
        ("Eye examination once a year; rides by the senior centre, to be ordered two days ahead.",
         "Examen de los ojos una vez al año; transporte del centro de mayores, se pide dos días antes."),
    ),
    "periodic_review": (
        ("Care manager and practitioner look at the plan together every three months, sooner after a hospital stay.",
         "La encargada y el médico revisan el plan juntos cada tres meses, y antes si hay hospitalización."),
    ),
    "revision": (
        ("Written out here from the earlier plan of the former record; goals got a measure, a value and a day.",
         "Escrito aquí a partir del plan anterior; las metas tienen ahora medida, valor y fecha."),
    ),
}  # fmt: skip
"""Element to its variants, each in English and Spanish."""
MEDICINES = {
    "hypertension": ("Lisinopril", "20 mg", "one tablet in the morning", "blood pressure"),
    "hyperlipidaemia": ("Atorvastatin", "40 mg", "one tablet in the evening", "cholesterol"),
    "ischaemic_heart_disease": ("Aspirin", "81 mg", "one tablet in the morning", "heart"),
    "heart_failure": ("Furosemide", "40 mg", "one tablet in the morning", "water in legs and lungs"),
    "diabetes": ("Metformin", "500 mg", "one tablet with breakfast and dinner", "blood sugar"),
    "depression": ("Sertraline", "50 mg", "one tablet in the morning", "mood"),
    "hypothyroidism": ("Levothyroxine", "75 micrograms", "one tablet an hour before breakfast", "thyroid"),
    "arthritis": ("Acetaminophen", "500 mg", "two tablets when needed, six a day at most", "pain in the joints"),
    "kidney_disease": ("Sodium bicarbonate", "650 mg", "one tablet twice a day", "acid balance of the kidneys"),
}
"""Condition template to name, dose, how and what for."""
ALLERGIES = (("No known allergies", ""), ("Penicillin", "rash"), ("Sulfa drugs", "hives"))
REVIEWS = {
    "improving": "Better than three months ago; the patient writes the values down.",
    "achieved": "Reached and held for two months; the patient is proud of it.",
    "worsening": "Worse since the summer; the practitioner looks at the medicines this week.",
    "no-progress": "No nearer. Asked what stands in the way: the cost of fresh food. The county's program is asked.",
}
ACTS = (
    ("tracking_progress", "review_results", 20, "Blood pressure of the panel's twelve highest, last values of the month",
     "Seven on course, five at risk; their plans are revised with the care managers this week."),
    ("evaluation_and_goals", "develop_plan", 25, "Newly enrolled after two stays in hospital within a year",
     "Goals set with measure and day; the daughter fills the pill box."),
    ("communication", "call_professional", 15, "The kidney clinic's nurse practitioner, about the water tablet",
     "Dose stays; blood test in two weeks, result goes to both of us."),
    ("monitoring_and_quality", "program_panel_review", 40, "Enrolment and plan reviews of the last quarter",
     "Nineteen plans are due for review; two a day until the month's end, by the care managers."),
)  # fmt: skip
"""(component, activity, minutes, first line of its template, second line)."""
DUTIES = {
    "quality": "Direct the quality improvement of care management",
    "protocols": "Write and renew the protocols of the care team",
    "training": "Train care managers and medical assistants",
}
DIRECTED = (
    ("quality", 2, 9, 45, "Reviewed the run chart of plan reviews with the team and chose the next change to try"),
    ("protocols", 5, 13, 60, "Rewrote the protocol for calls after a stay in hospital and sent it around for comments"),
    ("training", 9, 12, 60, "Taught the care managers how a measurable goal is written, with examples from practice"),
    ("quality", 13, 9, 30, "Looked at how many first calls were answered and settled the hours of the second attempt"),
    ("protocols", 19, 16, 45, "Put the comments into the protocol and signed its new edition for the care team"),
    ("quality", 23, 9, 50, "Prepared figures and questions for the quarterly meeting of the board on this program"),
)
"""(duty, day of the month, hour, minutes, what was done)."""
AIMS = (
    ("Every plan is reviewed within twelve months", "plans reviewed within 12 months", "%", 95.0, "up",
     (71, 70, 73, 72, 74, 79, 83, 86, 88, 91, 92, 93),
     ("Each care manager opens the list of due reviews on Monday and Thursday.",
      "Tried by one care manager for four weeks.",
      "Her share rose from 72 to 86 of 100; twenty minutes a week.",
      "All care managers do it from now on.")),
    ("Blood pressure is in the safe range", "patients whose last value met their goal", "%", 70.0, "up",
     (52, 55, 53, 54, 52, 56, 55, 58, 57, 60, 61, 63),
     ("Cuffs are lent to those without one; values are asked for by telephone every second week.",
      "Twenty cuffs were lent.", "", "")),
)  # fmt: skip
"""(aim, measure, unit, target, better, a value a month up to last month, plan do study act)."""
INQUIRIES = (
    ("not_clinical_staff", "inquiry", "Asked the clerk's supervisor whose call it was; the time is taken out unless a nurse made it."),
    ("two_patients_at_once", "inquiry", "The two entries overlap; the care manager looks at her calendar and corrects one."),
    ("night_or_day_off", "no_fault", "The patient had called the night line; the schedule of that week names this nurse."),
)  # fmt: skip
"""(question of the radar, step, note): what compliance did with one finding of each."""
