"""Groups of class names that the network tells apart: the classes of VOC and what else COCO names."""

VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "dining table",
    "dog",
    "horse", "motorbike", "person", "potted plant", "sheep", "sofa", "train", "tv",
)  # fmt: skip

OTHERS = {
    "wild animal": ("elephant", "bear", "zebra", "giraffe"),
    "food": (
        "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
    ),
    "tableware": ("cup", "bowl", "fork", "knife", "spoon", "wine glass", "vase"),
    "device": (
        "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
        "refrigerator", "toilet", "hair drier",
    ),
}  # fmt: skip

SAME = {
    "airplane": "aeroplane", "motorcycle": "motorbike", "couch": "sofa", "truck": "car", "bench": "chair",
}  # fmt: skip
"""Names of COCO for groups of VOC."""

THING = len(VOC) + len(OTHERS) + 1
"""The group of everything else that has a name; 0 is background."""

UNKNOWN = 255
"""Marks pixels of no known group."""

UNNAMED = 254
"""Marks background where only the classes of VOC were looked for."""


def group_of(name: str) -> int:
    """The group of a class name of VOC or COCO."""
    known = SAME.get(name, name)
    if known in VOC:
        return VOC.index(known) + 1
    for index, members in enumerate(OTHERS.values(), len(VOC) + 1):
        if known in members:
            return index
    return THING
