"""What kind of answer a question wants, as people put it."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.question.parse import parse
from agent.types import Intent

#: Questions, one a line, by the kind of answer that they want.
ASKED: dict[str, str] = {
    "define": """
        What is a residual block?
        what is super-resolution
        What is PSNR?
        What is the feature attention module?
        Who are you?
        what can you do
        what's this thing
        What does AFF stand for?
        what do you mean by saliency
        tell me about LLaVAR
        FeatSharp
        what is a u-net and is it used here
        What exactly are feature maps?
    """,
    "fact": """
        what is the licence of FeatSharp
        Whats the frequency loss?
        what is the PSNR on GoPro
        how big is the model file
        how long does it take on a phone
        Which one runs on 16 GB?
        when was FeatSharp published
        who are the authors
        Could you tell me who wrote the FeatSharp paper?
        Please tell me the size of the weights
        give me the link to the code
        how do I cite LLaVAR
        Where can I download the weights
        and how many parameters?
        thanks! and how fast is it
        What GPU do I need for training?
        MIMO-UNet+ licence
        What licence is it under? I sell prints.
    """,
    "verify": """
        Is there a licence?
        do I need a GPU
        can i use it in my shop
        MIMO-UNet+ was trained on ImageNet, wasn't it?
        It does not use a GAN, does it?
        The code is under Apache, right?
        FeatSharp works on any encoder, doesnt it
        I heard that LLaVAR uses GPT-4 to make its training data
        My colleague says the network cannot enlarge anything.
        FeatSharp was made by Nvidia.
        so the brain ignores salient things?
        Will it help with out of focus shots?
        Should I upscale before printing?
        is 8 GB enough
        can you handle black and white film
        can it make my logo bigger
        My vet sent an ultrasound picture that was sharpened - could details be made up?
        Is it true that nothing is uploaded?
        Do the colours change when I deblur?
        my friend enlarged a photo of his car and the plate is readable. Is that possible?
    """,
    "compare": """
        FeatSharp vs FeatUp
        which should I pick for faces
        what's the best tool for old letters
        Can you recommend something for shaky videos?
        which of these models should I use on a screenshot
        What is the difference between FeatSharp and JBU?
        How does it compare with Restormer?
        Is the small network faster than the large one?
        Does MIMO-UNet+ beat NAFNet?
        What is the best setting
    """,
    "how_to": """
        How do I enlarge a folder of scans?
        is there a way to sharpen my selfie
        I'd like to read the text on a poster
        what do I type to run it
        make it sharper
        can you sharpen this photo for me
        my photo is blurry, what can I use
        I scanned a letter from my grandfather, the ink is faint. Can it be restored?
        I want my picture upscaled
        which app can rescue a shaky photo
        I want to print a photo for my grandma, how do I enlarge it?
        Sharpen all the scans in my folder.
    """,
    "explain": """
        why does the network use three scales?
        How does it keep text readable?
        what happens to the colours
        Why is MIMO-UNet+ better than the first version?
        what is the point of three outputs
        What makes the 4x upscaler keep line art so clean?
        I deblurred a photo and everything is crisp. Impressive! How?
        my upscaled picture is great, how does that work?
        Why do upscaled photos look like plastic?
        why is my photo blurry
        I enlarged a black and white photo of a broken window. Why is it so sharp?
        can you explain the loss
        Thanks. Why does it use FFT?
        Why is A sharp and B blurry?
    """,
    "look": """
        what does the sign say in this photo?
        is my picture sharper now?
        how much sharper did my picture become?
        by how much did the edges change
        are the letters still right?
        Which letters in my scan are wrong?
        how many people are in this photo
        what did you measure on my picture?
        did the colours change?
        Is the text in my scan readable?
        can you read this label for me?
    """,
    "complain": """
        why is it still blurry
        The result looks like plastic
        white halos everywhere after sharpening
        nothing changed, what's wrong?
        The faces look waxy now. What can I do?
        It turned the street sign into nonsense
        I enlarged my logo and the colours are off
        your app ruined my picture!
        I get a black image after running it
        it crashed
        my upscaled photos look so fake, like a painting
        the sharpened picture has a strange grid pattern
        There's ringing around text after I upscaled a scan.
        Sharpening made the noise worse
        the enlarged scan has lines through it and I don't know why
        Why did the upscaler smear the hair of my dog?
        did i do something wrong? my photo looks worse now
        My deblurred photo is darker than the original, is this a bug?
        The photo hardly changed.
        I see no improvement whatsoever
        It swapped two digits on my bill. How can that be?
    """,
    "chat": """
        hello
        Hey there!
        thanks a lot, that helped
        why?
        How come?
        shorter please
        can you make that a bit shorter
        you are useless
        what a stupid bot
        test
        testing 123
        ok
        show me the table
        the other one
        ????
        good bot
        i don't get it
        lol
        42
        ok thanks
        are you there
        haha nice
    """,
}
EACH = [(intent, line.strip()) for intent, block in ASKED.items() for line in block.split("\n")]
QUESTIONS = [(intent, question) for intent, question in EACH if question]


def test_every_kind_of_answer_has_questions_here() -> None:
    assert set(ASKED) == set(get_args(Intent))


@pytest.mark.parametrize(("intent", "question"), QUESTIONS)
def test_a_question_wants_an_answer_of_its_kind(intent: str, question: str) -> None:
    assert parse(question).intent == intent


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        # A picture that went in is blurred: nothing came out badly.
        ("My photo came from a cheap camera and is blurry. What should I use?", "compare"),
        ("my photo is blurry, can you fix it?", "how_to"),
        ("I took a blurry photo. How do I sharpen it?", "how_to"),
        # The same words of a result.
        ("I sharpened my photo and it is blurry. Why?", "complain"),
        ("I sharpened my photo and it is blurry. Which loss is used?", "fact"),
        ("I sharpened my photo and it is blurry. Is that normal?", "complain"),
        # What is only feared is no complaint.
        ("Could it make my photo worse?", "verify"),
        ("Does it add halos?", "verify"),
    ],
)
def test_a_complaint_is_about_a_result(question: str, intent: str) -> None:
    assert parse(question).intent == intent


@pytest.mark.parametrize(
    "question",
    [
        "Explain it to me like I'm twelve",
        "in plain english please: what does featsharp do",
        "I'm not technical. what does LLaVAR do?",
        "ELI5: saliency",
        "Tell me what the network does so that my grandmother understands",
        "explain feature maps to a child",
        "How does deblurring work? No jargon please",
        "deblurring for dummies",
        "How does it work, in simple words?",
        "explain the paper as if I were a beginner",
    ],
)
def test_plain_words_are_asked_for(question: str) -> None:
    assert parse(question).layman


@pytest.mark.parametrize(
    "question",
    [
        "Is it simple to use?",
        "Is there a simple command to run it?",
        "I want to print a photo for my grandma, how do I enlarge it?",
        "Does a simple blur come off more easily?",
        "I restored a picture of my kids. Why is it sharp?",
        "give me a simple explanation of the loss",
        "Which words can it read?",
    ],
)
def test_plain_words_are_not_asked_for(question: str) -> None:
    assert not parse(question).layman
