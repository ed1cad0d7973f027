"""Tokens and money: what is counted, what it costs, and that no cap is passed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ConfigError
from agent.llm.spending import MOST_OUTPUT, Meter, Price, Spending, Spent, estimate

tokens = st.integers(0, 1_000_000)
spendings = st.builds(
    Spending,
    calls=st.integers(0, 100),
    cached=st.integers(0, 100),
    input=tokens,
    output=tokens,
    estimated=st.booleans(),
    usd=st.integers(0, 50).map(float) | st.none(),
)


# --- prices ---------------------------------------------------------------------------------------


def test_a_price_is_dollars_for_a_million_tokens_in_and_out():
    price = Price.parse("0.4/1.6")
    assert (price.input, price.output) == (0.4, 1.6)
    assert "--price" in price.source


@pytest.mark.parametrize("text", ["", "1", "a/b", "-1/2", "1/-2", "nan/1", "1/inf", "1/2/3"])
def test_what_is_no_price_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match=r"0\.4/1\.6") as raised:
        Price.parse(text)
    assert repr(text) in str(raised.value)


# --- counting -------------------------------------------------------------------------------------


def test_the_count_of_the_server_is_taken_where_there_is_one():
    meter = Meter()
    meter.add("a prompt", "a reply", (500, 1_000))
    assert (meter.calls, meter.input, meter.output, meter.estimated) == (1, 500, 1_000, False)
    assert meter.tokens == 1_500


@pytest.mark.parametrize("counted", [None, (0, 0), (0, 5), (5, 0), (-1, 5)])
def test_where_the_server_does_not_count_tokens_are_estimated_and_marked_so(counted):
    meter = Meter()
    meter.add("a prompt", "a reply", counted)
    assert meter.estimated and meter.input > 0 and meter.output > 0


def test_an_empty_reply_may_cost_no_token():
    meter = Meter()
    meter.add("a prompt", "", (5, 0))
    assert meter.tokens == 5 and not meter.estimated


@given(st.text())
def test_an_estimate_is_never_nothing_and_grows_with_the_text(text):
    assert 0 < estimate(text) <= estimate(text + "abc") - 1


def test_a_call_whose_tokens_are_estimated_leaves_the_sum_estimated():
    meter = Meter()
    meter.add("p", "r", None)
    meter.add("p", "r", (5, 5))
    assert meter.estimated


def test_no_call_is_lost_between_threads():
    meter = Meter()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: meter.add("", "", (2, 1)), range(500)))
    assert (meter.calls, meter.input, meter.output) == (500, 1_000, 500)


def test_the_cost_follows_from_the_price():
    meter = Meter(Price.parse("2/10"))
    meter.add("", "", (500, 1_000))
    assert meter.usd == pytest.approx(0.011)


def test_without_a_price_no_cost_is_made_up():
    meter = Meter()
    meter.add("", "", (500, 1_000))
    assert meter.usd is None and meter.spending.usd is None


# --- sums and differences -------------------------------------------------------------------------


@given(spendings, spendings)
def test_what_is_added_can_be_taken_off_again(first, second):
    back = first + second - second
    assert (back.calls, back.cached, back.input, back.output) == (
        first.calls, first.cached, first.input, first.output
    )  # fmt: skip
    assert back.usd == (first.usd if second.usd is not None else None)


@given(spendings, spendings)
def test_a_sum_is_as_uncertain_as_its_parts(first, second):
    both = first + second
    assert both.estimated is (first.estimated or second.estimated)
    assert (both.usd is None) is (first.usd is None or second.usd is None)


# --- caps -----------------------------------------------------------------------------------------


def test_without_a_cap_a_reply_may_have_as_many_tokens_as_any_answer_needs():
    meter = Meter()
    meter.add("", "", (10**9, 10**9))
    assert meter.room("a prompt") == MOST_OUTPUT


def test_money_cannot_be_capped_where_the_price_is_not_known():
    with pytest.raises(ConfigError, match="--price IN/OUT"):
        Meter(max_usd=1.0)


@given(cap=st.integers(1, 40_000), spent=st.integers(0, 40_000), prompt=st.text(max_size=300))
def test_a_reply_that_fills_its_room_stays_under_the_cap_on_tokens(cap, spent, prompt):
    meter = Meter(max_tokens=cap)
    meter.add("", "", (spent, 0) if spent else None)
    before = meter.tokens
    try:
        room = meter.room(prompt)
    except Spent:
        assert cap - before - estimate(prompt) < MOST_OUTPUT
    else:
        assert before + estimate(prompt) + room <= cap


@given(
    cap=st.floats(0.001, 1.0),
    price=st.sampled_from(["2/10", "0.1/0.4", "5/0", "0/5"]),
    spent=tokens,
    prompt=st.text(max_size=300),
)
def test_a_reply_that_fills_its_room_stays_under_the_cap_on_money(cap, price, spent, prompt):
    meter = Meter(Price.parse(price), max_usd=cap)
    meter.add("", "", (spent + 1, spent + 1))
    try:
        room = meter.room(prompt)
    except Spent:
        return
    meter.add("", "", (estimate(prompt), room))
    assert meter.usd is not None and meter.usd <= cap * (1 + 1e-9)


def test_a_model_is_not_asked_where_no_answer_fits_under_the_cap():
    meter = Meter(max_tokens=1_000)
    meter.add("", "", (900, 50))
    with pytest.raises(Spent, match=r"--max-tokens 1000; 950 tokens spent.*not called"):
        meter.room("a prompt")


def test_the_refusal_names_every_cap_that_was_set():
    meter = Meter(Price.parse("2/10"), max_tokens=100, max_usd=0.011)
    with pytest.raises(Spent, match=r"--max-tokens 100 and --max-usd 0\.011"):
        meter.room("a prompt")


def test_the_caps_hold_for_a_model_and_its_judge_together():
    first, second = Meter(max_tokens=1_000), Meter(max_tokens=1_000)
    first.beside, second.beside = second, first
    first.add("", "", (400, 100))
    second.add("", "", (200, 100))
    for meter in (first, second):
        with pytest.raises(Spent, match="800 tokens spent"):
            meter.room("")
