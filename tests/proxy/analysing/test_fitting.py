"""What a model gets is bounded: lists lose their tails, in order, and what is left out is counted."""

import json

from lambdascope_proxy.analysing.fitting import fitted


def answer(groups: int, causes: int) -> dict[str, object]:
    return {
        "summary": "s",
        "groups": [{"name": f"function-{n:03}", "cost_usd": "0.000001"} for n in range(groups)],
        "causes": [f"cause-{n:03}" for n in range(causes)],
    }


def size(data: object) -> int:
    return len(json.dumps(data, separators=(",", ":")).encode())


def test_an_answer_that_fits_is_left_as_it_is() -> None:
    assert fitted(answer(3, 3), ("causes", "groups"), 1_000) == answer(3, 3)


def test_the_list_named_first_is_cut_first_and_from_its_end() -> None:
    data = fitted(answer(5, 40), ("causes", "groups"), 600)
    assert size(data) <= 600
    assert data["groups"] == answer(5, 40)["groups"]
    assert data["causes"] == answer(5, 40)["causes"][: len(data["causes"])]  # type: ignore[index]
    assert data["not_listed"] == {"causes": 40 - len(data["causes"])}


def test_each_list_keeps_its_head_and_every_loss_is_counted() -> None:
    data = fitted(answer(50, 40), ("causes", "groups"), 100)
    assert (len(data["groups"]), len(data["causes"])) == (1, 1)
    assert data["not_listed"] == {"causes": 39, "groups": 49}


def test_what_the_analysis_itself_left_out_is_added() -> None:
    data = fitted({**answer(50, 0), "not_listed": {"groups": 7}}, ("groups",), 400)
    assert data["not_listed"]["groups"] == 7 + 50 - len(data["groups"])


def test_of_hours_and_days_in_their_order_the_latest_are_kept() -> None:
    answer = {"group_by": "day", "groups": [{"group": f"2026-11-{day:02d}"} for day in range(1, 31)], "errors": [1, 2]}
    data = fitted(answer, ("groups",), most_bytes=200)
    assert data["groups"][-1] == {"group": "2026-11-30"}
    assert len(data["groups"]) + data["not_listed"]["groups"] == 30
    assert fitted({**answer, "group_by": "tool"}, ("groups",), most_bytes=200)["groups"][0] == {"group": "2026-11-01"}
