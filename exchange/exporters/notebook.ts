import { versionFilePath } from '@/domain/dataset-snippets'
import type { DatasetExporter } from '../exporter'

const heads = {
  decision: 'What people kept of suggestions.',
  resolution: 'What review agreed on.',
  preference: 'What people preferred, and to what.',
  verdict: 'Suggestions with what people said of them.',
} as Record<string, string>

/**
 * A Jupyter notebook (nbformat 4.5) that fetches the version as Parquet with a key of its reader's, holds its lines against
 * the frozen hash, and looks at splits, influence, people, lengths and slices. It holds no rows and no outputs.
 */
export const notebook: DatasetExporter = async function* ({ facts }, _task, { origin, consumer }) {
  const { project, dataset, number } = facts
  const pathOf = (format: 'parquet' | 'jsonl') =>
    versionFilePath({
      project,
      dataset,
      version: number,
      format,
      ...(consumer === undefined ? {} : { consumer }),
    })
  const cells = [
    words(`# ${facts.name}, version ${number}

${heads[facts.target] ?? ''} ${facts.rows} rows, frozen ${facts.frozenAt.slice(0, 10)}. Licence: ${facts.licence ?? 'not stated'}.

It needs pandas and pyarrow, and a key of scope read in \`AMEND_KEY\`.`),
    code(`import hashlib
import json
import os
from getpass import getpass
from urllib.request import Request, urlopen

import pandas as pd

server = os.environ.get("AMEND_URL", ${JSON.stringify(origin)})
key = os.environ.get("AMEND_KEY") or getpass("AMEND_KEY: ")
auth = {"Authorization": "Bearer " + key}
df = pd.read_parquet(server + ${JSON.stringify(pathOf('parquet'))}, storage_options=auth)
assert len(df) == ${facts.rows}
df.head()`),
    words(
      '## The bytes are those that were frozen\n\nUnless something was erased since: then they differ, and the version says so.',
    ),
    code(`frozen = ${JSON.stringify(facts.contentSha256)}
digest = hashlib.sha256()
with urlopen(Request(server + ${JSON.stringify(pathOf('jsonl'))}, headers=auth)) as answer:
    overtaken = answer.headers.get("Amend-Overtaken")
    while part := answer.read(1 << 20):
        digest.update(part)
assert overtaken == "erased" or digest.hexdigest() == frozen
digest.hexdigest()`),
    words(
      '## Splits\n\nHow many rows each holds, how many of them were said after a suggestion could be seen, and how many blind.',
    ),
    code(`df.groupby("split").agg(
    rows=("number", "size"),
    groups=("group_key", "nunique"),
    after_a_suggestion=("model_influenced", "mean"),
    blind=("blind", "mean"),
)`),
    code(`parted = df.groupby("group_key")["split"].nunique()
print((parted > 1).sum(), "groups stand in more than one split")`),
    words('## How rows were selected'),
    code(`df.groupby(["strategy", "split_reason"], dropna=False).agg(
    rows=("number", "size"),
    inclusion_probability=("inclusion_probability", "mean"),
    kept_probability=("kept_probability", "mean"),
)`),
    words('## Who said it'),
    code(`people = df["annotators"].map(json.loads).explode()
people.value_counts().rename_axis("pseudonym").to_frame("rows")`),
    words('## What is true'),
    code(`df["state"].fillna(df["source"]).value_counts().rename_axis("how it came about").to_frame("rows")`),
    code(`df["value"].str.len().describe().to_frame("characters of the true value")`),
    code(
      `df.loc[df["value"].notna(), ["split", "input_text", "suggestion", "value"]].sample(min(10, int(df["value"].notna().sum())), random_state=0)`,
    ),
    words('## Slices'),
    code(`slices = pd.json_normalize(df["slices"].map(json.loads).tolist())
slices.describe(include="all") if len(slices.columns) else "No slices"`),
  ]
  const body = {
    cells: cells.map((cell, at) => ({ id: `cell-${at + 1}`, ...cell })),
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
      amend: { project, dataset, version: number, content_sha256: facts.contentSha256 },
    },
    nbformat: 4,
    nbformat_minor: 5,
  }
  yield Buffer.from(`${JSON.stringify(body, null, 1)}\n`)
}

const linesOf = (text: string) => text.split(/(?<=\n)/)
const words = (text: string) => ({ cell_type: 'markdown', metadata: {}, source: linesOf(text) })
const code = (text: string) => ({
  cell_type: 'code',
  execution_count: null,
  metadata: {},
  outputs: [],
  source: linesOf(text),
})
