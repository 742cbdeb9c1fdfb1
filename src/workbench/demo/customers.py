"""Who the customers of the made-up office are: segment, centre, size, and how long they take to pay. Planted truth.

Everything here is synthetic. The settings come from public orders of magnitude (segments' parts of customers and of revenue,
days to pay, part paid in the end); none of them is a figure of a real office. Amounts are centimes as int64.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from workbench.demo.places import CENTERS, CUT_OVERS, NEVER, Array, civil, month_start
from workbench.demo.receipt_days import LARGE_PAYER
from workbench.schemas.columns import KEY_ACCOUNTS, SEGMENTS

HOUSEHOLD, BUSINESS, STATE, MUNICIPALITY, BOARD, UTILITY = range(len(SEGMENTS))
KEY_SEGMENTS = [SEGMENTS.index(name) for name in KEY_ACCOUNTS]

# By segment, in the order of SEGMENTS.
_SHARE = (0.95, 0.02, 0.015, 0.015, 0.0, 0.0)  # of the customers
_REVENUE = (31, 7, 6, 5, 47, 0)  # percent of what is billed, works apart
MEAN_LAG = (35, 45, 170, 420, 95, 95)  # days from bill to receipt
LAG_SHAPE = (2.5, 2.5, 2.5, 0.8, 2.5, 2.5)  # of the gamma law around that mean: municipalities pay soon, or very late
PAID = (0.97, 0.96, 0.92, 0.97, 0.97, 0.97)  # part of the bills ever paid
COLLECTED = (0.97, 0.96, 0.85, 0.60, 0.96, 0.96)  # part paid within twelve months, which lag and part ever paid make
TERM = (30, 30, 60, 60, 90, 90)  # days from bill to due date
PRICE = (0, 660, 720, 720, 300, 300)  # centimes a cubic metre before tax, illustrative; households pay by block
BULK_CUSTOMERS = 20
SLOW_BULK_LAG = 180.0  # two bulk customers take that long
STATE_LAG = 108.0  # of the State's bills that do not wait for the end of the year; those that do bring its mean to 170


def household_ht(volume: Array) -> npt.NDArray[np.int64]:
    """Centimes before tax of a quarter's cubic metres: fixed charge and three blocks, illustrative prices."""
    blocks = np.minimum(volume, 18) * 237 + np.clip(volume - 18, 0, 42) * 739 + np.maximum(volume - 60, 0) * 1098
    price: npt.NDArray[np.int64] = 1800 + np.rint(blocks).astype(np.int64)
    return price


