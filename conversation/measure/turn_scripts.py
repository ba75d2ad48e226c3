"""What people say to an avatar, with the pauses that they make while they look for words: `|0.6|` is 0.6 s of silence.

Written as people speak: most pauses come after a function word or a comma, some where the sentence could have been
over, many utterances have none. The rules of turns/end were made with these scripts; what is measured on them says how
well the rules fit, those of turn_scripts_held_out how good they are.
"""

from __future__ import annotations

from typing import Final

ENGLISH: Final = """
What is the capital of France?
I would like to go to |0.7| Paris in the spring.
Can you tell me |0.6| how far the moon is from the earth?
My sister is coming tomorrow and |0.8| I don't know what to cook.
How are you today?
I was thinking about |0.9| buying a new bicycle.
Do you know a good recipe with |0.5| potatoes and cheese?
The problem is that |0.7| my computer doesn't start any more.
Tell me a story.
I like coffee, |0.5| but I can't drink it in the evening.
Could you explain the |0.6| theory of relativity?
When I was a child, |0.7| we lived in a small village near the sea.
What's the weather like?
If it rains tomorrow |0.6| we could go to the museum.
My phone number is zero seven |0.6| five four three |0.5| two one nine eight six.
I need |0.8| some help with my homework.
Yes.
No, thank you.
Because |0.9| I never learned how to swim.
Let me think |0.7| I'd say it was in nineteen ninety four.
Where do penguins live?
I want to |0.5| learn Spanish and |0.6| maybe some Italian too.
Is it true that |0.6| bees can see colors that we can't?
We need milk, |0.5| eggs, |0.4| bread |0.3| and some butter.
Well |0.8| it depends on the weather.
I just wanted to say |0.7| thank you for yesterday.
Who wrote The Little Prince?
My favorite book is |1.0| probably The Hobbit.
What should I wear to |0.7| a job interview?
Um |0.9| can you repeat that please?
I have a dog, |0.4| a cat |0.4| and two rabbits.
Please remind me to |0.6| call my mother on Sunday.
That's interesting.
I'm not sure if |0.7| this is the right way.
How many people live in |0.6| New York?
You know what? |0.4| Let's talk about something else.
I used to play the |0.8| the violin when I was at school.
He told me that |0.6| he would be late because of the |0.7| traffic.
Can we practice some French?
I think |0.8| I think we should start again.
Have you ever heard of |0.7| Ada Lovelace?
What is the difference between |0.6| a fruit and |0.4| a vegetable?
I work as a |0.7| nurse in a hospital.
It was a great movie, |0.5| especially the |0.6| ending.
Good morning, |0.5| how did you sleep?
The thing is, |0.7| I don't really have the time.
Okay, |0.6| so what happens next?
I'd like to know more about |0.8| the history of Rome.
Sorry, |0.5| I meant the other one.
What do you think about |0.5| artificial intelligence?
I live in Oslo |0.4| with my parents.
Tell me something funny.
After dinner |0.5| we usually go for a walk.
Which is bigger, |0.5| the sun or the |0.4| moon?
Could you please |0.7| speak a little slower?
My name is |0.6| Jonathan.
I don't know what it is.
Where are you from?
It costs about |0.7| three hundred dollars.
As far as I know |0.6| nobody has ever tried it.
What time is it in |0.8| Tokyo right now?
We could watch a film or |0.7| play a game.
I'm looking for |0.6| a present for my father |0.4| who likes fishing.
Why is the sky blue?
What is the tallest building in the world?
I'm planning a trip to |0.6| Japan with my |0.5| brother.
Can you help me |0.6| write a birthday card?
My daughter wants to |0.7| become an astronaut.
Do you remember what I told you about |0.8| my neighbour?
Well, |0.5| to be honest |0.6| I didn't like it.
Turn the volume down, please.
We moved here in |0.7| twenty eighteen.
I was going to call you but |0.6| then I fell asleep.
How do I get rid of |0.7| ants in the kitchen?
That sounds great.
There are three things I need: |0.6| rope, |0.4| tape |0.4| and a knife.
She said she'd come if |0.6| the train was on time.
I have been learning the guitar for |0.6| two years now.
Who is the president of |0.7| Brazil?
Let's talk about |0.8| dinosaurs.
It's not that I don't like it, |0.6| it's just too expensive.
My birthday is on |0.6| the third of May.
Could you tell me the way to the |0.9| station?
I'd rather stay at home and |0.6| read a book.
No, |0.5| I don't think so.
Is there a difference between |0.6| a frog and a toad?
When does the |0.6| next bus leave?
My code is four |0.5| four |0.5| one nine.
I work with children, |0.5| mostly on weekends.
Do you like music?
The last time I saw him |0.7| he was living in Berlin.
I can't find my |0.7| glasses anywhere.
Give me three examples of |0.6| renewable energy.
We went to the beach |0.5| yesterday.
Why did the Roman Empire |0.7| fall?
I feel a bit |0.8| tired today.
If you could live anywhere, |0.7| where would you live?
Thanks for your help.
What would happen if |0.8| the moon disappeared?
I think that's wrong, |0.6| isn't it?
Please read me |0.6| the news.
How old are you?
Everybody in my family |0.6| plays football.
So |0.7| what do you want to do now?
Where can I buy |0.6| a good umbrella?
I've always wanted to |0.7| see the northern lights.
Does the museum open on |0.6| Mondays?
My grandmother used to say that |0.8| patience is everything.
Play some music.
What's your opinion on |0.7| electric cars?
I forgot my |0.5| keys at the office.
Are you able to |0.6| translate this into German?
It started raining |0.4| just as we left.
Okay.
The recipe says |0.6| two cups of flour.
Should I |0.7| call the doctor?
I bought apples, |0.5| pears |0.4| and a melon.
How would you describe |0.7| the taste of mango?
My boss wants me to |0.6| finish it by Friday.
When I get home |0.6| I'll send you the picture.
That was the |0.7| funniest thing I've ever seen.
Can we talk about |0.6| something more cheerful?
Who invented the |0.8| telephone?
I'm allergic to |0.5| peanuts.
Either we take the train |0.5| or we rent a car.
What did you say?
He's taller than |0.6| his father now.
You said yesterday that |0.7| it would be sunny.
My flight leaves at |0.6| half past six.
I don't understand why |0.8| this keeps happening.
Good night.
There's a café |0.5| around the corner.
In my opinion |0.6| it's a waste of money.
How often should I |0.6| water the plants?
How long does it take to boil an egg?
Could you look up |0.6| the opening hours of the library?
My neighbour's dog |0.7| barks all night long.
I'm reading a book about |0.5| the French Revolution.
What's your favourite season?
The meeting was moved to |0.8| Thursday afternoon.
I've been thinking about what you said |0.6| and I agree with you.
Sing me a lullaby.
In the summer |0.5| we go swimming in the lake.
Is it okay if |0.7| I bring my brother along?
She works at the hospital |0.6| near the old bridge.
Not really.
Every time I open the window |0.7| the cat jumps out.
You remind me of |0.9| an old friend of mine.
Why do cats purr?
We're having |0.6| six guests for dinner tonight.
I'd like a table for |0.5| two people, |0.4| please.
My train was cancelled, |0.5| so I took the bus.
Which planet is closest to the sun?
The reason I'm asking is |0.8| I have an exam on Monday.
Let's play a guessing game.
I never understood |0.6| how magnets work.
Do you want to |0.7| hear a secret?
He's not just my boss, |0.4| he's also |0.6| my best friend.
Add bananas to my shopping list.
Compared to last year |0.7| it's been a very mild winter.
What did Einstein |0.5| get the Nobel Prize for?
Actually |0.6| I changed my mind.
My account number is three |0.4| nine nine |0.5| zero one two |0.4| six four five eight.
I can't decide whether |0.8| I should take the job.
That was delicious.
How far is it from |0.5| Rome to Naples?
Her new apartment |0.6| has a balcony with a view of the park.
Whenever I'm nervous |0.5| I start talking too fast.
Would you mind |0.7| repeating the last part?
There used to be |0.6| a cinema on this street.
Hmm |0.9| that's a difficult question.
Turn off the lights in the kitchen.
I bought this guitar |0.4| in Spain |0.5| about ten years ago.
What's the best way to |0.6| learn a new language?
My parents are both |0.7| retired teachers.
You're very kind.
Instead of sugar |0.6| you can use honey.
The first thing we need to do is |0.9| find a good lawyer.
Who painted the ceiling of the Sistine Chapel?
I think he's about |0.6| forty years old.
We missed the beginning of the film |0.5| because of the snow.
Are there any |0.7| vegetarian restaurants around here?
Tomorrow morning |0.6| I have to get up at five.
It's a long story.
Do you happen to know |0.5| if the shop is still open?
When I try to start the engine |0.8| it makes a strange noise.
Could you give me |0.5| a hint?
My favourite singer is |0.6| Nina Simone, |0.5| and after her |0.6| Billie Holiday.
What does serendipity mean?
I was wondering |0.7| what you do all day.
Next to the bakery |0.5| there's a little flower shop.
I don't eat meat |0.6| or fish.
Please speak more slowly.
It sounds like |0.7| somebody is knocking at the door.
One of my colleagues |0.6| speaks seven languages.
Can you explain |0.5| in simple words |0.6| what inflation is?
I got up, |0.4| had breakfast, |0.5| and went straight to work.
The older I get |0.6| the more I enjoy the quiet.
Maybe later.
What happened to |0.8| the dinosaurs?
She asked me to |0.6| water her plants while she's away.
I have no idea.
If I were you |0.7| I'd wait until spring.
Did you know that |0.5| octopuses have three hearts?
"""
