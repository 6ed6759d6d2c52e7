import { type DatasetFormatId, datasetFormat } from './dataset-formats'

/** Which file of which version is fetched, and from where. */
export interface SnippetFile {
  /** As `https://amend.example`. */
  origin: string
  /** Slugs. */
  project: string
  dataset: string
  version: number
  format: DatasetFormatId
  /** Named where the dataset declares more than one. */
  consumer?: string
}

export interface Snippet {
  id: 'curl' | 'amend' | 'pandas' | 'datasets' | 'duckdb'
  label: string
  language: 'shell' | 'python' | 'sql'
  text: string
}

/** What a downloaded file is called. */
export function versionFileName({ dataset, version, format }: Omit<SnippetFile, 'origin' | 'project'>) {
  const { extension, oneSplit } = datasetFormat(format)
  return `${dataset}-v${version}${oneSplit ? '-train' : ''}.${extension}`
}

/** The address of a version's file, from the root of the instance. */
export function versionFilePath({
  project,
  dataset,
  version,
  format,
  consumer,
}: Omit<SnippetFile, 'origin'>): string {
  const query = new URLSearchParams({ format, ...(consumer === undefined ? {} : { consumer }) })
  return `/api/v1/projects/${project}/datasets/${dataset}/versions/${version}/export?${query}`
}

/**
 * What to paste to get a version elsewhere and to read it, for each tool that reads this format. The key is never part
 * of it: it is read from AMEND_KEY. DuckDB and `datasets` read the file that curl or Python has fetched.
 */
export function datasetSnippets(file: SnippetFile): Snippet[] {
  const url = `${file.origin}${versionFilePath(file)}`
  const name = versionFileName(file)
  const consumer =
    file.consumer === undefined ? '' : ` --consumer '${file.consumer.replaceAll("'", "'\\''")}'`
  const snippets: Snippet[] = [
    {
      id: 'curl',
      label: 'curl',
      language: 'shell',
      text: `curl -f -C - -o ${name} -H "Authorization: Bearer $AMEND_KEY" \\\n  '${url.replaceAll("'", '%27')}'`,
    },
    {
      id: 'amend',
      label: 'amend',
      language: 'shell',
      text: `npm run amend -- dataset export --project ${file.project} ${file.dataset}@${file.version} \\\n  --format ${file.format}${consumer} --out ${name}`,
    },
  ]
  const pandas = readers.pandas[file.format]?.('url')
  if (pandas)
    snippets.push({
      id: 'pandas',
      label: 'pandas',
      language: 'python',
      text: `import os\nimport pandas as pd\n\nauth = {"Authorization": "Bearer " + os.environ["AMEND_KEY"]}\nurl = ${JSON.stringify(url)}\ndf = ${pandas}\nprint(df.groupby("split").size())`,
    })
  const datasets = readers.datasets[file.format]?.(name)
  if (datasets)
    snippets.push({
      id: 'datasets',
      label: 'datasets',
      language: 'python',
      text: `import os, shutil, urllib.request, zipfile\nfrom datasets import load_dataset\n\nrequest = urllib.request.Request(\n    ${JSON.stringify(url)},\n    headers={"Authorization": "Bearer " + os.environ["AMEND_KEY"]},\n)\nwith urllib.request.urlopen(request) as answer, open(${JSON.stringify(name)}, "wb") as file:\n    shutil.copyfileobj(answer, file)\n${datasets}\nprint(dataset)`,
    })
  const duckdb = readers.duckdb[file.format]?.(name)
  if (duckdb) snippets.push({ id: 'duckdb', label: 'DuckDB', language: 'sql', text: duckdb })
  return snippets
}

type Readers = Partial<Record<DatasetFormatId, (what: string) => string>>

const jsonDataset = (name: string) =>
  `dataset = load_dataset("json", data_files={"train": ${JSON.stringify(name)}})`

const bySplit = (from: string) =>
  `SELECT split, model_influenced, count(*) AS n, avg(try_cast(agreement AS DOUBLE)) AS agreement\nFROM ${from}\nGROUP BY ALL ORDER BY ALL;`

/** How each tool reads each format; `pandas` from an address, the others from a file. */
const readers: Record<'pandas' | 'datasets' | 'duckdb', Readers> = {
  pandas: {
    parquet: url => `pd.read_parquet(${url}, storage_options=auth)`,
    jsonl: url => `pd.read_json(${url}, lines=True, storage_options=auth)`,
    csv: url => `pd.read_csv(${url}, storage_options=auth)`,
    'jsonl-gzip': url => `pd.read_json(${url}, lines=True, compression="gzip", storage_options=auth)`,
  },
  datasets: {
    parquet: name => `dataset = load_dataset("parquet", data_files=${JSON.stringify(name)})`,
    'hugging-face': name => {
      const folder = JSON.stringify(name.replace(/\.zip$/, ''))
      return `zipfile.ZipFile(${JSON.stringify(name)}).extractall(${folder})\ndataset = load_dataset(${folder})`
    },
    'trl-sft': jsonDataset,
    'trl-dpo': jsonDataset,
    'trl-kto': jsonDataset,
    'openai-chat': jsonDataset,
    'openai-preference': jsonDataset,
  },
  duckdb: {
    parquet: name => bySplit(`read_parquet('${name}')`),
    jsonl: name => bySplit(`read_json('${name}', format = 'newline_delimited')`),
    'jsonl-gzip': name => bySplit(`read_json('${name}', format = 'newline_delimited')`),
    csv: name => bySplit(`read_csv('${name}')`),
    'parquet-partitioned': name =>
      `-- First unpack it: unzip ${name} -d ${folderOf(name)}\n${bySplit(`read_parquet('${folderOf(name)}/*/*.parquet', hive_partitioning = true)`)}`,
  },
}

const folderOf = (name: string) => name.replace(/\.zip$/, '')