@dataclass(frozen=True)
class Customers:
    """`count` customers over `months` months. Equal fields give equal bytes. `part` tells blocks of one large office apart.

    `center_effect`, `center_drift`: how far centres, and centres in a year, differ in the part of their bills ever paid (standard deviations on the logit). By
    default they do not: whatever a centre's rate then shows is its mix and chance.
    """

    count: int = 50_000
    months: int = 36
    seed: int = 1
    part: int = 0
    center_effect: float = 0.0
    center_drift: float = 0.0

    @property
    def last_day(self) -> date:
        """Last day of the last month."""
        return civil(month_start(self.months) - np.timedelta64(1, "D"))

    @cached_property
    def segment(self) -> npt.NDArray[np.int64]:
        """Segment of each customer at the start (index in SEGMENTS): first the bulk ones, then the rest by share."""
        bulk = max(2, min(BULK_CUSTOMERS, self.count // 25))
        drawn = np.searchsorted(np.cumsum(_SHARE)[:3], self.draw(1).random(self.count), side="right")
        drawn[:bulk] = BOARD
        few = np.arange(bulk, min(bulk + 3, self.count))
        drawn[few] = [BUSINESS, STATE, MUNICIPALITY][: len(few)]  # so that even a tiny office has each of them
        return drawn.astype(np.int64)

    @cached_property
    def center(self) -> npt.NDArray[np.int64]:
        """Centre of each customer at the start. The first two bulk customers are in the areas to be handed over."""
        drawn = self.draw(2).integers(0, CENTERS, self.count)
        areas = [cut.agency * 4 for cut in CUT_OVERS]
        drawn[: len(areas)] = areas[: self.count]
        return drawn

    @cached_property
    def cut_day(self) -> npt.NDArray[np.datetime64]:
        """Day each customer's area is handed over; far away where it never is."""
        day = np.full(self.count, NEVER)
        for cut in CUT_OVERS:
            day[self.center // 4 == cut.agency] = cut.day
        return day

    @cached_property
    def manager(self) -> npt.NDArray[np.int64]:
        """Centre that manages each customer after the cut-over."""
        kept = self.center.copy()
        for cut in CUT_OVERS:
            kept[(self.center // 4 == cut.agency) & (self.segment != BOARD)] = cut.manager
        return kept

    @cached_property
    def mean_volume(self) -> npt.NDArray[np.float64]:
        """Cubic metres a month of each customer, scaled so that each segment weighs its part of the revenue."""
        volume = self.draw(3).lognormal(1.35, 0.55, self.count)
        for segment in (BUSINESS, STATE, MUNICIPALITY, BOARD):
            who = self.segment == segment
            target = self._households_a_month(volume) * _REVENUE[segment] / _REVENUE[HOUSEHOLD] / PRICE[segment]
            volume[who] *= target / max(float(volume[who].sum()), 1.0)
        return volume

    def _households_a_month(self, volume: Array) -> float:
        # Integers are added, so that the sum does not hang on the order in which a machine adds.
        return int(household_ht(volume[self.segment == HOUSEHOLD] * 3).sum()) / 3

    @cached_property
    def monthly_ht(self) -> int:
        """Centimes before tax that an ordinary month bills: what works and disbursements are sized on."""
        return int(self._households_a_month(self.mean_volume)) * 100 // _REVENUE[HOUSEHOLD]

    @cached_property
    def lag(self) -> npt.NDArray[np.float64]:
        """Mean days to pay of each customer, where nothing makes its bills wait."""
        days = np.array(MEAN_LAG, dtype=np.float64)[self.segment]
        days[self.segment == STATE] = STATE_LAG
        days[2:4] = np.where(self.segment[2:4] == BOARD, SLOW_BULK_LAG, days[2:4])
        return days

    @cached_property
    def center_effects(self) -> npt.NDArray[np.float64]:
        """Planted effect of each centre in each year, (years, centres), on the logit of the part of its bills ever paid."""
        rng, years = (
            np.random.default_rng([self.seed, 40_000]),
            -(-self.months // 12),
        )  # the same for every block of an office
        own, drift = rng.standard_normal(CENTERS), rng.standard_normal((years, CENTERS))
        effects: npt.NDArray[np.float64] = self.center_effect * own + self.center_drift * drift
        return effects

    def paid_share(self, month: int, center: Array, segment: Array) -> npt.NDArray[np.float64]:
        """Part of the bills of a month that are ever paid, water only, by their centre and segment."""
        share = np.array(PAID)[segment]
        if not (self.center_effect or self.center_drift):
            return share
        odds = share / (1 - share) * np.exp(self.center_effects[month // 12, center])
        moved: npt.NDArray[np.float64] = odds / (1 + odds)
        return moved

    @property
    def large_payer(self) -> int:
        """The bulk customer that pays on a fixed day of the month; none (-1) in an office too small for it."""
        is_there = self.count > LARGE_PAYER and self.segment[LARGE_PAYER] == BOARD
        return LARGE_PAYER if is_there else -1

    def segment_on(self, days: Array, who: Array) -> npt.NDArray[np.int64]:
        """Segment of customers on days: a utility board of a handed-over area is the regional utility from then on."""
        now = self.segment[who]
        return np.where((now == BOARD) & (days >= self.cut_day[who]), UTILITY, now)

    def center_on(self, days: Array, who: Array) -> npt.NDArray[np.int64]:
        """Centre that manages customers on days."""
        return np.where(days >= self.cut_day[who], self.manager[who], self.center[who])

    def draw(self, what: int) -> np.random.Generator:
        """A generator of its own for each thing drawn, so that one more draw somewhere moves nothing elsewhere."""
        return np.random.default_rng([self.seed, self.part, what])
