"""What a language model may do, and no more: read, break ties, choose experiments, word the answer.

understanding  fills the parsed question from words of the question      prompts/parse.md
choosing       orders cards that fit equally well; chooses tools         prompts/order.md, plan.md
writing        words statements about facts and evidence that exist      prompts/write.md

Each takes what was found without a model and gives it back unchanged where the model fails. Which
cards are cited, what ran and what was measured is settled before any of them.
"""

from agent.llm.author.session import Guide, Said, Speaker

__all__ = ["Guide", "Said", "Speaker"]
