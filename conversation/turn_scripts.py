"""What people say to an avatar, with the pauses that they make while they look for words: `|0.6|` is 0.6 s of silence.

Written as people speak: most pauses come after a function word or a comma, some where the sentence could have been
over, many utterances have none. The rules of turn_end were made with the first two scripts; the UNSEEN ones were
written afterwards, and no rule was changed for them.
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
"""

CHINESE: Final = """
法国的首都是哪里？
我想 |0.7| 去北京旅游。
你能不能 |0.6| 给我讲个故事？
今天天气怎么样？
因为 |0.8| 我昨天没有睡好。
我喜欢喝茶，|0.5| 但是 |0.6| 晚上不能喝。
如果明天下雨，|0.6| 我们就去博物馆吧。
你好！
我的电话号码是 |0.5| 一三八零 |0.5| 零一三八 |0.4| 二五六七。
我觉得 |0.8| 这部电影很有意思。
你会说英语吗？
请告诉我 |0.6| 月亮离地球有多远。
我小时候 |0.4| 住在海边的 |0.6| 一个小村子里。
谢谢你。
我家有一只狗、|0.4| 一只猫，|0.5| 还有 |0.5| 两只兔子。
天为什么是蓝的？
我在找 |0.7| 一份送给爸爸的礼物。
是的。
比如说 |0.7| 唱歌跳舞什么的。
你觉得 |0.6| 我应该穿什么？
我不知道。
他说他会迟到，|0.5| 因为 |0.7| 路上堵车。
这个问题 |0.5| 我也不太清楚。
嗯 |0.8| 让我想一想。
我们去看电影或者 |0.6| 打游戏吧。
世界上最高的山是什么？
我妹妹明天要来，|0.5| 然后 |0.6| 我不知道做什么菜。
我是一名 |0.6| 医生。
除了中文 |0.5| 你还会说什么？
给我推荐一本书吧。
虽然很贵，|0.6| 但是质量很好。
我叫 |0.6| 王小明。
吃完晚饭以后，|0.5| 我们一般去散步。
你多大了？
我想知道 |0.7| 长城有多长。
不用了，|0.4| 谢谢。
那个 |0.8| 你能再说一遍吗？
我最喜欢的颜色是 |0.6| 蓝色。
请帮我 |0.6| 翻译一句话。
东京现在几点？
首先 |0.6| 我们要把水烧开。
我不确定 |0.4| 这样对不对。
你听说过 |0.6| 鲁迅吗？
苹果和 |0.5| 香蕉哪个更好吃？
我学了三年 |0.5| 钢琴。
其实 |0.7| 我有点累。
明天上午十点 |0.4| 提醒我开会。
为什么？
我昨天跟 |0.5| 我的朋友去了 |0.5| 一家新开的餐厅。
说一个笑话。
你最近在忙什么？
我打算 |0.6| 明年去日本留学。
帮我查一下 |0.5| 明天的天气。
他是我最好的 |0.7| 朋友。
为什么 |0.6| 海水是咸的？
我不喜欢吃辣的，|0.5| 所以 |0.5| 我很少去那家店。
听起来不错。
我的生日是 |0.6| 五月三号。
你可以 |0.7| 教我做红烧肉吗？
我女儿想当 |0.6| 宇航员。
从这里到 |0.7| 火车站怎么走？
我有一个问题 |0.5| 想问你。
要是明天不下雨的话，|0.6| 我们去爬山。
密码是 |0.5| 四四 |0.5| 一九。
谁是 |0.6| 中国第一个皇帝？
给我讲讲 |0.6| 恐龙的故事。
我们昨天去了 |0.6| 海边。
没关系。
我找不到 |0.6| 我的眼镜了。
青蛙和 |0.5| 蟾蜍有什么区别？
他昨天告诉我 |0.7| 他要结婚了。
再来一个吧。
我今天有点 |0.7| 累。
你能不能说得 |0.6| 慢一点？
我忘了 |0.6| 带钥匙。
你知道 |0.7| 怎么去机场吗？
放一首歌吧。
我一直想 |0.6| 看极光。
他比 |0.6| 他爸爸高。
博物馆 |0.5| 星期一开门吗？
谁发明了 |0.7| 电话？
我对 |0.5| 花生过敏。
我们应该 |0.6| 坐火车还是开车？
飞机 |0.5| 六点半起飞。
你怎么看 |0.6| 电动车？
我老板要我 |0.6| 星期五之前做完。
晚安。
我不明白 |0.7| 为什么会这样。
回家以后 |0.6| 我把照片发给你。
多久 |0.5| 浇一次花比较好？
这是我见过的 |0.6| 最好笑的事。
你说什么？
"""

UNSEEN_ENGLISH: Final = """
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
"""

UNSEEN_CHINESE: Final = """
哪里能买到 |0.6| 好用的雨伞？
我奶奶常说，|0.7| 耐心最重要。
你能把这句话 |0.6| 翻成德语吗？
刚出门 |0.5| 就开始下雨了。
行。
这道菜要放 |0.6| 两勺糖。
我该不该 |0.7| 去看医生？
芒果吃起来 |0.6| 是什么味道？
我们能不能聊点 |0.6| 开心的事？
你昨天说 |0.7| 今天会出太阳。
街角有一家 |0.5| 咖啡馆。
依我看 |0.6| 这纯粹是浪费钱。
花要多久浇一次水？
我对猫毛过敏。
他每天早上六点 |0.6| 起床跑步。
要不要 |0.5| 一起吃个饭？
把音量 |0.6| 调小一点。
你昨天几点睡的？
我想不起来 |0.7| 把车停在哪儿了。
这家店的面条 |0.5| 特别好吃。
"""
