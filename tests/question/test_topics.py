"""What a person wants to know about, told from what a picture shows."""

from __future__ import annotations

import pytest

from agent.question.parse import parse


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("How fast is it?", "speed"),
        ("Is the network fast enough for video?", "speed"),
        ("is it slow on an old computer", "speed"),
        ("Does deblurring take long? My machine is slow.", "speed"),
        ("can it run on my laptop", "speed memory"),
        ("does this work on a phone?", "speed memory"),
        ("Do I need a GPU?", "speed memory"),
        ("I only have 8 GB", "memory"),
        ("how much memory does it want", "memory"),
        ("How much memory do my 12 megapixel photos need?", "memory"),
        ("which loss was used", "loss"),
        ("what is the loss", "loss"),
        ("The loss of FeatSharp is MSE, right?", "loss"),
        ("how was the model trained", "training"),
        ("training time?", "training"),
        ("can I train it on my data", "training"),
        ("where are the weights", "weights"),
        ("Are the weights of the plus version free?", "weights cost"),
        ("May I sell the prints?", "licence"),
        ("is commercial use of the pictures ok", "licence"),
        ("Can I use it for my business?", "licence"),
        ("is it free", "cost"),
        ("How much does it cost?", "cost"),
        ("do I have to buy a subscription", "cost"),
        ("how do i cite it", "citation"),
        ("bibtex please", "citation"),
        ("I need the reference entry of the paper", "citation"),
        ("What are its limits?", "limits"),
        ("which layers see the brain-like things", "layers brain"),
        ("Do networks pay attention like the brain does?", "brain"),
        ("how many layers are there", "layers"),
        ("What is the licence of Unheard?", "licence"),
        ("My GPU has 6 GB of memory, is it fast enough?", "memory speed"),
    ],
)
def test_a_question_is_about_its_topics(question: str, topics: str) -> None:
    assert set(topics.split()) <= set(parse(question).topics)


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("Why does a speeding car look streaky?", "speed"),
        ("The car in my photo is smeared because it was speeding. Can I get it back?", "speed"),
        ("My dog was too fast for the camera. How do I sharpen him?", "speed"),
        ("I photographed a train at full speed, why is it smeared?", "speed training"),
        ("Can it read the speed limit on this sign?", "speed limits"),
        ("can it sharpen the fast food sign in my picture", "speed"),
        ("This photo is a good memory of my grandma. Can it be sharpened?", "memory"),
        ("how do I enlarge a photo of my training shoes", "training"),
        ("Can it sharpen the heavy weights in the gym photo?", "weights"),
        ("The weights in my photo are blurred, why?", "weights"),
        ("Can you make out the licence plate?", "licence"),
        ("my driving licence is blurred in the scan, can it be restored", "licence"),
        ("I scanned a letter of my lawyer about legal matters. Why is it soft?", "licence"),
        ("How do I sharpen a picture of a layer cake?", "layers"),
        ("Why are the price tags in my screenshot readable?", "cost"),
        ("The free throw in my basketball shot is blurred, why?", "cost"),
        ("My brain scan looks blurry. Which tool helps?", "brain"),
        ("what happened to the tiles on the roof in my photo", "input-size"),
        ("Is the noise ceiling of the room visible?", "evaluation"),
        ("I took the photo on my phone. Why is it soft?", "speed memory"),
        ("Why is the size of the room hard to see?", "input-size"),
        ("can the text message in my screenshot be sharpened", "language"),
        ("The runner scored while I took the shot, can the photo be saved?", "evaluation"),
        ("My kid's science project on pyramids is blurry. Why?", "multi-scale"),
        ("I shot a commercial for a bakery, why are the edges soft", "licence"),
    ],
)
def test_what_a_picture_shows_is_no_topic(question: str, topics: str) -> None:
    assert set(topics.split()).isdisjoint(parse(question).topics)
