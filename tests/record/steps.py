"""Lists the commands of the record."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        line: What stands after `python cli.py`; `<work>` is the folder of the chain.
        removes: Files and folders of the chain that are removed before.
    """

    line: str
    removes: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """Words of the line."""
        return shlex.split(self.line)


Chain = Mapping[str, Step]
"""Commands by name that run one after the other with one data directory and one folder."""


def _chain(**lines: str) -> dict[str, Step]:
    return {name.replace("_", " "): Step(line) for name, line in lines.items()}


PHOTO, CAT = "examples/photo.jpg", "examples/cat.jpg"

SEGMENT = _chain(
    photo=f"segment {PHOTO} --points-per-side 6",
    files=f"segment {CAT} --out <work>/cat.png --json <work>/cat.json --top-k 3 --masks polygons "
    "--labels 'cat, dog, sofa' --points-per-side 6",
    folder="segment <work>/photos --out <work>/overlays --json <work>/answers --points-per-side 4 "
    "--max-masks 3",
    point=f"segment {PHOTO} --point 250,200 --point 365,280,0 --max-masks 3",
    box=f"segment {PHOTO} --box 76,16,480,388 --lang de --view context",
    both=f"segment {PHOTO} --box 76,16,480,388 --point 250,200 --json <work>/both.json",
    options=f"segment {CAT} --full-grid --points-per-side 6 --max-masks 3 --min-area 500 --max-area 50000 "
    "--deduplication none --as-decoded --masks png --view crop --confidence-threshold 0.5 "
    "--vocabulary default --json <work>/options.json",
    no_names=f"segment {CAT} --no-classify --points-per-side 4 --masks none --json <work>/masks.json",
    missing_path="segment <work>/missing.jpg",
    bad_point=f"segment {PHOTO} --point 1",
    bad_box=f"segment {PHOTO} --box a,b",
    point_outside=f"segment {PHOTO} --point 600,1",
    bad_view=f"segment {PHOTO} --view attention",
    bad_vocabulary=f"segment {PHOTO} --vocabulary none",
    bad_grid=f"segment {PHOTO} --points-per-side 65",
    bad_option=f"segment {PHOTO} --colour red",
)

ANALYZE = _chain(
    cat=f"analyze {CAT} --points-per-side 6",
    page="analyze <work>/page.png --json <work>/page.json --out <work>/overlay.png "
    "--min-text-confidence 0.5 --max-masks 4",
    less=f"analyze {CAT} --no-depth --no-text --no-colors --points-per-side 4 --json <work>/less.json",
    bad_confidence=f"analyze {CAT} --min-text-confidence 2",
)

PHOTOGRAPHS = _chain(
    classify=f"classify {CAT} 'a cat' 'a dog'",
    classify_folder="classify <work>/photos --top-k 2 --lang de --plot <work>/plots",
    classify_robust="classify <work>/blurred.png --robust --plot <work>/plot.png --vocabulary default",
    classify_broken="classify <work>/mixed cat",
    classify_bad_vocabulary=f"classify {CAT} --vocabulary none",
    caption=f"caption {PHOTO}",
    caption_options=f"caption {CAT} --labels 'cat, sofa' --candidates 1 --no-text",
    caption_folder="caption <work>/mixed --json <work>/captions --vocabulary default",
    moderate=f"moderate {PHOTO}",
    moderate_folder="moderate <work>/photos --whole --json <work>/decisions --policy default",
    moderate_bad_policy=f"moderate {CAT} --policy none",
    depth=f"depth {PHOTO} --out <work>/depth.png",
    depth_grey=f"depth {PHOTO} --out <work>/grey.png --format png",
    depth_array=f"depth {PHOTO} --out <work>/depth.npy --format npy",
    depth_folder="depth <work>/photos --out <work>/depths",
    depth_nowhere=f"depth {PHOTO}",
    text="text <work>/page.png",
    text_file=f"text {PHOTO} --json <work>/text.json --min-confidence 0",
    text_folder="text <work>/mixed",
)

