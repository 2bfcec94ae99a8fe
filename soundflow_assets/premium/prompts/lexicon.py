"""The words the offline enhancer knows, and what a genre sounds like when nothing else is said.

Each table maps a phrase, as models were trained to understand it, to the words people use for it.
Artists are in none of them: their names are taken out of prompts.
"""

from __future__ import annotations

GENRES: dict[str, tuple[str, ...]] = {
    "lo-fi hip hop": ("lofi", "lo-fi", "lo fi", "chillhop", "lofi hip hop", "lo-fi hip hop"),
    "deep house": ("deep house", "lofi house", "lo-fi house"),
    "melodic techno": ("melodic techno", "techno"),
    "progressive house": ("progressive house", "house"),
    "ambient": ("ambient", "drone", "soundscape", "atmospheric"),
    "space ambient": ("space ambient", "space music", "cosmic"),
    "neoclassical piano": ("neoclassical", "classical", "solo piano", "piano piece"),
    "jazz": ("jazz", "jazzy", "bossa", "bossa nova", "swing"),
    "trance": ("trance", "psytrance"),
    "drum and bass": ("drum and bass", "dnb", "liquid dnb", "jungle"),
    "synthwave": ("synthwave", "retrowave", "outrun"),
    "downtempo": ("downtempo", "chillout", "trip hop", "chill"),
    "acoustic folk": ("acoustic", "folk", "fingerstyle"),
    "edm": ("edm", "electro house", "festival"),
    "cinematic": ("cinematic", "soundtrack", "film score", "orchestral"),
}
MOODS: dict[str, tuple[str, ...]] = {
    "calm": ("calm", "quiet", "gentle", "peaceful", "soothing", "relaxing", "serene"),
    "focused": ("focused", "focus", "concentration", "concentrated", "coding", "studying"),
    "warm": ("warm", "cozy", "cosy", "soft"),
    "dreamy": ("dreamy", "floating", "ethereal", "weightless"),
    "hopeful": ("hopeful", "uplifting", "bright", "optimistic", "motivating"),
    "energetic": ("energetic", "energy", "powerful", "driving", "workout", "pumping"),
    "dark": ("dark", "moody", "deep", "mysterious", "brooding"),
    "playful": ("playful", "funky", "groovy", "light-hearted"),
    "melancholic": ("melancholic", "melancholy", "sad", "nostalgic", "wistful"),
    "meditative": ("meditative", "meditation", "mindful", "sleep", "sleepy", "trance-like"),
}
INSTRUMENTS: dict[str, tuple[str, ...]] = {
    "electric piano": ("rhodes", "electric piano", "wurlitzer", "e-piano"),
    "grand piano": ("piano", "grand piano", "felt piano"),
    "analog synth pads": ("pad", "pads", "synth pad", "synth pads"),
    "plucked synth arpeggio": ("arp", "arpeggio", "arpeggios", "pluck", "plucks"),
    "sub bass": ("sub", "sub bass", "deep bass"),
    "upright bass": ("upright bass", "double bass", "contrabass"),
    "four-on-the-floor kick": ("four on the floor", "kick", "house beat"),
    "brushed drums": ("brushes", "brushed drums", "jazz drums"),
    "dusty drum break": ("drum break", "breakbeat", "boom bap"),
    "nylon guitar": ("guitar", "nylon guitar", "acoustic guitar", "classical guitar"),
    "strings": ("strings", "string section", "violin", "violins", "cello"),
    "flute": ("flute", "shakuhachi", "bansuri"),
    "hand percussion": ("percussion", "hand percussion", "congas", "bongos", "shaker"),
    "bells": ("bells", "bell", "chimes", "singing bowl", "singing bowls", "kalimba"),
    "rain": ("rain", "rainfall", "storm"),
    "ocean waves": ("ocean", "waves", "sea", "surf"),
    "birdsong": ("birds", "birdsong", "forest"),
    "flowing water": ("stream", "river", "brook", "water"),
}
PRODUCTION: dict[str, tuple[str, ...]] = {
    "vinyl crackle": ("vinyl", "vinyl crackle", "dusty"),
    "tape saturation": ("tape", "tape saturation", "cassette"),
    "wide stereo": ("wide", "spacious", "stereo"),
    "long reverb": ("reverb", "reverberant", "cathedral", "hall"),
    "sidechained": ("sidechain", "sidechained", "ducking"),
    "minimal": ("minimal", "sparse", "stripped back"),
}
STRUCTURE: dict[str, tuple[str, ...]] = {
    "slow build": ("build", "builds", "building", "rising", "crescendo"),
    "steady groove": ("steady", "loop", "loopable", "repetitive", "hypnotic"),
    "evolving texture": ("evolving", "morphing", "changing"),
}
KINDS = {
    "moods": MOODS,
    "instruments": INSTRUMENTS,
    "production": PRODUCTION,
    "structure": STRUCTURE,
}
LOW_ENERGY = ("calm", "meditative", "dreamy", "melancholic")
HIGH_ENERGY = ("energetic", "hopeful", "playful")

