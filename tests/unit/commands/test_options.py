"""The options of the command line are those of the endpoints."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel

from api.contract.analyze import AnalyzeFields, AnalyzeRequest
from api.contract.caption import CaptionRequest
from api.contract.classify import ClassifyRequest
from api.contract.depth import DepthQuery
from api.contract.extract_text import ExtractTextRequest
from api.contract.index import IndexFields, IndexRequest
from api.contract.labels import LabelsQuery
from api.contract.moderate import ModerateRequest
from api.contract.search import SearchQuery
from api.contract.segment import SegmentFields, SegmentRequest
from api.contract.similar import SimilarRequest
from cli import cli
from commands.options import EXCLUDED, options_from, parse_label_arguments, request_from_options, spelling
from services.images.png import encode_png
from services.vocabularies.split import COMMAS

ENDPOINTS: dict[str, type[BaseModel]] = {
    "analyze": AnalyzeRequest,
    "caption": CaptionRequest,
    "classify": ClassifyRequest,
    "depth": DepthQuery,
    "index": IndexRequest,
    "labels": LabelsQuery,
    "moderate": ModerateRequest,
    "search": SearchQuery,
    "segment": SegmentRequest,
    "similar": SimilarRequest,
    "text": ExtractTextRequest,
}


def command_parameters(name: str) -> dict[str | None, click.Parameter]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return {parameter.name: parameter for parameter in command.params}


def parsed(fields: type[BaseModel], *arguments: str) -> tuple[BaseModel | None, Result]:
    """Return the request that a command with the options of these fields makes of its arguments."""
    made = []

    @click.command()
    @options_from(fields)
    def command(**options: object) -> None:
        made.append(request_from_options(fields, options))

    done = CliRunner().invoke(command, arguments)
    return next(iter(made), None), done


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_option_of_an_endpoint_is_on_its_command(name: str) -> None:
    missing = ENDPOINTS[name].model_fields.keys() - command_parameters(name).keys() - EXCLUDED.keys()
    assert not missing


def test_every_exclusion_is_of_an_endpoint() -> None:
    assert EXCLUDED.keys() <= {field for request in ENDPOINTS.values() for field in request.model_fields}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_parameter_is_described_in_sentences(name: str) -> None:
    options = [one for one in command_parameters(name).values() if isinstance(one, click.Option)]
    assert options
    for option in options:
        assert option.help, option.name
        assert option.help[0].isupper() or option.help[0] == "`", option.help
        assert option.help.endswith("."), option.help


@pytest.mark.parametrize("fields", [SegmentFields, AnalyzeFields, IndexFields])
def test_no_option_asks_for_the_defaults_of_the_endpoint(fields: type[BaseModel]) -> None:
    assert parsed(fields)[0] == fields()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--point", "1,2", "--point", "3,4,0"], {
            "prompt_type": "point",
            "points": [{"x": 1, "y": 2, "label": 1}, {"x": 3, "y": 4, "label": 0}],
        }),
        (["--box", "1,2,3.5,4"], {"prompt_type": "box", "box": [1, 2, 3.5, 4]}),
        (["--box", "1,2,3,4", "--point", "2,3,0"], {
            "prompt_type": "box",
            "box": [1, 2, 3, 4],
            "points": [{"x": 2, "y": 3, "label": 0}],
        }),
        (["--phrase", "a red cup", "--phrase", "dogs, cats"], {
            "prompt_type": "text", "texts": ["a red cup", "dogs, cats"],
        }),
        (["--example", "1,2,3,4", "--example", "5,6,7.5,8,0"], {
            "prompt_type": "example",
            "examples": [{"box": [1, 2, 3, 4], "label": 1}, {"box": [5, 6, 7.5, 8], "label": 0}],
        }),
        (["--labels", "cat, red cup"], {"labels": ["cat", "red cup"]}),
        (["--quality-threshold", "0.9", "--stability-threshold", "1"], {
            "quality_threshold": 0.9,
            "stability_threshold": 1,
        }),
        (["--full-grid", "--as-decoded", "--no-classify"], {
            "adaptive": False, "clean": False, "classify": False,
        }),
        (["--deduplication", "box", "--view", "blur", "--masks", "png", "--top-k", "3"], {
            "deduplication": "box", "view": "blur", "masks": "png", "top_k": 3,
        }),
        (["--min-area", "5", "--max-area", "9", "--max-masks", "2"], {
            "min_area": 5, "max_area": 9, "max_masks": 2,
        }),
    ],
)  # fmt: skip
def test_options_are_the_members_of_the_request(
    arguments: Sequence[str], expected: dict[str, object]
) -> None:
    assert parsed(SegmentFields, *arguments)[0] == SegmentFields.model_validate(expected)


def test_a_mask_is_read_from_a_file(tmp_path: Path) -> None:
    code = {"size": [3, 4], "counts": [4, 2, 6]}
    listed, drawn, broken = (tmp_path / name for name in ("mask.json", "mask.png", "mask.txt"))
    listed.write_text(json.dumps(code))
    mask = np.zeros((3, 4), np.bool_)
    mask[1:, 1] = True
    drawn.write_bytes(encode_png(mask))
    broken.write_text("mask")
    expected = SegmentFields.model_validate({"prompt_type": "mask", "mask": code}).single_prompt
    for path in (listed, drawn):
        request, _ = parsed(SegmentFields, "--mask", str(path))
        assert request is not None
        assert request.single_prompt.key == expected.key
    assert "expected a PNG file" in parsed(SegmentFields, "--mask", str(broken))[1].output
    assert "No such file" in parsed(SegmentFields, "--mask", str(tmp_path / "none.png"))[1].output


@pytest.mark.parametrize("separator", [*COMMAS, "\n", "\r\n"], ids=ascii)
def test_labels_are_split_as_in_forms(separator: str) -> None:
    expected = SegmentFields(labels=["cat", "a, b", "hot dog"], labels_lang="de")
    text = f'cat{separator} "a, b" {separator}{separator}hot dog{separator}'
    assert parsed(SegmentFields, "--labels", text, "--labels-lang", "de")[0] == expected

    @click.command()
    @click.argument("labels", nargs=-1, callback=parse_label_arguments)
    def command(labels: list[str] | None) -> None:
        click.echo(repr(labels))

    found = CliRunner().invoke(command, [text, '["x"]']).output
    assert found == "['cat', 'a, b', 'hot dog', 'x']\n"
    assert CliRunner().invoke(command, []).output == "None\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--points-per-side", "65"], "'--points-per-side': 65 is not in the range 1<=x<=64"),
        (["--max-masks", "0"], "'--max-masks': 0 is not in the range 1<=x<=1000"),
        (["--min-area", str(2**31)], "--min-area: Input should be less than or equal to 2147483647"),
        (["--quality-threshold", "nan"], "--quality-threshold: Input should be a finite number"),
        (["--confidence-threshold", "1.5"], "'--confidence-threshold': 1.5 is not in the range 0<=x<=1"),
        (["--box", "a,b"], "'--box': expected numbers separated by commas, got 'a,b'"),
        (["--box", "1,2,3"], "--box: List should have at least 4 items"),
        (["--point", "1"], "'--point': expected X,Y or X,Y,0, got '1'"),
        (["--point", "1,2,0"], "prompt_type `point` expects `--point` with at least one of label 1"),
        (
            ["--min-area", "9", "--max-area", "5"],
            "expected `--min-area` of at most `--max-area`, got 9 and 5",
        ),
        (["--labels", ","], "--labels"),
        (["--labels", "['cat']"], "'--labels': expected a JSON array of strings"),
        (["--labels", '"cat'], "'--labels': expected a closing quote"),
        (["--view", "side"], "'side' is not one of 'crop', 'context', 'blur', 'twice', 'attention'"),
    ],
)
def test_errors_are_spelled_like_the_options(arguments: Sequence[str], message: str) -> None:
    request, done = parsed(SegmentFields, *arguments)
    assert (request, done.exit_code) == (None, 2)
    assert message in " ".join(done.output.split())


def test_help_speaks_of_options() -> None:
    page = " ".join(parsed(SegmentFields, "--help")[1].output.split())
    assert "vocabulary (see `cli.py labels`) instead of `--labels`" in page
    assert "with `--no-classify`, the answer has masks only" in page
    assert "`mask` by mask IoU and containment, `box` by box IoU" in page
    assert "[default: 16; 1<=x<=64]" in page
    assert "--adaptive / --full-grid" in page


def test_names_with_underscores_become_options() -> None:
    assert (spelling("top_k"), spelling("points")) == ("--top-k", "--point")
