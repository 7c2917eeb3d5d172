"""Groups the class names of VOC and COCO into the groups that the network predicts."""

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
"""Names of COCO that belong to a class of VOC."""

THING = len(VOC) + len(OTHERS) + 1
"""Number of the group of every other named class; 0 is background."""

UNKNOWN = 255
"""Marks pixels whose group is not known."""

UNNAMED = 254
"""Marks background in which only the classes of VOC were annotated."""


def group_of(name: str) -> int:
    """Return the number of the group of a class name of VOC or COCO, 1..THING."""
    known = SAME.get(name, name)
    if known in VOC:
        return VOC.index(known) + 1
    for index, members in enumerate(OTHERS.values(), len(VOC) + 1):
        if known in members:
            return index
    return THING
