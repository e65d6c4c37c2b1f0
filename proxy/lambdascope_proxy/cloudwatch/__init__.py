"""The read side of CloudWatch: metrics, Logs Insights and log events, and what looking costs."""
