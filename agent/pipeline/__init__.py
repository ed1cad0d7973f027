"""From a question to a report.

answering   `ask`: all steps in order; read it first     agent/pipeline/answering.py
sources     what an answer may cite                      agent/pipeline/sources.py
record      what a report records beside the answer      agent/pipeline/record.py
agent       the `Agent` that Python code and all         agent/pipeline/agent.py
            interfaces use
"""

from agent.pipeline.agent import Agent
from agent.pipeline.answering import Callbacks, Tools, ask
from agent.pipeline.sources import Sources

__all__ = ["Agent", "Callbacks", "Sources", "Tools", "ask"]
