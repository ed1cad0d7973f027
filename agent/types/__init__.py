"""Data types: Question → ParsedQuestion → Match → RunResult with Evidence → Answer → Report.

All are frozen Pydantic models that reject unknown fields and round-trip through JSON.

cards      entries of the registry, which every step uses
questions  a question as asked and as parsed, and what it matches
runs       what tools measured and made
answers    an answer, and the report around it
"""

from agent.types.answers import (
    Answer,
    InputFile,
    ModelUse,
    Reference,
    Report,
    Section,
    Statement,
    ToolCall,
    Transcript,
    Verdict,
    Verification,
    WorkflowStep,
)
from agent.types.base import FrozenModel
from agent.types.cards import (
    DEFECT_NAMES,
    MODEL_FACTS,
    PROGRAM,
    SPANNING,
    SUBJECT_NAMES,
    AnswerRow,
    Card,
    CardStep,
    Claim,
    CuratedAnswer,
    Defect,
    Licence,
    PublishedMeasure,
    Subject,
)
from agent.types.questions import (
    MAX_QUESTION_CHARACTERS,
    REMEMBERED_TURNS,
    Abstention,
    AbstentionReason,
    Condition,
    CuratedMatch,
    Intent,
    Match,
    ParsedQuestion,
    Question,
    Turn,
    Wish,
    question_from,
)
from agent.types.runs import Artefact, Edge, Evidence, Node, Provenance, RunResult, Workflow

__all__ = [
    "DEFECT_NAMES",
    "MAX_QUESTION_CHARACTERS",
    "MODEL_FACTS",
    "PROGRAM",
    "REMEMBERED_TURNS",
    "SPANNING",
    "SUBJECT_NAMES",
    "Abstention",
    "AbstentionReason",
    "Answer",
    "AnswerRow",
    "Artefact",
    "Card",
    "CardStep",
    "Claim",
    "Condition",
    "CuratedAnswer",
    "CuratedMatch",
    "Defect",
    "Edge",
    "Evidence",
    "FrozenModel",
    "InputFile",
    "Intent",
    "Licence",
    "Match",
    "ModelUse",
    "Node",
    "ParsedQuestion",
    "Provenance",
    "PublishedMeasure",
    "Question",
    "Reference",
    "Report",
    "RunResult",
    "Section",
    "Statement",
    "Subject",
    "ToolCall",
    "Transcript",
    "Turn",
    "Verdict",
    "Verification",
    "Wish",
    "Workflow",
    "WorkflowStep",
    "question_from",
]