# genre -> (usual bpm, instruments, moods, production) to fill what was left open
USUAL: dict[str, tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "lo-fi hip hop": (
        82,
        ("electric piano", "dusty drum break", "upright bass", "nylon guitar"),
        ("warm", "calm", "melancholic"),
        ("vinyl crackle", "tape saturation"),
    ),
    "deep house": (
        122,
        ("four-on-the-floor kick", "sub bass", "electric piano", "analog synth pads"),
        ("warm", "focused", "dark"),
        ("sidechained", "wide stereo"),
    ),
    "melodic techno": (
        126,
        ("four-on-the-floor kick", "plucked synth arpeggio", "sub bass", "analog synth pads"),
        ("dark", "energetic", "focused"),
        ("sidechained", "long reverb"),
    ),
    "progressive house": (
        126,
        ("four-on-the-floor kick", "plucked synth arpeggio", "analog synth pads", "sub bass"),
        ("hopeful", "energetic"),
        ("sidechained", "wide stereo"),
    ),
    "ambient": (
        0,
        ("analog synth pads", "bells", "strings", "flute"),
        ("calm", "dreamy", "meditative"),
        ("long reverb", "wide stereo"),
    ),
    "space ambient": (
        0,
        ("analog synth pads", "bells", "sub bass"),
        ("dreamy", "dark", "calm"),
        ("long reverb", "wide stereo"),
    ),
    "neoclassical piano": (
        72,
        ("grand piano", "strings"),
        ("calm", "focused", "hopeful"),
        ("minimal", "long reverb"),
    ),
    "jazz": (
        110,
        ("grand piano", "upright bass", "brushed drums", "nylon guitar"),
        ("warm", "playful", "calm"),
        ("minimal",),
    ),
    "trance": (
        138,
        ("four-on-the-floor kick", "plucked synth arpeggio", "analog synth pads", "sub bass"),
        ("energetic", "hopeful"),
        ("sidechained", "wide stereo"),
    ),
    "drum and bass": (
        172,
        ("dusty drum break", "sub bass", "analog synth pads", "electric piano"),
        ("energetic", "focused", "dreamy"),
        ("wide stereo",),
    ),
    "synthwave": (
        100,
        ("plucked synth arpeggio", "analog synth pads", "sub bass"),
        ("hopeful", "dreamy", "energetic"),
        ("long reverb", "wide stereo"),
    ),
    "downtempo": (
        90,
        ("electric piano", "hand percussion", "sub bass", "analog synth pads"),
        ("warm", "dreamy", "calm"),
        ("tape saturation", "wide stereo"),
    ),
    "acoustic folk": (
        84,
        ("nylon guitar", "hand percussion", "flute"),
        ("warm", "calm", "hopeful"),
        ("minimal",),
    ),
    "edm": (
        128,
        ("four-on-the-floor kick", "plucked synth arpeggio", "sub bass"),
        ("energetic", "hopeful"),
        ("sidechained", "wide stereo"),
    ),
    "cinematic": (
        80,
        ("strings", "grand piano", "analog synth pads", "bells"),
        ("hopeful", "dreamy", "focused"),
        ("long reverb", "wide stereo"),
    ),
}
OF_CATEGORY = {
    "Deep Work": "melodic techno",
    "Study": "lo-fi hip hop",
    "Relax": "ambient",
    "Nature": "ambient",
    "Flow State": "progressive house",
}
