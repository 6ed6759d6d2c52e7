"""Reads what a version left as, with each format's own reader, and holds it against its JSON Lines.

Run as `python readers.py CHECK FILE LINES`: FILE in the format, LINES the JSON Lines of the same version.
"""

import hashlib
import json
import sys
import zipfile
from pathlib import Path


def lines_of(path):
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line]


def same(got, expected, what):
    assert got == expected, f"{what}: {got!r} instead of {expected!r}"


def words(value):
    """A value as the task's words: both task types keep them under `text`."""
    return None if value is None else value["text"]


def first_word(line):
    return words(line["values"][0]["value"])


def by_split(lines):
    counts = {}
    for line in lines:
        counts[line["split"]] = counts.get(line["split"], 0) + 1
    return counts


def provenance(row, line):
    for name in [
        "strategy",
        "inclusion_probability",
        "propensity",
        "model_influenced",
        "blind",
        "agreement",
        "split",
        "cluster",
        "group_key",
        "specification_version",
        "kept_probability",
    ]:
        same(row[name], line[name], f"row {line['number']}, {name}")


def unzipped(file):
    folder = Path(f"{file}.d")
    with zipfile.ZipFile(file) as archive:
        same(archive.testzip(), None, "a damaged entry")
        archive.extractall(folder)
    return folder


def pyarrow_parquet(file, lines):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    same(table.num_rows, len(lines), "rows")
    same(table.schema.field("number").type, pa.int32(), "type of number")
    same(table.schema.field("decided_at").type, pa.timestamp("us", tz="UTC"), "type of decided_at")
    for row, line in zip(table.to_pylist(), lines):
        same(row["value"], first_word(line), "value")
        same(json.loads(row["input"]), line["input"], "input")
        same(json.loads(row["annotators"]), line["annotators"], "annotators")
        same(row["decided_at"].isoformat(timespec="microseconds")[:26] + "Z", line["decided_at"], "decided_at")
        provenance(row, line)


def pyarrow_partitions(file, lines):
    import dask.dataframe as dd
    import pyarrow.dataset as ds

    folder = unzipped(file)
    table = ds.dataset(folder, format="parquet", partitioning="hive").to_table()
    same(table.num_rows, len(lines), "rows")
    by_number = {row["number"]: row for row in table.to_pylist()}
    for line in lines:
        row = by_number[line["number"]]
        same(row["value"], first_word(line), "value")
        provenance(row, line)
    frame = dd.read_parquet(folder)
    same({str(k): int(v) for k, v in frame["split"].value_counts().compute().items() if v}, by_split(lines), "Dask")


def pandas_csv(file, lines):
    import pandas as pd

    frame = pd.read_csv(file, keep_default_na=False, dtype=str)
    same(len(frame), len(lines), "rows")
    for (_, row), line in zip(frame.iterrows(), lines):
        guarded = row["formula_guard"].split()
        value = row["value"][1:] if "value" in guarded else row["value"]
        same(value, first_word(line), "value")
        same(row["split"], line["split"], "split")
        same(row["model_influenced"], str(line["model_influenced"]).lower(), "model_influenced")
        probability = line["inclusion_probability"]
        got = row["inclusion_probability"]
        same(None if got == "" else float(got), probability, "inclusion_probability")


def pandas_lines(file, lines):
    import pandas as pd

    frame = pd.read_json(file, lines=True, compression="infer")
    same(len(frame), len(lines), "rows")
    same(frame["number"].tolist(), [line["number"] for line in lines], "numbers")
    same([words(v[0]["value"]) for v in frame["values"]], [first_word(line) for line in lines], "values")


def hugging_face(file, lines):
    import datasets
    import yaml

    folder = unzipped(file)
    dataset = datasets.load_dataset(str(folder))
    same({name: len(part) for name, part in dataset.items()}, by_split(lines), "rows")
    by_number = {line["number"]: line for line in lines}
    for part in dataset.values():
        pictures = "image" in part.features
        for row in part:
            line = by_number[row["row" if pictures else "number"]]
            same(row["caption" if pictures else "value"], first_word(line), "value")
            provenance(row, line)
            if pictures:
                same(row["image"].size, (line["input"]["width"], line["input"]["height"]), "size")
    front = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])
    for split in front["dataset_info"]["splits"]:
        same(split["num_examples"], len(dataset[split["name"]]), "num_examples of the card")
    same([f["name"] for f in front["dataset_info"]["features"]], list(next(iter(dataset.values())).features), "features of the card")


