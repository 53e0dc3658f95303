"""What they buy, and when: a catalogue of tea and things for the home, baskets, opening hours."""

import math
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

# Shares of a day's purchases by hour, 0 to 23, and of a week's by weekday from Monday: those of
# tills as the grocery panel "The Complete Journey" shows them, those of a web shop as the open
# order data of Olist do. At tills only the opening hours count.
TILL_HOURS = (
    *(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    *(0.04464, 0.06236, 0.07008, 0.07428, 0.075, 0.08088, 0.09432),
    *(0.10609, 0.09944, 0.07959, 0.06261, 0.04308, 0, 0),
)
TILL_WEEKDAYS = (0.14326, 0.12859, 0.12643, 0.12652, 0.13445, 0.16316, 0.17759)
WEB_HOURS = (
    *(0.0228, 0.0112, 0.006, 0.003, 0.0022, 0.0026, 0.005, 0.01, 0.0304, 0.047, 0.0614, 0.0734),
    *(0.0558, 0.0692, 0.0682, 0.0606, 0.0674, 0.0602, 0.0578, 0.0608, 0.0612, 0.063, 0.0566),
    0.0442,
)
WEB_WEEKDAYS = (0.1566, 0.15, 0.1588, 0.1552, 0.1488, 0.1064, 0.1242)

# What a basket is worth in the middle, and how far baskets spread, on the scale of logarithms.
BASKET_MEDIAN = 190.0
BASKET_SPREAD = 0.75
MOST_PIECES = 12


@dataclass(frozen=True)
class Article:
    """Something on the shelf; the weight says how often it is picked up."""

    sku: str
    description: str
    price: Decimal
    weight: int


@dataclass(frozen=True)
class Pieces:
    """So many pieces of one article, as they stand on a receipt."""

    article: Article
    quantity: int

    @property
    def amount(self) -> Decimal:
        return self.article.price * self.quantity


@dataclass(frozen=True)
class Reward:
    """Something to be had for points."""

    name: str
    points: int


def _article(sku: str, description: str, price: str, weight: int) -> Article:
    return Article(sku, description, Decimal(price), weight)


ARTICLES = (
    _article("TEA-101", "桂花乌龙 Osmanthus oolong 100 g", "68.00", 30),
    _article("TEA-102", "茉莉银针 Jasmine silver needle 75 g", "98.00", 22),
    _article("TEA-103", "龙井新茶 Longjing green tea 50 g", "128.00", 20),
    _article("TEA-104", "陈皮普洱 Tangerine pu'er 150 g", "88.00", 16),
    _article("TEA-105", "冷泡茶包 Cold-brew tea bags, 12", "39.90", 34),
    _article("TEA-106", "大红袍 Da Hong Pao 80 g", "238.00", 7),
    _article("COF-201", "云南咖啡豆 Yunnan coffee beans 250 g", "78.00", 24),
    _article("COF-202", "挂耳咖啡 Drip coffee bags, 10", "59.90", 28),
    _article("CUP-301", "陶瓷杯 Stoneware mug", "49.00", 26),
    _article("CUP-302", "盖碗 Gaiwan, white porcelain", "139.00", 10),
    _article("CUP-303", "随行杯 Travel tumbler 350 ml", "119.00", 15),
    _article("POT-311", "玻璃茶壶 Glass teapot 600 ml", "159.00", 9),
    _article("POT-312", "紫砂壶 Yixing clay teapot", "680.00", 3),
    _article("SET-321", "旅行茶具 Travel tea set", "268.00", 6),
    _article("SET-322", "青瓷茶具 Celadon tea set, 6 cups", "1280.00", 2),
    _article("KET-331", "手冲壶 Pour-over kettle", "329.00", 5),
    _article("SNK-401", "桃酥 Walnut shortbread", "26.80", 32),
    _article("SNK-402", "鲜花饼 Rose pastry, 6", "36.00", 30),
    _article("SNK-403", "节令礼盒 Seasonal gift box", "198.00", 9),
    _article("HOM-501", "亚麻茶巾 Linen tea towel", "35.00", 18),
    _article("HOM-502", "香薰蜡烛 Scented candle 180 g", "108.00", 13),
    _article("HOM-503", "羊毛披毯 Wool throw", "459.00", 3),
    _article("HOM-504", "竹制托盘 Bamboo tray", "89.00", 11),
    _article("HOM-505", "帆布袋 Canvas tote", "58.00", 14),
    _article("PAP-601", "手帐本 Dotted notebook", "45.50", 16),
    _article("PAP-602", "节气日历 Solar-terms calendar", "72.00", 8),
)
# From the dearest down.
REWARDS = (
    Reward("手冲壶 Pour-over kettle", 6000),
    Reward("双人品茶会 Tea tasting for two", 2400),
    Reward("¥10 礼券 Voucher of ¥10", 1000),
    Reward("陶瓷杯 Stoneware mug", 500),
    Reward("挂耳咖啡 Drip coffee bags", 200),
)
VOUCHER, MUG = REWARDS[2], REWARDS[3]
BY_SKU = {article.sku: article for article in ARTICLES}
CHEAPEST = min(article.price for article in ARTICLES)


def draw_basket(rng: random.Random, *, taste: float = 1.0) -> tuple[Pieces, ...]:
    """Articles worth about a log-normal amount around the taste of who buys; at least one."""
    worth = Decimal(rng.lognormvariate(math.log(BASKET_MEDIAN * taste), BASKET_SPREAD))
    picked: Counter[str] = Counter()
    while not picked or (worth >= CHEAPEST and picked.total() < MOST_PIECES):
        within = [article for article in ARTICLES if article.price <= max(worth, CHEAPEST)]
        # A full purse is not spent on biscuits.
        weights = [
            article.weight * min(1.0, float(article.price / worth) * 8) for article in within
        ]
        article = rng.choices(within, weights)[0]
        picked[article.sku] += 1
        worth -= article.price
    return tuple(Pieces(BY_SKU[sku], quantity) for sku, quantity in picked.items())


def draw_moment(rng: random.Random, week_of: datetime, *, is_web: bool) -> datetime:
    """An instant of the week in which `week_of` lies, by the habits of till or web shop."""
    weekdays, hours = (WEB_WEEKDAYS, WEB_HOURS) if is_web else (TILL_WEEKDAYS, TILL_HOURS)
    weekday = rng.choices(range(7), weekdays)[0]
    day = week_of + timedelta(days=weekday - week_of.weekday())
    return day.replace(
        hour=rng.choices(range(24), hours)[0],
        minute=rng.randrange(60),
        second=rng.randrange(60),
        microsecond=0,
    )
