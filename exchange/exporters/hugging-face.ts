import { createHash } from 'node:crypto'
import { type Split, splits } from '@/domain/dataset-split'
import type { TaskType } from '@/tasks/task-type'
import type { DatasetExporter, VersionSource } from '../exporter'
import { type ZipEntry, zipOf } from '../zip-stream'
import { type CroissantFile, croissantOf } from './croissant'
import { datasetCells } from './dataset-cells'
import { parquetFeatures, parquetOf } from './dataset-parquet'
import { cardOf } from './hugging-face-card'
import { manifestOf } from './manifest'
import { jsonLine, provenanceOf } from './provenance'
import { withPictures } from './row-pictures'

/** What one split came to, known once it is written. */
export interface WrittenSplit extends CroissantFile {
  split: Split
  rows: number
  leftOut: number
}

/**
 * A folder as the Hugging Face hub lays them out, in a zip: Parquet for each split under `data/`, or, for items with a
 * picture, the pictures with `metadata.jsonl` in a folder for each split. Beside them README.md (the card, with YAML on
 * top), croissant.json (Croissant 1.0, with the hash of each file) and amend.json (hashes and counts). A split without
 * rows has no file.
 */
export const huggingFace: DatasetExporter = (source, task) => {
  async function* entries(): AsyncGenerator<ZipEntry> {
    const written: WrittenSplit[] = []
    for (const split of splits) {
      if (source.facts.splits[split] === 0) continue
      yield* task.mediaOf
        ? pictureSplit(source, task, split, written)
        : tableSplit(source, task, split, written)
    }
    const features = task.mediaOf ? imageFeatures : parquetFeatures
    yield { path: 'croissant.json', bytes: croissantOf(source.facts, features, written) }
    yield { path: 'README.md', bytes: cardOf(source.facts, task, { features, written }) }
    const counted = (count: (one: WrittenSplit) => number) =>
      Object.fromEntries(written.map(one => [one.split, count(one)]))
    yield {
      path: 'amend.json',
      bytes: manifestOf(source.facts, {
        rows_here: counted(one => one.rows),
        left_out_as_erased: counted(one => one.leftOut),
      }),
    }
  }
  return zipOf(entries())
}

async function* tableSplit(
  source: VersionSource,
  task: TaskType,
  split: Split,
  written: WrittenSplit[],
): AsyncGenerator<ZipEntry> {
  const file = `data/${split}-00000-of-00001.parquet`
  const noted = note(parquetOf(source.rows(split), task, { jsonAs: 'text' }))
  yield { path: file, bytes: noted.bytes }
  written.push({
    split,
    path: file,
    mediaType: 'application/x-parquet',
    ...noted.result(),
    rows: source.facts.splits[split],
    leftOut: 0,
  })
}

/** Columns of `metadata.jsonl` beside the picture; what is a list stands as JSON. */
const imageColumns = [
  ...['caption', 'captions', 'rejected', 'suggestion', 'confidence', 'verdict', 'origin', 'alt'],
  ...['row', 'split', 'item_id', 'external_id', 'group_key', 'cluster', 'split_reason', 'state', 'source'],
  ...['strategy', 'kept_probability', 'inclusion_probability', 'propensity', 'model_influenced', 'blind'],
  ...['agreement', 'annotators', 'model', 'model_version', 'consent_version', 'specification_version'],
  ...['licence', 'decided_at'],
]
const numbers: Record<string, string> = {
  confidence: 'float64',
  kept_probability: 'float64',
  inclusion_probability: 'float64',
  propensity: 'float64',
  agreement: 'float64',
  row: 'int64',
  consent_version: 'int64',
  specification_version: 'int64',
  model_influenced: 'bool',
  blind: 'bool',
}
const imageFeatures = [
  { name: 'image', dtype: 'image' },
  ...imageColumns.map(name => ({ name, dtype: numbers[name] ?? 'string' })),
]

async function* pictureSplit(
  source: VersionSource,
  task: TaskType,
  split: Split,
  written: WrittenSplit[],
): AsyncGenerator<ZipEntry> {
  let rows = 0
  const nameOf = (number: number, fileName: string) =>
    `${String(number).padStart(8, '0')}${fileName.slice(fileName.lastIndexOf('.'))}`
  async function* metadata() {
    for await (const lines of source.rows(split)) {
      let out = ''
      for (const { line, picture } of await withPictures(source, task, lines)) {
        const cells = datasetCells(line, task)
        const told: Record<string, unknown> = {
          caption: cells.value,
          captions: JSON.stringify(cells.values),
          rejected: JSON.stringify(cells.rejected),
          suggestion: cells.suggestion,
          confidence: cells.confidence,
          verdict: cells.verdict,
          origin: cells.origin,
          alt: task.mediaOf?.(line.input).alt ?? null,
          ...provenanceOf(line),
          annotators: JSON.stringify(line.annotators),
        }
        const row = {
          file_name: nameOf(line.number, picture.fileName),
          ...Object.fromEntries(imageColumns.map(name => [name, told[name]])),
        }
        out += `${jsonLine(row)}\n`
        rows++
      }
      yield Buffer.from(out)
    }
  }
  const path = `${split}/metadata.jsonl`
  const noted = note(metadata())
  yield { path, bytes: noted.bytes }
  for await (const lines of source.rows(split))
    for (const { line, picture } of await withPictures(source, task, lines))
      yield {
        path: `${split}/${nameOf(line.number, picture.fileName)}`,
        bytes: await picture.open(),
        store: true,
      }
  written.push({
    split,
    path,
    mediaType: 'application/jsonlines',
    ...noted.result(),
    rows,
    leftOut: source.facts.splits[split] - rows,
  })
}

/** Passes bytes on and knows their length and hash at the end. */
function note(bytes: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256')
  let length = 0
  async function* passed() {
    for await (const part of bytes) {
      hash.update(part)
      length += part.length
      yield part
    }
  }
  return { bytes: passed(), result: () => ({ bytes: length, sha256: hash.digest('hex') }) }
}