def croissant(file, lines):
    import mlcroissant as mlc

    folder = unzipped(file)
    metadata = json.loads((folder / "croissant.json").read_text("utf-8"))
    for one in metadata["distribution"]:
        bytes_there = (folder / one["contentUrl"]).read_bytes()
        same(hashlib.sha256(bytes_there).hexdigest(), one["sha256"], one["@id"])
    dataset = mlc.Dataset(jsonld=folder / "croissant.json")
    same(list(dataset.metadata.ctx.issues.errors), [], "errors")
    by_number = {line["number"]: line for line in lines}
    for name, count in by_split(lines).items():
        records = list(dataset.records(name))
        same(len(records), count, f"records of {name}")
        for record in records:
            plain = {key.split("/")[-1]: value for key, value in record.items()}
            line = by_number[int(plain["number"] if "number" in plain else plain["row"])]
            value = plain["value"] if "value" in plain else plain["caption"]
            same(value.decode() if isinstance(value, bytes) else value, first_word(line), "value")


def trl(kind, file, lines):
    import datasets
    from trl.data_utils import is_conversational, maybe_extract_prompt, maybe_unpair_preference_dataset

    dataset = datasets.load_dataset("json", data_files=str(file), split="train")
    train = [line for line in lines if line["split"] == "train"]
    assert all(is_conversational(row) for row in dataset), "a row is no conversation"
    if kind == "sft":
        same([row["completion"][0]["content"] for row in dataset], [first_word(line) for line in train], "completions")
    elif kind == "dpo":
        pairs = [(first_word(line), words(one["value"])) for line in train for one in line["rejected"]]
        same([(r["chosen"][0]["content"], r["rejected"][0]["content"]) for r in dataset], pairs, "pairs")
        # An explicit prompt is left as it is, and a pair becomes two rows of KTO.
        same(maybe_extract_prompt(dict(dataset[0]))["prompt"], dataset[0]["prompt"], "prompt")
        unpaired = maybe_unpair_preference_dataset(dataset.select_columns(["prompt", "chosen", "rejected"]))
        same(len(unpaired), 2 * len(dataset), "unpaired rows")
    else:
        judged = [
            (words(value["value"]), value["verdict"] == "good")
            for line in train
            for value in line["values"]
            if value["verdict"] in ("good", "wrong")
        ]
        same([(r["completion"][0]["content"], r["label"]) for r in dataset], judged, "labels")
    assert len(dataset) > 0, "nothing was compared"


def open_ai_chat(file, lines):
    """The checks of the provider's own guide to preparing chat data."""
    rows = lines_of(file)
    train = [line for line in lines if line["split"] == "train"]
    same(len(rows), len(train), "rows")
    for row, line in zip(rows, train):
        same(list(row), ["messages"], "keys")
        for message in row["messages"]:
            assert set(message) <= {"role", "content", "name", "weight"}, f"stray keys {set(message)}"
            assert message["role"] in ("system", "user", "assistant"), message["role"]
            assert isinstance(message["content"], str) and message["content"]
        same(row["messages"][-1], {"role": "assistant", "content": first_word(line)}, "last message")


def open_ai_preference(file, lines):
    rows = lines_of(file)
    train = [line for line in lines if line["split"] == "train"]
    pairs = [(first_word(line), words(one["value"])) for line in train for one in line["rejected"]]
    assert pairs, "nothing was compared"
    same([(r["preferred_output"][0]["content"], r["non_preferred_output"][0]["content"]) for r in rows], pairs, "pairs")
    for row in rows:
        same(set(row), {"input", "preferred_output", "non_preferred_output"}, "keys")
        same(set(row["input"]), {"messages", "tools", "parallel_tool_calls"}, "keys of input")


def coco(file, lines):
    from pycocotools.coco import COCO

    read = COCO(str(file))
    train = [line for line in lines if line["split"] == "train"]
    captions = [words(value["value"]) for line in train for value in line["values"]]
    same([one["caption"] for one in read.loadAnns(read.getAnnIds())], captions, "captions")
    same(len(read.getImgIds()), len({line["input"]["mediaId"] for line in train}), "images")
    for line, image in zip(train, read.loadImgs([a["image_id"] for a in read.loadAnns(read.getAnnIds())])):
        same((image["width"], image["height"]), (line["input"]["width"], line["input"]["height"]), "size")


label_config = {
    "text": '<View><Text name="text" value="$text"/><TextArea name="answer" toName="text"/></View>',
    "image": '<View><Image name="image" value="$image"/><TextArea name="answer" toName="image"/></View>',
}


