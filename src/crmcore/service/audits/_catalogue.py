"""Checklists that are ready to use. Their items come from the source articles (see why.md)."""

from typing import Final

from crmcore.model.checklist import Checklist, ChecklistItem
from crmcore.model.touchpoint import ContactArea

__all__ = [
    "contact_areas",
    "contribution",
    "customers_shoes",
    "declaration",
    "diagnostic",
    "leaders_sign_off",
    "listening_and_tone",
    "relationship_quality",
    "service_standards",
]

_AREAS: Final = {
    ContactArea.PRODUCTS: "the range of products",
    ContactArea.SERVICES: "the services",
    ContactArea.PREMISES: "the premises, their design and look",
    ContactArea.COMMUNICATION: "signs, advertising and printed matter",
    ContactArea.STAFF: "the look and behaviour of the employees",
    ContactArea.QUALITY_AND_PRICES: "quality and prices",
    ContactArea.AFTER_SALE: "warranty, the handling of complaints, and other communication after the sale",
}
_ASKED_OF_AREAS: Final = (
    ("met", "The company meets what customers expect of {area}, each time."),
    ("exceeded", "The company does more than customers expect of {area}, each time."),
    ("one_message", "Nothing in {area} contradicts what the company says elsewhere."),
)


def contact_areas() -> Checklist:
    """Return a checklist of the seven contact areas: met, exceeded, and one message in each.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict, audits
        >>> answers = [
        ...     ChecklistAnswer(item_id="staff/met", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="staff/exceeded", verdict=Verdict.UNMET),
        ... ]
        >>> reviewed = Audit.by_group(audits.contact_areas(), answers)
        >>> [area for area, audit in reviewed.items() if not audit.answered]
        ['products', 'services', 'premises', 'communication', 'quality_and_prices', 'after_sale']

    The areas are the groups, as in `ContactArea`. An id joins area and question, such as ``"staff/one_message"``. If
    the subjects are touchpoints, the answers say how ready each one is; if they are the days of reviews, how constant.
    """
    return Checklist(
        id="contact_areas",
        name="Contact areas",
        items=[
            ChecklistItem(id=f"{area}/{name}", text=text.format(area=words), group=area)
            for area, words in _AREAS.items()
            for name, text in _ASKED_OF_AREAS
        ],
    )


def service_standards() -> Checklist:
    """Return a checklist of the standards that the rules of interaction state: meetings, phone, letters, appearance.

    Examples:
        >>> from crmcore import audits
        >>> [(item.id, item.group) for item in audits.service_standards().items][:2]
        [('greets', 'meeting'), ('listens', 'meeting')]
    """
    return _build(
        "service_standards",
        "Rules of interaction",
        ("greets", "meeting", "Greets the customer first, and gives their own name."),
        ("listens", "meeting", "Lets the customer finish, and repeats what they need."),
        ("next_step", "meeting", "Says at the end who does what by when."),
        ("answers_soon", "phone", "Answers within the time that the standard names."),
        ("names_company", "phone", "Names the company and themselves."),
        ("calls_back", "phone", "Calls back when promised, if there is no answer at once."),
        ("salutation", "letter", "Addresses the customer by name."),
        ("clear", "letter", "Answers every question of the customer, in plain words."),
        ("signature", "letter", "Signs with name, role and a direct contact."),
        ("neat", "appearance", "Looks as the standard describes."),
        ("badge", "appearance", "Wears a name that the customer can read."),
    )


def declaration() -> Checklist:
    """Return a checklist of the four principles of the declaration, to audit each interaction.

    Examples:
        >>> from crmcore import AuditScore, ChecklistAnswer, Verdict, audits
        >>> call = [
        ...     ChecklistAnswer(item_id="by_name", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="knows_needs", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="helps", verdict=Verdict.UNMET),
        ...     ChecklistAnswer(item_id="honest", verdict=Verdict.MET),
        ... ]
        >>> AuditScore.of(audits.declaration(), call).score
        Decimal('0.75')
    """
    return _build(
        "declaration",
        "Declaration",
        ("by_name", "", "Calls the customer by name."),
        ("knows_needs", "", "Knows what the customer needs."),
        ("helps", "", "Helps with any question, and foresees the next one."),
        ("honest", "", "Is honest, and leaves a good feeling."),
    )


def leaders_sign_off() -> Checklist:
    """Return a checklist of how the leaders stand behind the declaration, with each leader as a subject.

    Examples:
        >>> from crmcore import ChecklistAnswer, Verdict, audits
        >>> answers = [ChecklistAnswer(item_id="signed", subject_id="olga", verdict=Verdict.MET)]
        >>> [gap.item_id for gap in audits.leaders_sign_off().gaps(answers)]
        ['announced', 'practised', 'successes_told', 'prizes_awarded']
    """
    return _build(
        "leaders_sign_off",
        "Sign-off by the leaders",
        ("signed", "", "Signed the rules and the declaration."),
        ("announced", "", "Told every employee about them in person."),
        ("practised", "", "Follows them, where employees can see it."),
        ("successes_told", "", "Tells the employees what went well with customers."),
        ("prizes_awarded", "", "Awards prizes for what was done for customers."),
    )


