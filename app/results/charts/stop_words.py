"""Words that say nothing by themselves, in the languages of the service: they are not counted in open answers."""

from __future__ import annotations

from collections.abc import Iterable

STOP_WORDS = {
    "en": (
        "a about above after again all also am an and any are as at be because been before being but by can could did do does doing"
        " don't down during each even every few for from further get got had has have having he her here hers him his how i i'd i'll"
        " i'm i've if in into is isn't it it's its itself just like made make many may me might more most much must my myself no nor not"
        " of off on once one only or other our ours out over own people quite rather really s same she should so some still such t than"
        " that that's the their theirs them then there there's these they they're this those though through to too under until up us"
        " very was wasn't we we're well were what when where which while who whom whose why will with within without would yet you"
        " your yours"
    ),
    "de": (
        "ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da dabei dadurch dafür"
        " daher damit dann daran darauf darum das dass dazu dein dem den denen denn der deren des deshalb dessen die dies diese diesem"
        " diesen dieser dieses doch dort du durch ein eine einem einen einer eines einfach er es etwas euch für gegen gibt habe haben hat"
        " hatte hätte hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes"
        " jetzt kann kein keine keinen können könnte machen man mehr mein meine meinem meinen meiner mich mir mit muss müssen nach nicht"
        " nichts noch nun nur ob oder oft ohne sehr sein seine seinem seinen seiner seit sich sie sind so soll sollte sondern um und uns"
        " unser unsere unter viel viele vom von vor war waren was weg weil weiter welche welcher wenn wer werden wie wieder will wir wird"
        " wo wurde würde zu zum zur über"
    ),
    "fr": (
        "a ai aie ainsi alors après au aucun aussi autre autres aux avant avec avoir beaucoup bien c ce cela celle celui ces cet cette ceux"
        " chaque chez comme comment d dans de depuis des donc du elle elles en encore entre est et eu eux faire fait faut fois font ici il"
        " ils j je l la là le les leur leurs lui m ma mais me même mêmes mes moi moins mon n ne ni nos notre nous on ont ou où par parce pas"
        " peu peut plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si soi soit son sont sous sur t"
        " ta te tes toi ton toujours tous tout toute toutes trop très tu un une vers vos votre vous y à ça était être"
    ),
    "es": (
        "a al algo alguna alguno ante antes aquí así aun aunque aún bien cada como con contra cual cuando cómo de del desde donde dos e el"
        " ella ellas ellos en entre era eran es esa ese eso esos esta estaba estado estar este esto estos está están fue fueron ha había"
        " hace hacer hacia han hasta hay la las le les lo los me mi mis mismo mucho muchos muy más mí nada ni no nos nosotros nuestra"
        " nuestro o otra otras otro otros para pero poco por porque pues que quien quienes qué se sea ser si sin sino sobre solo son su sus"
        " sí también tan tanto te tener tiene tienen toda todas todo todos tu tus un una uno unos y ya yo él"
    ),
    "ar": (
        "في من على إلى عن أن إن لا ما هذا هذه ذلك تلك التي الذي الذين هو هي هم هن أنا نحن أنت كان كانت يكون كل بعض غير بين بعد قبل عند مع"
        " أو و ثم قد لقد لم لن ليس حتى إذا لو كما لكن بل أي أيضا أيضاً فقط جدا جداً به بها له لها لهم فيه فيها عليه عليها منه منها هنا هناك"
        " حيث لأن كيف متى لماذا ماذا"
    ),
}  # fmt: skip


def stop_words(languages: Iterable[str]) -> frozenset[str]:
    """Those of these languages; a language without a list of its own has none."""
    return frozenset(word for tag in languages for word in STOP_WORDS.get(tag.split("-")[0].lower(), "").split())
