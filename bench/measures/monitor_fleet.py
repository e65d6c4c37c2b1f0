"""What it takes to learn which of 200 functions do worst, asked of lambdascope and of AWS's own servers."""

from bench.figures import Section, Target
from bench.monitor.askers import ASKERS, SERVERLESS_SERVER, Asker
from bench.monitor.asking import ToolCall, Window
from bench.monitor.inquiry import Inquiry, inquire
from bench.monitor.past import BUSY_FLEET, FLEET, FUNCTION, executions_of
from bench.monitor.stage import MonitorStage
from bench.monitor.tables import sections_of
from bench.monitor.wanted import EACH, WORST, wanted_of_fleet, wrong_of_worst

FUNCTIONS = (FUNCTION, *FLEET)
TARGETS = {
    "weight": (
        Target(column="tokens", bound=2000, at_most=True),
        Target(column="tool calls", bound=1, at_most=True),
    ),
    "AWS": (Target(column="GetMetricData", bound=4, at_most=True),),
    "time": (Target(column="own ms", bound=50, at_most=True),),
}
REMARKS = (
    "the peers are told the names of the functions; lambdascope finds them",
    "awslabs cloudwatch asks by name: its group_by_dimension needs Metrics Insights, which the local AWS does not play",
    "(on AWS that is four short calls, without percentiles)",
)


async def measure(stage: MonitorStage) -> list[Section]:
    """Measure everyone; the serverless server needs a call per function and is asked twice in all."""
    wanted = wanted_of_fleet({name: executions_of(name, stage.now_ms) for name in (FUNCTION, *BUSY_FLEET)})
    inquiry = Inquiry(
        title=f"The worst of {len(FUNCTIONS)} functions over three hours",
        askers=tuple(asker for asker in ASKERS if asker.fleet),
        calls=_calls,
        wanted=WORST * len(EACH) + 1,
        lacks=lambda found: wrong_of_worst(found, wanted),
        slow=frozenset([SERVERLESS_SERVER]),
    )
    return sections_of(inquiry, await inquire(stage, inquiry), TARGETS, REMARKS)


def _calls(asker: Asker, window: Window) -> list[ToolCall]:
    assert asker.fleet is not None
    return asker.fleet(window, FUNCTIONS)
