"""What it takes to learn how one function has been doing, asked of lambdascope and of AWS's own servers."""

from bench.figures import Section, Target
from bench.monitor.askers import ASKERS
from bench.monitor.inquiry import Inquiry, inquire
from bench.monitor.past import FUNCTION, executions_of
from bench.monitor.stage import MonitorStage
from bench.monitor.tables import sections_of
from bench.monitor.wanted import wanted_of_function, wrong_or_missing

TARGETS = {
    "weight": (
        Target(column="tokens", bound=2000, at_most=True),
        Target(column="tool calls", bound=1, at_most=True),
    ),
    "AWS": (
        Target(column="GetMetricData", bound=2, at_most=True),
        Target(column="StartQuery", bound=2, at_most=True),
        Target(column="at once", bound=3, at_most=False),
    ),
    "time": (Target(column="own ms", bound=50, at_most=True),),
}
REMARKS = (
    "the peers' metrics and queries are written by someone who knows CloudWatch and asked at once",
    "a token is four bytes of all that comes back, text and structured content; some clients show a model one of them",
    "writing the calls takes a model time that is in no figure",
    "analyze_log_group of awslabs cloudwatch is left out: its `pattern` command is not played by the local AWS",
)


async def measure(stage: MonitorStage) -> list[Section]:
    """Measure everyone over windows that no cache has seen."""
    wanted = wanted_of_function(executions_of(FUNCTION, stage.now_ms))
    inquiry = Inquiry(
        title="One function over three hours",
        askers=ASKERS,
        calls=lambda asker, window: asker.one_function(window),
        wanted=len(wanted),
        lacks=lambda found: wrong_or_missing(found, wanted),
    )
    return sections_of(inquiry, await inquire(stage, inquiry), TARGETS, REMARKS)
