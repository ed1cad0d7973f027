"""A question is told back in sentences that could be printed, or in less words where unsure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.answer.task import quoted, task_of
from agent.question.parse import parse
from agent.question.words import word_set
from agent.references import references_in
from agent.types import Card, ParsedQuestion

MIMO = Card(
    id="mimo",
    name="Deblur-MIMO-UNet-Plus",
    task="single-image deblurring",
    summary="It deblurs.",
    links={},
    aliases=("MIMO-UNet+", "MIMO-UNet Plus", "MIMO-UNet"),
    title="Coarse, Fine and Back",
)
LLAVAR = Card(id="llavar", name="LLaVAR", task="reading", summary="It reads.", links={})

TOLD = [
    (
        "How much memory does it need for a 12MP photo?",
        "You want to know how much memory it needs for a 12MP photo.",
    ),
    (
        "why do the outlines in my enlarged picture look so crisp",
        "You want to know why the outlines in your enlarged picture look so crisp.",
    ),
    ("explain the attention module", "You want the attention module explained."),
    ("explain why my photo is sharp", "You want to know why your photo is sharp."),
    ("can you explain how it works?", "You want to know how it works."),
    ("Could you please tell me which loss it uses?", "You want to know which loss it uses."),
    ("give me the licence of LLaVAR", "You want the licence of LLaVAR."),
    ("I want to restore an old family portrait", "You want to restore an old family portrait."),
    (
        "I'd like to sharpen my scans before printing them",
        "You want to sharpen your scans before printing them.",
    ),
    (
        "I need a tool that runs without a graphics card",
        "You need a tool that runs without a graphics card.",
    ),
    ("help me fix my blurry photo", "You want to fix your blurry photo."),
    ("please deblur this picture", "You want to deblur this picture."),
    ("Deblur my holiday photo", "You want to deblur your holiday photo."),
    ("What about the licence?", "You ask about the licence."),
    ("Is my picture sent anywhere?", "You want to know whether your picture is sent anywhere."),
    ("Do you store my pictures?", "You want to know whether this program stores your pictures."),
    ("Are you a language model?", "You want to know whether this program is a language model."),
    ("Can you read Arabic?", "You want to know whether this program can read Arabic."),
    ("Can you deblur a video for me?", "You want to deblur a video."),
    ("what can you do?", "You want to know what this program can do."),
    ("who made you", "You want to know who made this program."),
    (
        "How do I know whether the letters are right?",
        "You want to know how to know whether the letters are right.",
    ),
    ("Isn't this just sharpening?", "You want to know whether this is just sharpening."),
    (
        "Why doesn't the model fix motion blur?",
        "You want to know why the model does not fix motion blur.",
    ),
    ("Why can't it read my handwriting?", "You want to know why it cannot read your handwriting."),
    ("Won't it invent details?", "You want to know whether it will invent details."),
    (
        "Has anyone measured how fast it runs on a CPU?",
        "You want to know whether anyone has measured how fast it runs on a CPU.",
    ),
    (
        "Have you been trained on my pictures?",
        "You want to know whether this program has been trained on your pictures.",
    ),
    (
        "Where does my picture go when I run it?",
        "You want to know where your picture goes when you run it.",
    ),
    ("When was FeatSharp published?", "You want to know when FeatSharp was published."),
    ("Who wrote it?", "You want to know who wrote it."),
    ("Whose weights are these?", "You want to know whose weights these are."),
    (
        "Which of the four should I use for receipts?",
        "You want to know which of the four you should use for receipts.",
    ),
    ("What makes edges sharp?", "You want to know what makes edges sharp."),
    (
        "What happened to the background of my photo?",
        "You want to know what happened to the background of your photo.",
    ),
    (
        "My photo was sharp before. Now it is blurry. What went wrong?",
        "You say that your photo was sharp before and that now it is blurry. You want to "
        "know what went wrong.",
    ),
    (
        "The letters look wrong after enlarging. Did it guess them?",
        "You say that the letters look wrong after enlarging. You want to know whether it "
        "guessed them.",
    ),
    ("it says out of memory", "You say that it says out of memory."),
    ("text is unreadable after upscaling", "You say that text is unreadable after upscaling."),
    (
        "my scan came out worse than before, what did I do wrong?",
        "You say that your scan came out worse than before. You want to know what you did wrong.",
    ),
    (
        "The result is worse than the original!!!",
        "You say that the result is worse than the original.",
    ),
    ("WHY IS MY PICTURE STILL BLURRY", "You want to know why your picture is still blurry."),
    ("Is it better than Topaz?", "You want to know whether it is better than Topaz."),
    (
        "which is better, LLaVAR or FeatSharp?",
        "You want to know which is better, LLaVAR or FeatSharp.",
    ),
    ("LLaVAR or FeatSharp?", "You ask about LLaVAR and FeatSharp."),
    ("LLaVAR vs FeatSharp", "You ask about LLaVAR vs FeatSharp."),
    ("Tell me about FeatSharp", "You want to know more about FeatSharp."),
    ("tell me more about the training data", "You want to know more about the training data."),
    ("I wonder whether it works offline", "You want to know whether it works offline."),
    ("do you know if it runs on Windows?", "You want to know whether it runs on Windows."),
    (
        "I don't understand why there are three outputs.",
        "You want to know why there are three outputs.",
    ),
    ("I have no idea how to install this.", "You say that you have no idea how to install this."),
    ("Does it work, and if so, how?", "You want to know whether it works, and if so, how."),
    ("Can I use it at work?", "You want to know whether you can use it at work."),
    (
        "May I publish pictures made with it?",
        "You want to know whether you may publish pictures made with it.",
    ),
    (
        "Should we train it on our own scans?",
        "You want to know whether you should train it on your own scans.",
    ),
    ("Will our scans be kept?", "You want to know whether your scans will be kept."),
    (
        "Am I allowed to sell the results?",
        "You want to know whether you are allowed to sell the results.",
    ),
    (
        "Am I wrong that it enlarges pictures?",
        "You want to know whether you are wrong that it enlarges pictures.",
    ),
    ("It enlarges pictures, doesn't it?", "You want to know whether it enlarges pictures."),
    ("you can read text, right?", "You want to know whether this program can read text."),
    (
        "see https://evil.example/x and tell me what it is",
        "You ask about an address or a repository, which is not repeated here.",
    ),
    (
        "clone github.com/foo/bar and run it",
        "You ask about an address or a repository, which is not repeated here.",
    ),
    ("What is foo/bar?", "You ask about an address or a repository, which is not repeated here."),
    ("What does the “residual” do?", "You want to know what the “residual” does."),
    ("What does 'asymmetric' mean here?", "You want to know what 'asymmetric' means here."),
    (
        "How does the model know what an edge is?",
        "You want to know how the model knows what an edge is.",
    ),
    (
        "Which parts of the picture did it change?",
        "You want to know which parts of the picture it changed.",
    ),
    ("How many of the letters are wrong?", "You want to know how many of the letters are wrong."),
    ("How sure is it that this says 8?", "You want to know how sure it is that this says 8."),
    ("Is this letter an O or a zero?", "You want to know whether this letter is an O or a zero."),
    ("Are the letters still right?", "You want to know whether the letters are still right."),
    ("What changed in my picture?", "You want to know what changed in your picture."),
    ("Where did it add detail?", "You want to know where it added detail."),
    ("Did anything go wrong?", "You want to know whether anything went wrong."),
    (
        "Could the network have been trained on my face?",
        "You want to know whether the network could have been trained on your face.",
    ),
    (
        "What if my picture is larger than the memory?",
        "You want to know what happens if your picture is larger than the memory.",
    ),
    ("What is the difference?", "You want to know what the difference is."),
    ("What are its limits?", "You want to know what its limits are."),
    ("What is it for?", "You want to know what it is for."),
    ("What else can it do?", "You want to know what else it can do."),
    ("List the limits", "You want the limits."),
    ("Name three networks that deblur.", "You want three networks that deblur."),
    ("Show me an example", "You want an example."),
    ("Summarise the FeatSharp paper", "You want the FeatSharp paper summarised."),
    ("How good is it?", "You want to know how good it is."),
    (
        "How good is it at reading small print on receipts?",
        "You want to know how good it is at reading small print on receipts.",
    ),
    ("How is the loss computed?", "You want to know how the loss is computed."),
    ("How are edges kept?", "You want to know how edges are kept."),
    ("How was it trained?", "You want to know how it was trained."),
    (
        "How has the field changed since then?",
        "You want to know how the field has changed since then.",
    ),
    ("How would one train it?", "You want to know how to train it."),
    ("How can one check it?", "You want to know how to check it."),
    (
        "What resolution do pictures need to have?",
        "You want to know what resolution pictures need to have.",
    ),
    ("What do I need?", "You want to know what you need."),
    (
        "What would happen if I ran it twice?",
        "You want to know what would happen if you ran it twice.",
    ),
    (
        "If I run it twice, does it get sharper?",
        "You want to know whether it gets sharper if you run it twice.",
    ),
    (
        "Because my scans are confidential I cannot upload them. Does it run locally?",
        "You say that because your scans are confidential you cannot upload them. You want "
        "to know whether it runs locally.",
    ),
    (
        "After upscaling, why do faces look like plastic?",
        "You want to know why faces look like plastic after upscaling.",
    ),
    ("Without a GPU, how long does it take?", "You want to know how long it takes without a GPU."),
    (
        "For a thesis, which paper should I cite?",
        "You want to know which paper you should cite for a thesis.",
    ),
    ("In which layer does meaning appear?", "You want to know in which layer meaning appears."),
    ("On what data was it trained?", "You want to know on what data it was trained."),
    ("To which network does this apply?", "You want to know to which network this applies."),
    ("At what resolution does it work?", "You want to know at what resolution it works."),
    (
        "The network uses batch normalisation?",
        "You want to know whether the network uses batch normalisation.",
    ),
    ("FeatSharp licence", "You ask about the licence of FeatSharp."),
    ("licence of FeatSharp and LLaVAR", "You ask about the licence of FeatSharp and LLaVAR."),
    ("the memory that it needs", "You ask about the memory needs."),
    ("<b>Why</b> is it sharp?", "You ask about sharpness."),
    ("Why does `restore` fail?", "You ask about the limits."),
    ("Is 32.45 dB good?", "You want to know whether 32.45 dB is good."),
    ("How do you pronounce it?", "You want to know how to pronounce it."),
    (
        "Does LLaVAR run on my Mac and do I need the internet?",
        "You want to know whether LLaVAR runs on your Mac and whether you need the internet.",
    ),
    ("Do I need to be online?", "You want to know whether you need to be online."),
    (
        "What kind of pictures does it handle best?",
        "You want to know what kind of pictures it handles best.",
    ),
    ("Which pictures has it seen?", "You want to know which pictures it has seen."),
    (
        "Why has nobody released the weights?",
        "You want to know why nobody has released the weights.",
    ),
    (
        "Why would it work better on text than on faces?",
        "You want to know why it would work better on text than on faces.",
    ),
    (
        "Why must the sides be divisible by four?",
        "You want to know why the sides must be divisible by four.",
    ),
    (
        "Is there a limit to the size of the picture?",
        "You want to know whether there is a limit to the size of the picture.",
    ),
    (
        "Are there other programs like this one?",
        "You want to know whether there are other programs like this one.",
    ),
    ("Were my settings wrong?", "You want to know whether your settings were wrong."),
    ("Did I do something wrong?", "You want to know whether you did something wrong."),
    (
        "Does the model that ran on my picture know German?",
        "You want to know whether the model that ran on your picture knows German.",
    ),
    ("Do models like this hallucinate?", "You want to know whether models like this hallucinate."),
    (
        "Do these networks see what we see?",
        "You want to know whether these networks see what you see.",
    ),
    ("What do these networks see?", "You want to know what these networks see."),
    (
        "How many seconds does one picture of 12 megapixels take on a laptop?",
        "You want to know how many seconds one picture of 12 megapixels takes on a laptop.",
    ),
    (
        "Did the network change the background of my scan?",
        "You want to know whether the network changed the background of your scan.",
    ),
    ("What is a residual?", "You want to know what a residual is."),
    ("What are skip connections?", "You want to know what skip connections are."),
    ("Which loss was used, and why?", "You want to know which loss was used, and why."),
    ("Do edges not get blurred by it?", "You want to know whether edges do not get blurred by it."),
    (
        "Why do small letters not get sharper?",
        "You want to know why small letters do not get sharper.",
    ),
    ("Is a graphics card needed?", "You want to know whether a graphics card is needed."),
    (
        "Are my photos safe with this program?",
        "You want to know whether your photos are safe with this program.",
    ),
    (
        "Was it me who made the mistake?",
        "You want to know whether it was you who made the mistake.",
    ),
    (
        "Was I right to enlarge it first?",
        "You want to know whether you were right to enlarge it first.",
    ),
    (
        "We scanned our archive at 300 dpi. Should we enlarge the scans before reading them?",
        "You say that you scanned your archive at 300 dpi. You want to know whether you "
        "should enlarge the scans before reading them.",
    ),
    (
        "I am a teacher and my pupils send blurred photos of their homework. What can I do "
        "about it?",
        "You say that you are a teacher and your pupils send blurred photos of their "
        "homework. You want to know what you can do about it.",
    ),
    (
        "My invoice says 1,200 euros but the program reads 7,200. Which of the two is right?",
        "You say that your invoice says 1,200 euros but the program reads 7,200. You want "
        "to know which of the two is right.",
    ),
    (
        "What does the model do with the pixels that were already sharp?",
        "You want to know what the model does with the pixels that were already sharp.",
    ),
    (
        "Between LLaVAR and FeatSharp, which one runs on a laptop?",
        "You want to know which one runs on a laptop between LLaVAR and FeatSharp.",
    ),
    (
        "Can somebody who knows nothing about programming use this?",
        "You want to know whether somebody who knows nothing about programming can use this.",
    ),
    (
        "Does sharpening twice help or harm?",
        "You want to know whether sharpening twice helps or harms.",
    ),
    (
        "Does it take a picture and give me back a text?",
        "You want to know whether it takes a picture and gives you back a text.",
    ),
    (
        "How do I install it, and does it need the internet?",
        "You want to know how to install it and whether it needs the internet.",
    ),
    (
        "Is it true that the network was trained on film from a camera?",
        "You want to know whether it is true that the network was trained on film from a camera.",
    ),
    ("In plain words, what does it do?", "You want to know what it does in plain words."),
    ("What is attention in plain words?", "You want to know what attention is, in plain words."),
    (
        "Could this have been done with a simple filter instead?",
        "You want to know whether this could have been done with a simple filter instead.",
    ),
    (
        "How likely is it that a letter was invented?",
        "You want to know how likely it is that a letter was invented.",
    ),
    (
        "Where is the licence of the weights?",
        "You want to know where the licence of the weights is.",
    ),
    ("When will a new version appear?", "You want to know when a new version will appear."),
    (
        "Who owns the pictures that it makes?",
        "You want to know who owns the pictures that it makes.",
    ),
    ("Whom do I ask about the licence?", "You want to know whom you ask about the licence."),
    ("Which encoders are supported?", "You want to know which encoders are supported."),
    ("Which encoder does it use?", "You want to know which encoder it uses."),
    (
        "Why is there a grid in the sky of my picture?",
        "You want to know why there is a grid in the sky of your picture.",
    ),
    (
        "My screen is small, and I can't see any difference. Where should I look?",
        "You say that your screen is small, and you cannot see any difference. You want to "
        "know where you should look.",
    ),
    (
        "I'm colour-blind. Will the colours change?",
        "You say that you are colour-blind. You want to know whether the colours will change.",
    ),
    (
        "I've tried three programs and none of them helped. What is different here?",
        "You say that you have tried three programs and none of them helped. You want to "
        "know what is different here.",
    ),
    (
        "We've lost the original, so is there any way to get the detail back?",
        "You say that you have lost the original. You want to know whether there is any way "
        "to get the detail back.",
    ),
    (
        "It's for my mother's birthday. Can the old print be saved?",
        "You say that it is for your mother's birthday. You want to know whether the old "
        "print can be saved.",
    ),
    (
        "thank you for the quick help! how do I save the result?",
        "You want to know how to save the result.",
    ),
    ("Which files does it write and where?", "You want to know which files it writes and where."),
    (
        "Does it matter which format my pictures have?",
        "You want to know whether it matters which format your pictures have.",
    ),
    (
        "Can old scanned slides be made sharp with this?",
        "You want to know whether old scanned slides can be made sharp with this.",
    ),
    (
        "Would it help to enlarge before deblurring?",
        "You want to know whether it would help to enlarge before deblurring.",
    ),
    (
        "Does blur in the background get removed too?",
        "You want to know whether blur in the background gets removed too.",
    ),
    (
        "Do faces come out natural or waxy?",
        "You want to know whether faces come out natural or waxy.",
    ),
    (
        "Did the authors publish their training code?",
        "You want to know whether the authors published their training code.",
    ),
    (
        "Is the model any good with night shots?",
        "You want to know whether the model is any good with night shots.",
    ),
    (
        "Is there a difference between the small and the large model?",
        "You want to know whether there is a difference between the small and the large model.",
    ),
    (
        "Are the colours measured before and after?",
        "You want to know whether the colours are measured before and after.",
    ),
    (
        "Are results the same every time I run it?",
        "You want to know whether results are the same every time you run it.",
    ),
    ("Is whatever it adds invented?", "You want to know whether whatever it adds is invented."),
    (
        "Why is the left half of my photo sharper than the right half?",
        "You want to know why the left half of your photo is sharper than the right half.",
    ),
    ("Why was the frequency loss added?", "You want to know why the frequency loss was added."),
    (
        "Why were three scales chosen instead of two?",
        "You want to know why three scales were chosen instead of two.",
    ),
    (
        "Why did the authors choose GoPro for training?",
        "You want to know why the authors chose GoPro for training.",
    ),
    (
        "Why does everyone compare against DeblurGAN?",
        "You want to know why everyone compares against DeblurGAN.",
    ),
    ("Why do I need CUDA?", "You want to know why you need CUDA."),
    ("Why is my GPU not used?", "You want to know why your GPU is not used."),
    ("Why isn't my GPU used?", "You want to know why your GPU is not used."),
    (
        "Why am I getting an error about memory?",
        "You want to know why you are getting an error about memory.",
    ),
    (
        "How can I tell whether a letter is real?",
        "You want to know how to tell whether a letter is real.",
    ),
    (
        "How does the network know which edges belong to text?",
        "You want to know how the network knows which edges belong to text.",
    ),
    (
        "How do people usually measure sharpness?",
        "You want to know how people usually measure sharpness.",
    ),
    (
        "How are the three outputs weighted against each other?",
        "You want to know how the three outputs are weighted against each other.",
    ),
    (
        "How is this better than the sharpen filter in GIMP?",
        "You want to know how this is better than the sharpen filter in GIMP.",
    ),
    (
        "How much slower is a CPU than a GPU here?",
        "You want to know how much slower a CPU is than a GPU here.",
    ),
    (
        "How many images does the test set have?",
        "You want to know how many images the test set has.",
    ),
    ("How big can my picture be?", "You want to know how big your picture can be."),
    ("How old is this model?", "You want to know how old this model is."),
    (
        "How far does the receptive field reach?",
        "You want to know how far the receptive field reaches.",
    ),
    (
        "How close is it to the state of the art?",
        "You want to know how close it is to the state of the art.",
    ),
    (
        "How well does LLaVAR read receipts compared to Tesseract?",
        "You want to know how well LLaVAR reads receipts compared to Tesseract.",
    ),
    (
        "What would a photographer use this for?",
        "You want to know what a photographer would use this for.",
    ),
    ("What did they train on?", "You want to know what they trained on."),
    ("What has changed since 2021?", "You want to know what has changed since 2021."),
    ("What are the three scales?", "You want to know what the three scales are."),
    (
        "What are the downsides of using attention here?",
        "You want to know what the downsides of using attention here are.",
    ),
    (
        "What is so special about feature fusion?",
        "You want to know what is so special about feature fusion.",
    ),
    ("What is the point of saliency maps?", "You want to know the point of saliency maps."),
    ("What is meant by semantics?", "You want to know what is meant by semantics."),
    (
        "What is being compared in the study?",
        "You want to know what is being compared in the study.",
    ),
    (
        "What is the name of the text reading model?",
        "You want to know the name of the text reading model.",
    ),
    ("What was the batch size?", "You want to know what the batch size was."),
    ("What were the other models?", "You want to know what the other models were."),
    (
        "What do the authors say about failures?",
        "You want to know what the authors say about failures.",
    ),
    ("What kind of blur can it remove?", "You want to know what kind of blur it can remove."),
    (
        "What size of tile should I choose for a 24 GB card?",
        "You want to know what size of tile you should choose for a 24 GB card.",
    ),
    (
        "What makes FeatSharp different from just resizing features?",
        "You want to know what makes FeatSharp different from just resizing features.",
    ),
    (
        "What happens if I feed it a picture that is already sharp?",
        "You want to know what happens if you feed it a picture that is already sharp.",
    ),
    ("Which layer of CLIP does it read?", "You want to know which layer of CLIP it reads."),
    ("Which of my two photos is sharper?", "You want to know which of your two photos is sharper."),
    (
        "Which one should I trust, the network or my eyes?",
        "You want to know which one you should trust, the network or your eyes.",
    ),
    (
        "Which licence do I need to sell prints?",
        "You want to know which licence you need to sell prints.",
    ),
    ("Who can use it?", "You want to know who can use it."),
    ("Who is behind this program?", "You want to know who is behind this program."),
    ("Whose brain was scanned?", "You want to know whose brain was scanned."),
    (
        "Where can I try it without installing anything?",
        "You want to know where you can try it without installing anything.",
    ),
    ("Where do the weights come from?", "You want to know where the weights come from."),
    (
        "When should I use FeatSharp instead of LLaVAR?",
        "You want to know when you should use FeatSharp instead of LLaVAR.",
    ),
    ("When does it fail?", "You want to know when it fails."),
    (
        "Could you make my photo of grandma less blurry please",
        "You want to know whether this program could make your photo of grandma less blurry.",
    ),
    (
        "Could I run this on a Raspberry Pi?",
        "You want to know whether you could run this on a Raspberry Pi.",
    ),
    (
        "Should the picture be cropped first?",
        "You want to know whether the picture should be cropped first.",
    ),
    (
        "Must I mention the authors when I publish?",
        "You want to know whether you must mention the authors when you publish.",
    ),
    ("May children use it?", "You want to know whether children may use it."),
    (
        "Has the paper been peer reviewed?",
        "You want to know whether the paper has been peer reviewed.",
    ),
    (
        "Have the results been reproduced by others?",
        "You want to know whether the results have been reproduced by others.",
    ),
    (
        "I took 200 photos at a wedding and half of them are shaky, can I fix them all in one go?",
        "You say that you took 200 photos at a wedding and half of them are shaky. You want "
        "to know whether you can fix them all in one go.",
    ),
    (
        "My boss wants proof that no detail was invented in the photo. How do I show that?",
        "You say that your boss wants proof that no detail was invented in the photo. You "
        "want to know how to show that.",
    ),
    (
        "Hi! I have a blurry photo of a receipt, the total is unreadable. Is it 18.50 or 13.50?",
        "You say that you have a blurry photo of a receipt and that the total is "
        "unreadable. You want to know whether it is 18.50 or 13.50.",
    ),
    (
        "After I enlarged my logo 4x the edges have a white outline; how do I get rid of it?",
        "You say that after you enlarged your logo 4x the edges have a white outline. You "
        "want to know how to get rid of it.",
    ),
    (
        "The photo is fine but the text isn't.",
        "You say that the photo is fine but the text is not.",
    ),
    ("I think the network is overrated.", "You say that you think the network is overrated."),
    ("I only want to know the licence.", "You want to know the licence."),
    (
        "I want to know if the model was trained on faces",
        "You want to know if the model was trained on faces.",
    ),
    ("I'd like to know how it treats hair", "You want to know how it treats hair."),
    (
        "We are a newspaper. Which of these systems may we use commercially?",
        "You say that you are a newspaper. You want to know which of these systems you may "
        "use commercially.",
    ),
    (
        "Please explain to me what the difference is between PSNR and SSIM",
        "You want to know what the difference is between PSNR and SSIM.",
    ),
    ("give an overview of all systems", "You want an overview of all systems."),
    ("list all systems that run on a CPU", "You want all systems that run on a CPU."),
    ("compare FeatSharp and FeatUp", "You want to compare FeatSharp and FeatUp."),
    (
        "compare the speed of MIMO-UNet+ and NAFNet for me",
        "You want to compare the speed of MIMO-UNet+ and NAFNet.",
    ),
    ("Is MIMO-UNet+ or NAFNet faster?", "You want to know whether MIMO-UNet+ or NAFNet is faster."),
    ("Is it LLaVAR that reads text?", "You want to know whether it is LLaVAR that reads text."),
    (
        "Is it possible to undo the sharpening?",
        "You want to know whether it is possible to undo the sharpening.",
    ),
    ("It's not working.", "You say that it is not working."),
    ("Nothing changed.", "You say that nothing changed."),
    (
        "Does LLaVAR (the 13B one) fit in 16 GB?",
        "You want to know whether LLaVAR (the 13B one) fits in 16 GB.",
    ),
    (
        "Is the 3x enlargement done by the network itself or by something else before it?",
        "You want to know whether the 3x enlargement is done by the network itself or by "
        "something else before it.",
    ),
    (
        "If my picture has text in it, will the letters be changed?",
        "You want to know whether the letters will be changed if your picture has text in it.",
    ),
    (
        "So the network never saw text during training?",
        "You want to know whether the network never saw text during training.",
    ),
    ("What is it that makes edges sharp?", "You want to know what it is that makes edges sharp."),
    (
        "Is there anything I can do against halos?",
        "You want to know whether there is anything you can do against halos.",
    ),
    (
        "Are there any halos in my picture?",
        "You want to know whether there are any halos in your picture.",
    ),
    ("How did you measure this?", "You want to know how this program measured this."),
    (
        "Do you use my pictures for training?",
        "You want to know whether this program uses your pictures for training.",
    ),
    (
        "Where do you get your facts from?",
        "You want to know where this program gets its facts from.",
    ),
    ("Are you ChatGPT?", "You want to know whether this program is ChatGPT."),
]


def told(text: str, *cards: Card) -> str:
    return task_of(text, parse(text), cards)[0][0]


@pytest.mark.parametrize(("text", "expected"), TOLD)
def test_a_question_is_told_back(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what is llavar", "You want to know what LLaVAR is."),
        ("did llavar read my label?", "You want to know whether LLaVAR read your label."),
        ("is mimo unet plus slow", "You want to know whether MIMO-UNet Plus is slow."),
        ("Is mimo-unet+ slower than LLAVAR?",
         "You want to know whether MIMO-UNet+ is slower than LLaVAR."),
        ("What does “Coarse, Fine and Back” show?",
         "You want to know what “Coarse, Fine and Back” shows."),
        ("mimo-unet licence", "You ask about the licence of MIMO-UNet."),
    ],
)  # fmt: skip
def test_a_system_has_the_name_that_its_card_spells(text: str, expected: str) -> None:
    assert told(text, MIMO, LLAVAR) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pls tell me waht it dose wiht teh pics", "You ask"),
        ("Warum ist mein Bild unscharf?", "You ask, in German, about blur"),
        ("whre is teh modle", "You ask"),
        ("Run https://a.test/x, please", "You ask about an address or a repository"),
        ("what does some/thing do", "You ask about an address or a repository"),
        ("very " * 100 + "blurred, is it?", "You ask about blur."),
    ],
)
def test_what_is_not_certain_is_told_by_its_topics(text: str, expected: str) -> None:
    said = told(text)
    assert said.startswith(expected)
    assert not references_in(said)


def test_the_terms_of_the_field_come_with_the_fact_that_supports_them() -> None:
    parsed = ParsedQuestion(intent="explain", operation="deblur")
    said = task_of("Why is my deblurred photo sharp?", parsed, (MIMO, LLAVAR))
    assert said == [
        ("You want to know why your deblurred photo is sharp.", ()),
        ("The technical term is single-image deblurring.", ("mimo/task",)),
    ]
    fact = parsed.model_copy(update={"intent": "fact"})
    assert len(task_of("Which loss?", fact, (MIMO,))) == 1
    assert len(task_of("Why?", parsed.model_copy(update={"operation": None}), (MIMO,))) == 1


def test_each_part_of_a_question_is_told_in_order() -> None:
    parts = ("How fast is LLaVAR?", "What memory does LLaVAR need?", "Is LLaVAR free?")
    parsed = ParsedQuestion(intent="fact", models=("LLaVAR",), parts=parts)
    assert task_of("…", parsed, (LLAVAR,))[0][0] == (
        "You want to know how fast LLaVAR is, what memory LLaVAR needs and whether LLaVAR is free."
    )


def test_a_question_in_another_language_is_not_taken_for_english() -> None:
    parsed = ParsedQuestion(intent="fact", language="fr", topics=("licence",))
    assert task_of("What is it?", parsed, ())[0][0] == "You ask, in French, about the licence."


def test_words_are_quoted_without_what_steers_a_terminal_and_never_with_a_reference() -> None:
    assert quoted("my \x1b[2J photo", "a picture") == "my \\x1b[2J photo"
    assert quoted("github.com/a/b", "a picture") == "a picture"
    assert quoted("", "a picture") == "a picture"


_WORDS = word_set(
    """what why how which is does did can I you my the a of and , ? . ! LLaVAR blurry don't isn't
    picture 12 https://a.test/b a/b 2108.05054 10.1000/x evil.com “ ” " ' ( ) : \x1b \u202e \ue000
    <b> — – if since explain give want need right, me"""
)
_PIECES = st.sampled_from(sorted(_WORDS | {"\n", " ", "\ud800", "字", "ß"}))
_TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(_PIECES, max_size=60).map(" ".join),
    st.lists(_PIECES, max_size=40).map("".join),
)


@settings(max_examples=80, deadline=None)
@given(text=_TEXTS)
def test_any_text_gets_a_printable_sentence_without_references(text: str) -> None:
    for cards in ((), (MIMO, LLAVAR)):
        for parsed in (parse(text), ParsedQuestion(intent="fact", parts=(text, text))):
            ((said, claims),) = task_of(text, parsed, cards)[:1]
            assert said.isprintable()
            assert said.startswith("You ")
            assert said.endswith((".", "”"))
            assert not references_in(said)
            assert claims == ()
            assert len(said) < 1_200


@pytest.mark.parametrize("repeated", ["why is it, ", "and does it ", "x", "a, ", "I. ", "(", "to "])
def test_the_longest_question_is_told_back_too(repeated: str) -> None:
    parsed = ParsedQuestion(intent="fact")
    for length in (190, 3_900, 20_000):
        text = (repeated * length)[:length]
        assert task_of(text, parsed, (MIMO,))[0][0].startswith("You ")
