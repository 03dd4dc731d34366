"""The words that the rules of follow-ups know: English, in lower case, as sets.

Whoever adds a word adds it here; the rules are in the other modules. What the rules match as a
pattern stands there.
"""

from __future__ import annotations

from loccit.qa.reading.words import word_set

# --- Words of grammar ---
# These open a noun phrase; some of them also point.
ARTICLES = word_set("the a an this that these those my our your each every")
DO_FORMS = word_set("do does did")
BE_FORMS = word_set("is are was were")
AUXILIARIES = (
    DO_FORMS
    | BE_FORMS
    | word_set("am has have had can could may might must shall should will would")
)
MODALS = AUXILIARIES - word_set("has have had")
ASKING = word_set("who whom whose what which when where why how")
PREPOSITIONS = word_set(
    "about after against at before between by during for from in into of on over per since"
    " through to under until with without within"
)
# These join two noun phrases.
JOINING = word_set("of for to with against")
# These open a clause.
CLAUSES = word_set(
    "when if because while that although whether who which how why where what and but or"
)
# These open a clause if a subject follows.
CLAUSES_BEFORE_SUBJECTS = word_set("after before since until as")

# --- Pronouns and words that point ---
POSSESSIVES = word_set("its their his her")
PERSONS = word_set("he she him his her")
PERSONAL = PERSONS | word_set("it its they them their")
SUBJECTS = word_set("he she it they")
POINTING = word_set("that this those these")
# Before a "that" that points.
BEFORE_THAT = (AUXILIARIES - {"have", "has", "had"}) | PREPOSITIONS | {"", "and"}
# After a "this" that points to the time of asking.
OF_TIME = word_set("year week month morning evening day time way case kind sort type")
# These refer to what was said before.
REFERRING = word_set("there here this these that those such same")
# The stem of "ones", which gives way to its noun.
STANDING_FOR_NOUNS = word_set("one")

# --- Verbs, and adjectives after a subject ---
# Verbs that do not show themselves by -ed, and participles that often end a question.
VERBS = word_set(
    "allow apply arrive become begin belong born bought bring brought build built buy carry"
    " change chosen close contain cost decide die discover drawn drive driven earn employ end"
    " enforce fall fell find follow forbid forbidden forget forgot found given grow grown"
    " held include increase issue kept keep know known learn leave led left lie live lives"
    " lost made make marry mean means need needs paid pay play produce publish put receive"
    " return run said say says sell sent sold speak start stand stay stop study taken take"
    " takes taught teach turn vote want weigh weighs win won cancel cause claim cover exclude"
    " fix happen own owe protect provide raise reduce require sign support terminate treat"
    " use work works worn write written wrote"
)
COMMANDS = word_set("describe explain list tell show give compare summarise summarize find")
# Said of a subject: "how long is a permit valid".
STATES = word_set(
    "valid open closed available due large high long old big ready full empty free safe deep wide"
    " necessary responsible liable legal expensive heavy tall important"
)

# --- What follows a question word ---
# After "how".
HOW_MUCH = word_set(
    "many much long often old far large big high low fast soon late tall heavy deep"
)
AFTER_ASKING = word_set("exactly one ones else not so come precisely")

# --- People and things ---
MALE = word_set("father husband son brother uncle nephew grandfather chairman king man he")
FEMALE = word_set("mother wife daughter sister aunt niece grandmother chairwoman queen woman she")
# People whose word has no ending that tells so.
RELATIONS = word_set(
    "father mother husband wife son daughter brother sister uncle aunt nephew niece grandfather"
    " grandmother boss chief king queen man woman chair friend partner"
)
# Things whose word has the ending of a role (-er, -ent).
THINGS = word_set(
    "rent event content percent extent order offer filter printer computer folder server cover"
    " border river center layer error floor door factor sector color colour vapor vapour"
    " plant grant restaurant variant constant address process success access business progress"
    " fee degree tree coffee committee list mist objective drive alternative archive"
    " incentive initiative directive answer weather matter chapter quarter semester register"
    " transfer buffer counter shower corner dinner supper temper fiber fibre timber timer cancer"
    " fever liver ulcer tumor tumour valor labor labour favor favour flavor flavour humor humour"
    " accident incident component ingredient patent talent tent cent current coolant pollutant"
)
# Named things: "that company".
KINDS = word_set(
    "company bank firm business corporation organisation organization club team group association"
    " city town village country region place school university hospital museum building person man"
    " woman artist author scientist composer device product machine model car ship ferry boat"
    " act law game film song"
)
# Documents: "this contract".
PAPERS = word_set(
    "document contract report paper text file study article book manual lease minutes recipe page"
    " letter agreement policy"
)

# --- Places and measures ---
# Before a place.
PLACING = word_set("in at from to")
PLACES = word_set(
    "germany france spain italy portugal greece austria switzerland belgium netherlands luxembourg"
    " denmark sweden norway finland iceland ireland britain england scotland wales poland hungary"
    " romania bulgaria croatia serbia slovenia slovakia estonia latvia lithuania ukraine russia"
    " turkey israel egypt morocco algeria nigeria kenya ethiopia ghana africa asia europe america"
    " canada mexico brazil argentina chile peru colombia australia china japan india korea taiwan"
    " vietnam thailand indonesia malaysia singapore philippines pakistan bangladesh iran iraq usa"
    " berlin paris london rome madrid vienna brussels amsterdam copenhagen stockholm oslo helsinki"
    " dublin lisbon athens warsaw prague budapest zurich geneva munich hamburg tokyo beijing"
)
# Asked for with "where".
WHERE = word_set("headquarters address birthplace office home location seat")
# Of a term with "of": "period of notice".
HALF_TERMS = word_set("period date number place term kind type form sort")
