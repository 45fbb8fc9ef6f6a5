"""Words of English that the rules know, by what they tell."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MODALS = _set(
    "will won't would wouldn't can can't cannot could couldn't shall should shouldn't may might must mustn't ought"
    " was wasn't were weren't had hadn't did didn't is isn't are aren't has hasn't does doesn't used"
)
"""Verbs that stay as they are behind any subject."""
ADVERBS = _set(
    "also just really usually always never often still actually recently finally currently already even only sometimes"
    " now then kinda sorta both totally truly mostly mainly rarely seldom ever again soon once almost first quite"
    " sure simply later once hardly barely pretty so not too"
)
NO_ADVERBS = _set("apply supply reply rely fly multiply comply imply family july italy only")
PAST = _set(
    "was were had did went got made took came saw gave found told thought knew felt became left began kept held wrote"
    " stood heard meant met ran paid sat spoke lay led grew lost fell sent built understood drew broke spent rose drove"
    " bought wore chose ate drank sang swam rode flew forgot froze hid shook slept stole swore taught threw woke won"
    " caught brought fought sought sold said stuck struck swept dealt dug fed fled hung lent lit rang shot shone slid"
    " spun spilt stung tore wept bent bound bred crept dreamt leapt learnt burnt overcame undertook withdrew beat"
)
EITHER = _set("put set cut hit cost read quit hurt shut spread bet split let upset reset cast burst")
"""Past as well as present."""
NO_PAST = _set("need feed speed bleed breed exceed proceed succeed embed shed wed heed weed seed")
PARTICIPLES = PAST | _set(
    "been done gone seen given taken known become begun written spoken grown fallen drawn broken risen driven worn"
    " chosen eaten drunk sung swum ridden flown forgotten frozen hidden shaken stolen sworn thrown woken come"
    " run better"
)
COORDINATED = _set(
    "love like prefer hate enjoy work live use run go have make take play read write teach want need keep help"
    " cook bake"
    " drink eat miss hope walk swim drive cycle train study practice practise coach collect listen watch visit"
    " own share rent"
    " manage lead build grow speak travel spend buy sell plan try do meet deploy test review ship stay sleep wake"
)
"""Verbs that a second one behind "and" is likely to be."""
KIN = _set(
    "wife husband partner girlfriend boyfriend fiance fiancee mother mom mum father dad parents son daughter kids"
    " children child baby brother sister siblings grandma grandmother grandpa grandfather grandparents uncle aunt"
    " cousin niece nephew friend friends colleague colleagues coworker boss manager neighbor neighbour roommate mentor"
    " teammate team family dog cat puppy kitten pet pets parrot bird rabbit hamster horse fish"
)
HAVINGS = _set(
    "car bike truck van house apartment flat condo garden yard kitchen office studio store shop business company job"
    " laptop computer phone camera lens guitar piano violin desk tv tablet watch collection library account"
    " subscription"
    " degree school college university course class classes workshop project thesis book novel script blog channel"
    " podcast website app repo repository server database cluster license birthday wedding anniversary party trip"
    " vacation holiday flight hotel conference concert festival race marathon tournament game match league"
    " lesson lessons"
    " surgery doctor dentist therapist diagnosis allergy diet recipe recipes budget mortgage rent salary loan insurance"
    " exam exams interview internship promotion contract deal league team gym yoga painting paintings sculpture"
    " instrument hobby cello flute drums orchestra band choir shift shifts savings pension passport visa"
)
EVENTS = _set(
    "bought buy got get received won lost started start began joined join moved move adopted adopt quit left visited"
    " visit attended attend met meet graduated finished completed signed made built build painted wrote published"
    " launched opened sold ordered booked scheduled hired fired promoted married engaged divorced born died passed"
    " broke injured went traveled travelled flew drove ran hiked camped cooked baked planted harvested fixed repaired"
    " installed upgraded switched replaced registered enrolled volunteered donated performed competed participated"
    " participate participating hosted hosting celebrated celebrate celebrating read watched played saw took taken"
    " spent spend saved paid pay earned cost costs costed picked found created designed learned learnt learning"
    " studying studied working work works live lives lived living play plays playing own owns owned"
    " owning have had having planning"
    " plan plans planned preparing training practicing practising reading writing taking making building renovating"
    " organizing organized organising using use uses used trying tried teaching taught coaching coached"
    " maintain maintains maintained rotate rotates rotated"
    " running searching looking interviewing applied apply applying accepted offered invited recommended suggested"
    " gave given sent brought borrowed lent returned called named set collected collect diagnosed"
    " hurt sprained recovered recovering stopped stop cancelled canceled missed failed passed failed retired retiring"
    " relocated renting rented leased growing grew raised raising redeemed redeem tracked tracking reached achieved"
    " harvesting leading led managed managing founded wearing drinking eating swimming cycling dancing singing"
    " experimenting researching developing shooting filming recording streaming gaming grabbed scored gained attending"
    " written given driven worn chosen eaten drunk ridden flown forgotten broken sung spoken done been gone seen"
    " keep keeping kept store"
    " storing stored need needs needed want wants trying ordered told sewing knitting gardening fishing baking cooking"
    " trained dropped replaced cleaned assembled donated handed tripped fell visited staying stayed stay wake waking"
    " woke sleep slept speak speaks spoke came come listening listened switching discovered"
)
LIKINGS = _set(
    "love loves loved like likes liked prefer prefers preferred hate hates hated enjoy enjoys enjoyed enjoying adore"
    " favorite favourite favorites favourites fave faves dislike dislikes fan obsessed interested fascinated allergic"
    " vegetarian vegan passionate addicted afraid scared loving into"
)
VAGUE = _set(
    "amazing awesome inspiring inspired inspiration inspire inspires support supportive supporting supported grateful"
    " thankful blessed lucky proud glad happy happiness happier joy joyful wonderful incredible fantastic cool nice"
    " sweet important importance meaningful special rewarding fulfilling fulfillment motivating motivated motivation"
    " motivates encouragement encouraging encourage passion dream dreams goal goals journey growth difference impact"
    " positive positivity hope hopeful hoping optimistic kindness compassion gratitude appreciate appreciated"
    " appreciation together memories memory moments moment life believe belief strength strong resilience resilient"
    " determination determined dedication dedicated perseverance courage brave community connection connections bond"
    " bonding powerful power peace peaceful calm calming relaxing beauty beautiful gorgeous lovely great fun exciting"
    " excited thrilled thrilling heartwarming touching tough hard challenging challenges challenge"
    " struggle struggles focus focused creativity creative expression express feelings feeling emotions emotional"
    " understanding accept acceptance accepting belong confident confidence pushing chase chasing success successful"
    " achieve worth cherish reminder remind reminds reminded reminding everything something anything someone everyone"
    " things stuff way ways lot bit definitely totally absolutely truly such much so people others world self"
    " experience experiences atmosphere vibe vibes energy uplifting refreshing therapeutic freeing magical"
    " unforgettable"
)
"""Words of feeling and praise: where they are most of what is said, nothing is told."""
STOP = _set(
    "a an the this that these those some any each every all both either neither no not nor and or but if then"
    " than so as"
    " of at by for with about against between into through during before after above below to from up down in"
    " out on off"
    " over under again here there when where why how what which who whom whose i me my mine myself you your"
    " yours he him"
    " his she her hers it its itself we us our ours they them their theirs am is are was were be been being do does did"
    " have has had having can could shall should will would might must let just also too very only more most other much"
    " many i'm i've i'd i'll it's that's don't didn't can't we're we've they're really even now well got get gonna one"
)
ENGLISH = _set(
    "the and of is was i my i'm i've it's to with for that on have had are you we our this from at be by not but about"
    " it an just were been don't which as will so a in"
)
MONTHS = str.split("January February March April May June July August September October November December")
CAPITALISED = _set(
    "I I'm I've I'd I'll OK Okay Yes No Thanks Wow Hey Hi Oh My The A An And But So It It's We You He She They"
    " This That"
    " There Her His Their Its Last Next One Two Not Monday Tuesday Wednesday Thursday Friday Saturday Sunday In"
    " On At For If When What How Also By BTW LOL OMG TV USA UK PM AM DIY"
)
"""Written with a capital though they name nothing in particular."""
WORD = re.compile(r"[^\W_][\w'\-]*(?:[./:][\w\-]+)*")