SEARCH = {
    **_chain(
        nothing="search cat",
        index="index <work>/photos",
        index_again="index <work>/photos <work>/mixed",
        index_whole="index <work>/blurred.png --whole",
        text="search 'a cat' --top 2",
        regions="search cup --scope region --top 3",
        all="search cat --all",
        similar=f"similar {CAT} --top 3",
        similar_regions="similar <work>/blurred.png --scope region --top 2 --all",
        bad_top="search cat --top 0",
        index_missing="index <work>/missing",
    ),
    "prune": Step("index <work>/photos --prune", removes=("photos/cat.jpg",)),
    **_chain(forget="index <work>/photos --forget", afterwards="search 'a cat'"),
}

VOCABULARIES = _chain(
    list_of_none="vocabularies list",
    create="vocabularies create home <work>/taught",
    list="vocabularies list",
    export="vocabularies export home",
    export_to_a_file="vocabularies export home <work>/home.json --version 1",
    imported="vocabularies import <work>/home.json --name other",
    imported_as_it_is="vocabularies import <work>/home.json",
    labels="labels --vocabulary other",
    classify="classify <work>/blurred.png --vocabulary home",
    delete="vocabularies delete other",
    delete_built_in="vocabularies delete default",
    create_reserved="vocabularies create default <work>/taught",
    create_of_none="vocabularies create empty <work>/empty",
    create_of_broken="vocabularies create broken <work>",
    import_of_no_JSON="vocabularies import <work>/empty/notes.txt",
    export_unknown_version="vocabularies export home --version 9",
)

CATEGORIZE = _chain(
    dry="categorize <work>/photos --labels 'cat, cup of coffee, sofa'",
    report="categorize <work>/mixed --vocabulary default --lang de --report <work>/report --threshold 0.5",
    copy="categorize <work>/photos --labels 'cat, cup of coffee, sofa' --copy",
    copy_again="categorize <work>/photos --labels 'cat, cup of coffee, sofa' --copy",
    copy_otherwise="categorize <work>/photos --labels 'cat, dog' --copy",
    link="categorize <work>/photos --labels 'cat, cup' --link --flat --out <work>/linked",
    move="categorize <work>/photos --labels 'cat, cup' --move --out <work>/moved --report <work>/notes",
    two_actions="categorize <work>/photos --copy --move",
    own_folder="categorize <work>/taught --copy --out <work>/taught",
    of_none="categorize <work>/empty --labels cat --dry-run",
)

OTHERS = _chain(
    labels="labels",
    labels_in_German="labels --lang de",
    labels_unknown="labels --vocabulary none",
    models="models list",
    models_right="models verify embedded",
    models_here="models pull embedded",
    models_not_exported="models export embedded",
    models_unknown="models verify none",
    compare_contradiction=f"compare <work>/taught --cnn resnet18 --weights {CAT} --from-scratch",
    compare_without_network="compare <work>/taught",
    no_command="none",
)

CHAINS: Mapping[str, Chain] = {
    "photographs": PHOTOGRAPHS,
    "segment": SEGMENT,
    "search": SEARCH,
    "vocabularies": VOCABULARIES,
    "analyze": ANALYZE,
    "categorize": CATEGORIZE,
    "others": OTHERS,
}
"""All chains, the longest first."""

HELP = (
    "",
    "analyze",
    "caption",
    "categorize",
    "classify",
    "compare",
    "depth",
    "index",
    "labels",
    "models",
    "models export",
    "models list",
    "models pull",
    "models verify",
    "moderate",
    "search",
    "segment",
    "serve",
    "similar",
    "text",
    "vocabularies",
    "vocabularies create",
    "vocabularies delete",
    "vocabularies export",
    "vocabularies import",
    "vocabularies list",
)
"""Commands whose page of help is recorded."""
