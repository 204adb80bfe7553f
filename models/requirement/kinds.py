"""The words in which requirements are told apart (A1, L2)."""

#: Kind of requirement.
REQUIREMENT_KINDS = [
    ("specification", "Product and specification"),
    ("quality", "Quality"),
    ("packaging", "Packaging"),
    ("delivery", "Delivery"),
    ("after", "After delivery"),
    ("law", "Law and regulation"),
    ("commercial", "Commercial"),
]

#: Characteristics that are marked wherever the requirement is printed (L2).
CHARACTERISTICS = [
    ("none", "None"),
    ("special", "Special"),
    ("safety", "Safety"),
    ("regulatory", "Regulatory"),
]

#: The mark of a characteristic on paper.
MARKS = {"special": "◆", "safety": "▲", "regulatory": "§"}
