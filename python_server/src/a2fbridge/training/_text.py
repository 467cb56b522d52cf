"""Sentences for the synthetic speakers, from word lists and templates of our own.

One half leans on what shows on a face: lips that close (p, b, m), teeth on lip (f, v), rounded lips
(w, oo, sh, ch, r), open vowels, tongue between teeth (th).  The other half, plain sentences, holds what is easily
taken for closing lips: t, d, n, k, g and the stopped th of "in the", "at the"; few p, b, m.  Together they are
about as rich in closures as spoken English is, so that a network learns how rare closures are.
"""

from __future__ import annotations

import random

__all__ = ["plain", "sentences"]

_LISTS = {
    "who": """
        my mother|the brown puppy|a young farmer|Bob|Pam and Ben|five old women|the bishop|
        our choir teacher|that small boy|Zoe|the whole team|Vivian|a wise owl|Joyce|Rufus|the shoemaker|
        both of my brothers|Thelma|the mayor|everyone|a clever fox|Matthew|George|the woodchuck|
        your cousin|Maya|the jury|a bumblebee|Philip|somebody|the chef|Ruth|Uncle Shaw|a yellow canary|
        the vet|Eve""",
    "did": """
        bought|pushed|painted|moved|chewed|found|watched|saved|threw|loved|wrapped|measured|borrowed|
        shook|gathered|brought|forgot|offered|covered|mapped|teased out|swept up|counted|believed in|
        folded|buried|remembered|described|grabbed|polished|choked on|followed|voted for|rubbed|improved|
        washed""",
    "what": """
        a big purple balloon|the maple bench|some warm bread|five blue boots|the rusty van|
        a thick feather|two wooden spoons|the ripe plums|fresh fish|an awful joke|the orange juice|
        a pair of shoes|that map|the broom|a cup of tea|the garage key|every mushroom|a bowl of beef soup|
        the yellow yacht|a tiny wheel|the treasure|three thin leather gloves|a new blouse|the empty box|
        my favourite film|the loud choir|a smooth marble|the pumpkin pie|several poems|a vase of ivy|
        the beehive|some cheap cheese|a moth|the other half|a huge bathtub|his umbrella""",
    "where": """
        by the pool|above the shop|in Rome|under the bridge|near the old oak|at the farm|behind the choir|
        on the beach|across the muddy field|in the movie|through the woods|beside the empty barn|
        on Thursday|for a whole week|in the cool shade|between the poplars|at half past five|
        over the loud music|after lunch|before the vote|around the moon|with great pleasure|on the roof|
        upstairs|in August|with both thumbs""",
    "why": """
        because we were hungry|so people could leave|but nobody moved|and the room went quiet|
        while the bell rang|until the rain came|if you ask me|though it was much too warm|
        and then he blew the fuse|which is a pity|as if by magic|when the boat arrived|
        whether we approve or not|before anybody woke up""",
    "how": """
        slowly|maybe|perhaps|of course|by the way|in my opinion|for example|believe me|oh well|you know|
        to be fair|every morning|above all|frankly|wow|usually|at the moment|somehow""",
    "is": """
        too big|very pleasant|rather moody|full of bees|open|as smooth as oil|wobbly|above average|wet|
        blue|far away|awfully cheap|worth a fortune|beyond repair|as deep as the ocean|ripe|shiny|unusual|
        thirsty|a bit over the top|warm enough|brave|my business|the same""",
    "ask": """
        Who|Why on earth|How often|When exactly|Which of you|Where""",
    "verb": """
        move|pay for|believe|have|wash|watch|break|put away|borrow|open|choose|breathe near|fix|vote for|
        hum|pull|shave|juggle|bathe|forgive|jump over|shove""",
    "short": """
        Yes.|No.|Maybe.|Oh!|Wow!|Hello.|Good morning.|Bye bye.|Me too.|Why?|Who?|Move!|Stop!|Boom!|
        Help me!|Above.|Beautiful.|Perfect.|Fifty five.|Goodbye, mum.|What a pity.|Please, papa.|
        Thank you very much.|Shh!|You?|Oops.|Amazing!|Wait.|Over there.|I love it.|Of course.|Absolutely.|
        Ah.|Ooh.|Eee.|Hmm, maybe.|Are you OK?|See you soon.|Have fun!|Watch out!|Ouch!|Never mind.|
        Both of them.|Enough!|We won!""",
    "list": """
        bees|plums|shoes|thumbs|wolves|maps|chairs|figs|voices|mops|bells|pearls|feathers|yams|jewels|
        oars|boots|waves|lamps|fish|movies|eggs|owls|houses|lions|keys|knives|roads|germs|thieves""",
    "number": "two|three|four|five|six|seven|nine|eleven|twelve|fifteen|forty|fifty|a thousand|a few",
}
_PATTERNS = (
    "{who} {did} {what}.",
    "{who} {did} {what} {where}.",
    "{who} {did} {what} {where}, {why}.",
    "{how}, {who} {did} {what}.",
    "{what} {where} is {is}.",
    "{what} is {is}, {why}.",
    "Did {who} ever {verb} {what}?",
    "{ask} would {verb} {what} {where}?",
    "Could you {verb} {what}, please?",
    "I want to {verb} {what}, but {what} is {is}.",
    "We saw {number} {list}, {number} {list} and {number} {list}.",
    "{number} {list} {where}; {number} {list} {where}.",
    "{short} {who} {did} {what}.",
    "{short} {short}",
    "{short}",
    "Is {what} {is}, or is it {is}?",
    "You should {verb} {what} {where}.",
    "Don't {verb} {what}! It is {is}.",
    "My {list}, your {list}, their {list}.",
    "Whatever you do, {verb} {what} and {verb} {what}.",
    "{who} said: {how}, {what} is {is}.",
)
_PLAIN_LISTS = {
    "kind": """
        little|tired|hidden|green|cold|dusty|loud|silent|narrow|ancient|golden|eager|hungry|dark|quick|strange|
        distant|crooked|gentle|kind|quiet|twisted|short|late|nice|hot|clean|electric|decent|local|national|
        twelfth|next|other|second|third|only|right|wide|wet|old|last|red|own|twin|worthy|secret|honest|heated""",
    "thing": """
        ticket|kettle|garden|doctor|engine|island|hotel|dentist|candle|story|letter|account|signal|student|
        cottage|needle|lantern|kitchen|list|guard|station|season|attic|dog|cat|light|king|night|goat|
        engineer|orchestra|tool|kennel|deal|sound|hill|string|line|article|teacher|window|hat|house|
        wagon|witness|corner|desk|tenant|sailor|uncle|daughter|handle|tunnel|wall|wheel|end|answer|idea|hour""",
    "acted": """
        needed|hid|told|noticed|counted|lit|tied|kicked|held|tasted|studied|caught|carried|dried|sold|sent|
        greeted|called|dragged|denied|shielded|sketched|looked at|talked to|listened to|sat on|ran into|
        yelled at|dealt with|waited on|got to|went around|did not need|could not hear|had to hand in|
        turned into|heard and then drew|wanted|took|let go of|stood next to|twisted""",
    "act": """
        need|hide|notice|count|like|hear|hold|taste|study|catch|carry|sell|send|greet|call|drag|understand|
        include|ignore|choose|get|take|want|watch|hit|turn|end|need to hide|wait on""",
    "place": """
        in|at|on|under|inside|next to|around|until|along|near|and|against|across|into|through|toward|
        not|without|instead of|on to|right at""",
    "start": """
        In the end,|And then|On the other hand,|Then again,|In addition,|At last|Indeed,|Once again|Tonight|
        Not long after that,|In those days|Until then,|Even then|At that,|And yet|Only then|That night|
        And at the same hour|Then in the dark|Without the others,|Right then,""",
    "tail": """
        at the end of the day|in the long run|and that is that|in the dark|until ten to nine|there and then|
        again and again|and it has not ended|in the third week|on the ninth|and that hurt|at the other end|
        instead of the others|without the least hesitation|that the tall one had|and then the next one|
        hidden in the tall grass|twice in ten days|on the twenty-third""",
}
_PLAIN_PATTERNS = (
    "The {kind} {thing} {acted} the {thing}.",
    "The {thing} {acted} the {kind} {thing} {tail}.",
    "{start} the {thing} {acted} that {thing}.",
    "{start} the {kind} {thing} {acted} the {thing} {place} the {thing}.",
    "{start} they {acted} the {thing}, and then they {acted} the {thing}.",
    "Did the {kind} {thing} {act} the {thing}?",
    "Don't {act} the {thing} {place} the {thing}.",
    "Who {acted} the {thing} {place} the {thing}?",
    "How did they {act} that {thing} {tail}?",
    "I don't think that the {thing} is {kind}.",
    "They had a {kind} {thing}, {tail}.",
    "That isn't the {thing}, it's the {kind} {thing}.",
    "It's the {kind} {thing} that {acted} the {thing}.",
    "Twenty-one or twenty-two of the {kind} ones {acted} a {thing}.",
    "Can I {act} the {thing} {place} the {kind} {thing}?",
    "{start} I {acted} another {thing} {tail}.",
    "This {thing} and that {thing} are not as {kind} as the others.",
    "The {thing}'s {thing} {acted} its {kind} {thing}.",
)
_WORDS = {
    key: [" ".join(item.split()) for item in text.split("|")] for key, text in (_LISTS | _PLAIN_LISTS).items()
}


class _Choice(dict[str, str]):
    """A format mapping that draws a fresh word each time a list is named."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng

    def __missing__(self, key: str) -> str:
        return self.rng.choice(_WORDS[key])


def sentences(count: int, seed: int) -> list[str]:
    """Return ``count`` different sentences rich in what shows on a face, the same ones for the same seed."""
    return _written(_PATTERNS, count, seed)


def plain(count: int, seed: int) -> list[str]:
    """Return ``count`` different sentences with few p, b, m, the same ones for the same seed."""
    return _written(_PLAIN_PATTERNS, count, seed)


def _written(patterns: tuple[str, ...], count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = rng.choice(patterns).format_map(_Choice(rng))
        found[text[0].upper() + text[1:]] = None
    return list(found)