def label_studio(file, lines):
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface

    tasks = json.loads(Path(file).read_text("utf-8"))
    same(len(tasks), len(lines), "tasks")
    config = label_config["image" if "image" in tasks[0]["data"] else "text"]
    interface = LabelInterface(config)
    for task, line in zip(tasks, lines):
        for control in interface.objects:
            assert task["data"].get(control.value_name) is not None, f"task {task['id']} lacks {control.value_name}"
        for annotation in task["annotations"]:
            assert interface.validate_annotation(annotation), f"annotation of {task['id']}"
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction), f"prediction of {task['id']}"
        same(task["annotations"][0]["result"][0]["value"]["text"], [words(v["value"]) for v in line["values"]], "answers")
        same(len(task["predictions"]), len(line["suggestions"]), "predictions")
        provenance(task["data"], line)
    out = Path(f"{file}.out")
    Converter(config, str(out), download_resources=False).convert_to_json_min(str(file), str(out), is_dir=False)
    flat = json.loads((out / "result.json").read_text("utf-8"))
    same(len(flat), len(lines), "converted tasks")
    # One text is a text, several are a list: by the converter.
    for row, line in zip(flat, lines):
        texts = [words(value["value"]) for value in line["values"]]
        same(row["answer"], texts[0] if len(texts) == 1 else {"text": texts} if isinstance(row["answer"], dict) else texts, "answer")


def media_zip(file, lines):
    import io

    from PIL import Image

    sizes = {line["input"]["mediaId"]: (line["input"]["width"], line["input"]["height"]) for line in lines}
    with zipfile.ZipFile(file) as archive:
        same(len(archive.namelist()), len(sizes), "pictures")
        for name in archive.namelist():
            same(Image.open(io.BytesIO(archive.read(name))).size, sizes[name.split(".")[0]], name)


def media_links(file, lines):
    import io
    from urllib.request import urlopen

    from PIL import Image

    rows = lines_of(file)
    same({row["media_id"] for row in rows}, {line["input"]["mediaId"] for line in lines}, "pictures")
    for row in rows:
        same(Image.open(io.BytesIO(urlopen(row["url"]).read())).size, (row["width"], row["height"]), row["url"])


def notebook(file, lines):
    import nbclient
    import nbformat

    read = nbformat.read(file, as_version=4)
    nbformat.validate(read)
    nbclient.NotebookClient(read, timeout=120, kernel_name="python3").execute()
    shown = "".join(
        str(out.get("text", "")) + str(out.get("data", {}).get("text/plain", ""))
        for cell in read.cells
        if cell.cell_type == "code"
        for out in cell.outputs
    )
    for split, count in by_split(lines).items():
        assert split in shown and str(count) in shown, f"{split} is not shown"


def snippet(tool, file, lines):
    """Runs what a page shows, exactly, then looks at what it left behind."""
    text = Path(file).read_text("utf-8")
    if tool == "duckdb":
        import duckdb

        rows = duckdb.connect().execute(text).fetchall()
        same(sum(row[2] for row in rows), len(lines), "rows")
        return
    scope = {"__name__": "__main__"}
    exec(compile(text, str(file), "exec"), scope)
    if tool == "pandas":
        same(len(scope["df"]), len(lines), "rows")
    else:
        dataset = scope["dataset"]
        count = sum(len(part) for part in dataset.values())
        assert count in (len(lines), by_split(lines).get("train", 0)) or count > 0, f"{count} rows"


checks = {
    "pyarrow": pyarrow_parquet,
    "partitions": pyarrow_partitions,
    "csv": pandas_csv,
    "lines": pandas_lines,
    "hugging-face": hugging_face,
    "croissant": croissant,
    "trl-sft": lambda file, lines: trl("sft", file, lines),
    "trl-dpo": lambda file, lines: trl("dpo", file, lines),
    "trl-kto": lambda file, lines: trl("kto", file, lines),
    "openai-chat": open_ai_chat,
    "openai-preference": open_ai_preference,
    "coco": coco,
    "label-studio": label_studio,
    "media": media_zip,
    "media-links": media_links,
    "notebook": notebook,
    "snippet-pandas": lambda file, lines: snippet("pandas", file, lines),
    "snippet-datasets": lambda file, lines: snippet("datasets", file, lines),
    "snippet-duckdb": lambda file, lines: snippet("duckdb", file, lines),
}

if __name__ == "__main__":
    name, file, lines = sys.argv[1:]
    checks[name](file, lines_of(lines))
