"""Scripts as those of turn_scripts, on which nothing was tuned: what they give is the figure that counts.

Most of the utterances have pauses, as long as pauses in free speech are (0.3 to 1.1 s), and where speakers make
them: behind function words and hesitations, between clauses, behind a topic or a time, within numbers and lists.
"""

from __future__ import annotations

from typing import Final

HELD_OUT_ENGLISH: Final = """
How many bones are there in the human body?
I'm trying to remember |0.6| the name of that actor.
The hotel we stayed at |0.7| was right by the sea.
Could you turn the music |0.5| down a little?
What's the plural of mouse?
My grandfather was born in |0.8| nineteen twenty seven.
I'd love to, |0.5| but I'm busy tonight.
Tell me a joke about |0.6| lawyers.
People always say that |0.7| money can't buy happiness.
Is there any |0.6| coffee left?
Count from one to ten.
We've been married for |0.5| twenty six years.
Your idea was good, |0.6| although a bit expensive.
What would you |0.7| recommend for a rainy afternoon?
Nobody told me.
I ordered the soup, |0.4| the fish, |0.4| and a glass of |0.5| white wine.
When does autumn begin?
The doctor said I should |0.8| drink more water.
It's been raining |0.6| since last Tuesday.
Er |0.7| could we go back to the previous topic?
Where did you learn to |0.5| tell stories like that?
The password is |0.5| eight two |0.4| eight two |0.5| seven.
She's the kind of person who |0.8| never gives up.
Good evening.
Neither my brother nor |0.6| my sister can drive.
Which of these two |0.6| would you choose?
Once the bread is in the oven |0.7| you can start with the sauce.
I'm fairly sure he lives |0.5| somewhere in Scotland.
Do elephants sleep standing up?
Let's pretend we're |0.7| on a pirate ship.
Apart from the ending |0.6| I enjoyed the play.
How would I say that in |0.6| Portuguese?
This chair is really uncomfortable.
I hardly ever |0.6| watch television these days.
Can you spell |0.7| rhythm?
For breakfast |0.5| I usually have toast with |0.5| jam.
They're not coming |0.7| until half past nine.
What do bees do in winter?
My son is afraid of |0.8| thunder.
Just a moment.
You'd better ask |0.6| somebody who knows about cars.
On the way home |0.6| I saw a fox.
The trouble with my landlord is |0.9| he never answers the phone.
Has anyone ever |0.6| walked across Antarctica?
I'm tired |0.5| and I want to go to bed.
Would it be possible to |0.7| meet on Wednesday instead?
Read me a poem by |0.6| Emily Dickinson.
That depends.
Most of the students |0.7| come by bike.
How come |0.5| the sea is salty?
I grew up in a house |0.6| with a huge garden.
Why are you laughing?
We could paint the walls |0.6| yellow, |0.4| or maybe |0.6| light green.
As soon as I hear something |0.8| I'll let you know.
He plays the piano |0.4| and sings.
Please wake me at |0.5| quarter to seven.
I heard a strange noise |0.6| behind the wall.
What's the difference |0.5| between weather |0.4| and climate?
Uh |0.8| never mind.
My shoes are |0.7| still wet from yesterday.
Which country has the most lakes?
If nobody objects |0.6| we'll finish early today.
The more I practise |0.5| the worse it gets.
I can't believe |0.7| it's already December.
Were you ever |0.6| in love?
Thanks, that helps a lot.
In about |0.6| twenty minutes |0.5| I have to leave.
So what you're saying is |0.8| I should just apologise.
Do you prefer |0.5| tea or coffee?
It doesn't matter.
"""

HELD_OUT_CHINESE: Final = """
人体一共有多少块骨头？
我在想 |0.6| 那个演员叫什么名字。
我们住的那个酒店 |0.7| 就在海边上。
音乐能不能 |0.5| 开小声一点？
老鼠用英语怎么说？
我爷爷是 |0.8| 一九二七年出生的。
我很想去，|0.5| 可是今天晚上没空。
给我讲个 |0.6| 律师的笑话。
人们都说 |0.7| 有钱买不到幸福。
还有没有 |0.6| 咖啡了？
从一数到十。
我们结婚 |0.5| 已经二十六年了。
你的主意不错，|0.6| 就是有点贵。
下雨天的下午 |0.7| 你推荐做点什么？
没人告诉我。
我点了汤、|0.4| 鱼，|0.4| 再加一杯 |0.5| 白葡萄酒。
秋天从什么时候开始？
医生说我应该 |0.8| 多喝水。
从上个星期二开始 |0.6| 雨就没停过。
呃 |0.7| 我们能回到刚才的话题吗？
你是从哪儿学会 |0.5| 讲这种故事的？
密码是 |0.5| 八二 |0.4| 八二 |0.5| 七。
她是那种 |0.8| 从来不放弃的人。
晚上好。
我哥哥和我姐姐 |0.6| 都不会开车。
这两个里面 |0.6| 你会选哪一个？
面包放进烤箱以后 |0.7| 就可以开始做酱了。
我记得他好像住在 |0.5| 苏格兰的什么地方。
大象是站着睡觉的吗？
我们假装 |0.7| 是在一艘海盗船上吧。
除了结尾 |0.6| 这部戏我都挺喜欢的。
这句话用葡萄牙语 |0.6| 应该怎么讲？
这把椅子坐着真不舒服。
我现在很少 |0.6| 看电视。
节奏的奏 |0.7| 怎么写？
早饭我一般 |0.5| 吃面包加 |0.5| 果酱。
他们要到 |0.7| 九点半才来。
蜜蜂冬天都做什么？
我儿子特别害怕 |0.8| 打雷。
稍等一下。
你最好去问 |0.6| 懂车的人。
回家的路上 |0.6| 我看见一只狐狸。
我房东最大的问题是 |0.9| 从来不接电话。
有没有人 |0.6| 徒步穿越过南极？
我累了，|0.5| 想去睡觉。
可不可以 |0.7| 改到星期三见面？
念一首 |0.6| 李白的诗给我听。
那要看情况。
大部分学生 |0.7| 都是骑自行车来的。
为什么说 |0.5| 海水是咸的呢？
我是在一个 |0.6| 带大花园的房子里长大的。
你在笑什么？
墙可以刷成 |0.6| 黄色，|0.4| 或者 |0.6| 浅绿色。
我一有消息 |0.8| 就告诉你。
他会弹钢琴，|0.4| 还会唱歌。
请在 |0.5| 六点四十五分叫醒我。
我听到墙后面 |0.6| 有奇怪的声音。
天气和气候 |0.5| 到底有什么 |0.4| 区别？
嗯 |0.8| 没什么。
我的鞋子 |0.7| 昨天湿了，现在还没干。
哪个国家的湖最多？
没有人反对的话 |0.6| 我们今天就早点结束。
我越练 |0.5| 弹得越差。
真不敢相信 |0.7| 已经十二月了。
你以前 |0.6| 谈过恋爱吗？
谢谢，帮了大忙了。
再过 |0.6| 二十分钟 |0.5| 我就得走了。
所以你的意思是 |0.8| 我应该去道歉。
你喜欢喝茶 |0.5| 还是喝咖啡？
无所谓。
"""