def listening_and_tone() -> Checklist:
    """Return a checklist of how an employee listens, and of the tone of the answer, for each talk.

    Examples:
        >>> from crmcore import audits
        >>> [item.id for item in audits.listening_and_tone().items if item.group == "tone"]
        ['polite', 'clear', 'sorry', 'thanks', 'specialist']
    """
    return _build(
        "listening_and_tone",
        "Listening and tone",
        ("asks_needs", "listening", "Asks about needs and problems, not only about the deal."),
        ("lets_finish", "listening", "Lets the customer speak frankly, to the end."),
        ("understands", "listening", "Says what disappointed the customer, and asks whether that is right."),
        ("wish_acknowledged", "listening", "Acknowledges a wish, also one that cannot be fulfilled."),
        ("polite", "tone", "Stays polite, whatever the tone of the customer."),
        ("clear", "tone", "Gives clear arguments."),
        ("sorry", "tone", "Says sorry for what went wrong."),
        ("thanks", "tone", "Says thank you."),
        ("specialist", "tone", "Names the specialist who takes over, and by when."),
    )


def relationship_quality() -> Checklist:
    """Return a checklist of what holds a relationship together, for each customer.

    Examples:
        >>> from crmcore import audits
        >>> [item.id for item in audits.relationship_quality().items]
        ['trust', 'honesty', 'shared_values', 'pleasure', 'both_gain']

    The first four are also measures: see `MeasureKind`.
    """
    return _build(
        "relationship_quality",
        "Quality of a relationship",
        ("trust", "", "Each side can rely on the other."),
        ("honesty", "", "Each side tells the other the truth, also when it is unpleasant."),
        ("shared_values", "", "Both sides find the same things important."),
        ("pleasure", "", "The customer enjoys the contact."),
        ("both_gain", "", "Both sides gain from it."),
    )


def customers_shoes() -> Checklist:
    """Return a checklist of a walk in the customer's shoes: go the whole way as a customer, then ask the employees.

    Examples:
        >>> from crmcore import audits
        >>> audits.customers_shoes().items[0].text
        'Looked for the product as a customer does, from home and on a phone.'
    """
    return _build(
        "customers_shoes",
        "A walk in the customer's shoes",
        ("search", "as a customer", "Looked for the product as a customer does, from home and on a phone."),
        ("arrival", "as a customer", "Came in, and found the way without help."),
        ("question", "as a customer", "Asked a question that customers ask."),
        ("purchase", "as a customer", "Bought, waited and paid as a customer does."),
        ("complaint", "as a customer", "Complained, and waited for the answer."),
        ("daily_trouble", "with employees", "Asked employees what customers complain about."),
        ("obstacles", "with employees", "Asked employees what keeps them from helping."),
        ("ideas", "with employees", "Asked employees what they would change."),
    )


def diagnostic() -> Checklist:
    """Return a checklist of the four tools that put the company under the microscope.

    Examples:
        >>> from crmcore import ChecklistAnswer, Verdict, audits
        >>> done = [ChecklistAnswer(item_id="journey", verdict=Verdict.MET, evidence="map of 2 March")]
        >>> [gap.item_id for gap in audits.diagnostic().gaps(done)]
        ['micro_moments', 'moments_of_truth', 'asking']
    """
    return _build(
        "diagnostic",
        "Four tools of diagnosis",
        ("journey", "", "The journey of the customer is mapped, with what stands in the way."),
        ("micro_moments", "", "Each micro-moment is checked, around the clock."),
        ("moments_of_truth", "", "Good and bad moments of truth are counted."),
        ("asking", "", "Customers are asked what they think."),
    )


def contribution() -> Checklist:
    """Return a checklist of what an employee does to make customers return, with each employee as a subject.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict, audits
        >>> answers = [
        ...     ChecklistAnswer(item_id="indirect", subject_id="store", verdict=Verdict.MET, evidence="packs well"),
        ...     ChecklistAnswer(item_id="direct", subject_id="seller"),
        ... ]
        >>> asked = Audit.by(audits.contribution(), answers, lambda answer: answer.subject_id)
        >>> {name: audit.answered for name, audit in asked.items()}
        {'store': 1, 'seller': 0}

    A blank answer stands for an employee who was not asked yet. The evidence says what they do.
    """
    return _build(
        "contribution",
        "What I do for customers to return",
        ("direct", "", "Can say what they do for customers to return."),
        ("indirect", "", "Can say how their work reaches customers through others."),
        ("effect_known", "", "Knows from customers' answers what it led to."),
    )


def _build(checklist_id: str, name: str, *items: tuple[str, str, str]) -> Checklist:
    return Checklist(
        id=checklist_id,
        name=name,
        items=[ChecklistItem(id=item, group=group, text=text) for item, group, text in items],
    )
