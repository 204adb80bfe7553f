from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_quality.lib.promise import (
    Centre,
    Item,
    Operation,
    Option,
    Planner,
    Supply,
    net,
    subtract,
)

#: Monday, 8:00
NOW = datetime(2026, 3, 2, 8)
A, B, C, D = 1, 2, 3, 4
SAW, LATHE = 11, 12


def day(number, hour=8):
    """Return a date of March 2026; the 1st, 7th, 8th, 14th… are weekends."""
    return datetime(2026, 3, number, hour)


def week(*closed, weeks=4):
    """Return working time from 8 to 16 on weekdays, without the closed days of March."""
    days = [day(2) + timedelta(days=number) for number in range(7 * weeks)]
    return [
        (start, start + timedelta(hours=8))
        for start in days
        if start.weekday() < 5 and start not in [day(number) for number in closed]
    ]


def operation(centre, minutes, *after, capacity=1.0, name="Operation"):
    return Operation(name, (Option(centre, 0.0, minutes, capacity),), after)


@tagged("post_install", "-at_install")
class TestPromise(BaseCase):
    """The arithmetic of a promise, against dates that were worked out by hand (B5)."""

    def _plan(self, items, supplies=None, centres=None, opening=None):
        return Planner(NOW, items, supplies or {}, centres or {}, opening)

    def test_stock_covers_the_line_now(self):
        """B5: nothing is waited for."""
        planner = self._plan({A: Item(A, "buy", 14)}, {A: [Supply(NOW, 5)]})
        outcome = planner.promise(A, 5)
        self.assertEqual(outcome.date, NOW)
        self.assertFalse(outcome.get_limit())

    def test_the_supplier_limits_what_is_short(self):
        """B5: 14 calendar days from Monday the 2nd is the 16th."""
        planner = self._plan({A: Item(A, "buy", 14)}, {A: [Supply(NOW, 3)]})
        outcome = planner.promise(A, 5)
        self.assertEqual(outcome.date, day(16))
        self.assertEqual((outcome.free, outcome.short), (3, 2))
        self.assertEqual(outcome.get_limit().kind, "purchase")

    def test_a_receipt_is_waited_for_only_when_it_is_sooner_than_the_supplier(self):
        """B5: a receipt on the 5th beats a lead time to the 16th, one on the 20th does not."""
        supplies = {A: [Supply(day(5), 2, 71), Supply(day(20), 9, 72)]}
        planner = self._plan({A: Item(A, "buy", 14)}, supplies)
        first, second = planner.promise(A, 2), planner.promise(A, 2)
        self.assertEqual(first.date, day(5))
        self.assertEqual(first.get_limit().kind, "incoming")
        self.assertEqual(second.date, day(16))

    def test_lines_share_stock(self):
        """B5: what the first line takes is not there for the second."""
        planner = self._plan({A: Item(A, "buy", 7)}, {A: [Supply(NOW, 5)]})
        self.assertEqual(planner.promise(A, 4).date, NOW)
        second = planner.promise(A, 4)
        self.assertEqual((second.free, second.short, second.date), (1, 3, day(9)))

    def test_another_order_starts_from_the_same_stock(self):
        """B5: a planner leaves what it was given as it is."""
        supplies, centres = {A: [Supply(NOW, 5)]}, {SAW: Centre(week())}
        items = {A: Item(A, "buy", 7), B: Item(B, "make", operations=(operation(SAW, 60),))}
        for _order in range(2):
            planner = self._plan(items, supplies, centres)
            self.assertEqual(planner.promise(A, 5).date, NOW)
            self.assertEqual(planner.promise(B, 4).date, day(2, 12))

    def test_earlier_promises_are_kept(self):
        """B5: they take the latest supply that is in time, so that what comes sooner is free."""
        supplies = [Supply(NOW, 5), Supply(day(10), 5, 71), Supply(day(20), 5, 72)]
        left = net(supplies, [(day(12), 4), (day(4), 2)])
        self.assertEqual([supply.quantity for supply in left], [3, 1, 5])

    def test_a_late_promise_takes_what_comes_first(self):
        """B5: who waits already is served before anybody new."""
        left = net([Supply(day(10), 5, 71)], [(day(3), 4)])
        self.assertEqual([supply.quantity for supply in left], [1])

    def test_a_weekend_and_a_holiday_are_not_worked(self):
        """B5: 50 hours at 8 hours a day from Monday the 2nd, Thursday closed.

        2nd, 3rd, 4th, 6th: 32 hours; 9th, 10th: 48; the last two on the 11th until 10:00.
        """
        items = {A: Item(A, "make", operations=(operation(SAW, 60),))}
        outcome = self._plan(items, centres={SAW: Centre(week(5))}).promise(A, 50)
        self.assertEqual(outcome.date, day(11, 10))
        self.assertEqual(outcome.get_limit().centre, SAW)

    def test_a_job_waits_for_a_gap_that_holds_it(self):
        """B5: planned 10–12 on the 2nd; three hours fit from 12:00 only."""
        items = {A: Item(A, "make", operations=(operation(SAW, 60),))}
        centre = Centre(week(), [(day(2, 10), day(2, 12))])
        self.assertEqual(self._plan(items, centres={SAW: centre}).promise(A, 3).date, day(2, 15))
        self.assertEqual(self._plan(items, centres={SAW: centre}).promise(A, 2).date, day(2, 10))

    def test_a_job_pauses_at_night_but_for_no_other_job(self):
        """B5: 10 hours would end on the 3rd at 10:00, but at 9:00 another one is planned."""
        items = {A: Item(A, "make", operations=(operation(SAW, 60),))}
        centre = Centre(week(), [(day(3, 9), day(3, 11))])
        self.assertEqual(self._plan(items, centres={SAW: centre}).promise(A, 10).date, day(4, 13))

    def test_a_long_planned_job_blocks_across_the_night(self):
        """B5: planned from the 2nd 15:00 to the 3rd 10:00; two hours after 15:00 start then."""
        items = {A: Item(A, "make", operations=(operation(SAW, 60),))}
        busy = [(day(2, 8), day(2, 9)), (day(2, 9), day(3, 10))]
        centre = Centre(week(), busy)
        self.assertEqual(self._plan(items, centres={SAW: centre}).promise(A, 2).date, day(3, 12))

    def test_operations_follow_each_other_and_the_longest_wait_limits(self):
        """B5: 4 hours on the saw until 12:00; the lathe is busy until the 6th, then 4 hours."""
        route = (operation(SAW, 60), operation(LATHE, 60, 0))
        centres = {
            SAW: Centre(week()),
            LATHE: Centre(week(), [(day(2), day(6))]),
        }
        outcome = self._plan({A: Item(A, "make", operations=route)}, centres=centres).promise(A, 4)
        self.assertEqual(outcome.date, day(6, 12))
        self.assertEqual(outcome.get_limit().centre, LATHE)
        self.assertEqual([step.centre for step in outcome.route], [SAW, LATHE])

    def test_the_alternative_work_centre_is_taken_when_it_ends_sooner(self):
        """B5: the saw is busy, the lathe takes double the time and is done first."""
        route = (Operation("Cut", (Option(SAW, 0, 60, 1), Option(LATHE, 0, 120, 1))),)
        centres = {SAW: Centre(week(), [(day(2), day(5))]), LATHE: Centre(week())}
        outcome = self._plan({A: Item(A, "make", operations=route)}, centres=centres).promise(A, 3)
        self.assertEqual(outcome.date, day(2, 14))

    def test_cycles_are_whole(self):
        """B5: five pieces, two at a time, are three cycles of 60 minutes and 30 of set-up."""
        option = Option(SAW, 30, 60, 2)
        self.assertEqual(option.get_minutes(5), 210)
        self.assertEqual(option.get_minutes(4), 150)

    def test_lines_share_capacity(self):
        """B5: the second line's hour comes after the first one's seven."""
        items = {A: Item(A, "make", operations=(operation(SAW, 60),))}
        planner = self._plan(items, centres={SAW: Centre(week())})
        self.assertEqual(planner.promise(A, 7).date, day(2, 15))
        self.assertEqual(planner.promise(A, 2).date, day(3, 9))

    def test_a_component_is_waited_for_before_work_begins(self):
        """B5: component by purchase on the 9th, then 4 hours: the supplier limits."""
        items = {
            A: Item(A, "make", components=((B, 2.0),), operations=(operation(SAW, 60),)),
            B: Item(B, "buy", 7),
        }
        planner = self._plan(items, {B: [Supply(NOW, 3)]}, {SAW: Centre(week())})
        outcome = planner.promise(A, 4)
        self.assertEqual(outcome.date, day(9, 12))
        self.assertEqual((outcome.get_limit().kind, outcome.get_limit().product), ("purchase", B))
        [part] = outcome.parts
        self.assertEqual((part.needed, part.free, part.short, part.date), (8, 3, 5, day(9)))

    def test_a_sub_assembly_is_made_when_it_is_short(self):
        """B5: one of two is there; the other waits 3 days for C and then takes 2 days."""
        items = {
            A: Item(A, "make", 1, components=((B, 1.0),)),
            B: Item(B, "make", 2, components=((C, 1.0),)),
            C: Item(C, "buy", 3),
        }
        outcome = self._plan(items, {B: [Supply(NOW, 1)]}).promise(A, 2)
        self.assertEqual(outcome.date, day(8))
        self.assertEqual(
            [(p.product, p.level, p.short) for p in outcome.parts], [(B, 1, 1), (C, 2, 1)]
        )
        self.assertEqual(outcome.get_limit().product, C)

    def test_the_manufacturing_lead_time_is_a_minimum(self):
        """B5: the work takes an hour, the lead time says five days."""
        items = {A: Item(A, "make", 5, operations=(operation(SAW, 60),))}
        outcome = self._plan(items, centres={SAW: Centre(week())}).promise(A, 1)
        self.assertEqual((outcome.date, outcome.get_limit().kind), (day(7), "manufacture"))

    def test_what_would_be_ready_on_a_weekend_leaves_on_monday(self):
        """B5: five days end on Saturday the 7th; with a day of security it is the 8th, so 9th."""
        planner = self._plan({A: Item(A, "make", 5)}, opening=Centre(week()))
        outcome = planner.promise(A, 1, after_days=1)
        self.assertEqual((outcome.date, outcome.get_limit().kind), (day(9), "manufacture"))

    def test_made_to_order_takes_no_stock(self):
        """B5: stock is there, and somebody else's."""
        planner = self._plan({A: Item(A, "make", 3)}, {A: [Supply(NOW, 9)]})
        self.assertEqual(planner.promise(A, 2, to_order=True).date, day(5))
        self.assertEqual(planner.promise(A, 9).date, NOW)

    def test_the_parts_of_a_kit_are_delivered_together(self):
        """B5: the kit is there when its last part is."""
        planner = self._plan({A: Item(A, "buy", 2), B: Item(B, "buy", 9)})
        outcome = planner.promise_together([(A, 1, False), (B, 1, False)])
        self.assertEqual((outcome.date, outcome.get_limit().product), (day(11), B))
        self.assertEqual([part.product for part in outcome.parts], [A, B])

    def test_nothing_known_gives_no_date_but_its_reason(self):
        """B5: a component that nobody supplies stops the whole promise."""
        items = {A: Item(A, "make", components=((B, 1.0), (C, 1.0))), B: Item(B), C: Item(C, "buy")}
        outcome = self._plan(items).promise(A, 1)
        self.assertEqual((outcome.date, outcome.reason, outcome.blocker), (None, "unknown", B))

    def test_a_bill_of_materials_that_contains_itself_is_named(self):
        """B5: no endless recursion."""
        items = {
            A: Item(A, "make", components=((B, 1.0),)),
            B: Item(B, "make", components=((A, 1.0),)),
        }
        outcome = self._plan(items).promise(A, 1)
        self.assertEqual((outcome.date, outcome.reason), (None, "cycle"))

    def test_no_room_within_the_horizon_is_said(self):
        """B5: four weeks of 40 hours hold no 200 hours."""
        items = {A: Item(A, "make", operations=(operation(SAW, 60),))}
        outcome = self._plan(items, centres={SAW: Centre(week())}).promise(A, 200)
        self.assertEqual((outcome.date, outcome.reason, outcome.blocker), (None, "capacity", SAW))

    def test_closed_time_is_cut_out(self):
        """B5: a shift from 8 to 16 with two overlapping closures and one at its end."""
        left = subtract(
            week(weeks=1)[:2],
            [(day(2, 10), day(2, 12)), (day(2, 11), day(2, 13)), (day(2, 15), day(3, 9))],
        )
        self.assertEqual(
            left, [(day(2), day(2, 10)), (day(2, 13), day(2, 15)), (day(3, 9), day(3, 16))]
        )

    def test_a_work_center_with_thousands_of_jobs_is_searched_in_one_pass(self):
        """B5: every second quarter of an hour of ten weeks is planned: half an hour fits after."""
        windows = week(weeks=10)
        quarter = timedelta(minutes=15)
        busy = [
            (start + 2 * number * quarter, start + (2 * number + 1) * quarter)
            for start, _end in windows
            for number in range(16)
        ]
        centre = Centre(windows[:-1], busy)
        self.assertEqual(centre.find(NOW, 15), (day(2) + quarter, day(2) + 2 * quarter))
        self.assertIsNone(centre.find(NOW, 30))
        self.assertEqual(Centre(windows, busy[:-16]).find(NOW, 30)[0], windows[-2][1] - quarter)

    def test_the_load_counts_open_hours_only(self):
        """B5: Monday to Wednesday, 24 hours, 15:00 on Monday to 10:00 on Tuesday planned."""
        centre = Centre(week(), [(day(2, 15), day(3, 10)), (day(3, 9), day(3, 10))])
        self.assertEqual(centre.get_load(NOW, day(5)), (24, 3))
