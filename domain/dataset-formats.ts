import type { DatasetTarget } from './dataset-words'

/** What of a task type a format needs, by the names of its facts. */
export interface FormatNeeds {
  /** Items are conversations. */
  chats?: boolean
  /** Items are about a picture. */
  showsPictures?: boolean
}

/** What is known of a format in which versions leave, without its code. */
export interface DatasetFormat {
  id: DatasetFormatId
  label: string
  /** What it is good for, in a few words. */
  means: string
  extension: string
  mediaType: string
  targets: readonly DatasetTarget[]
  needs: FormatNeeds
  /** Whether one file holds rows of one split; `split` of the address says which, `train` where left out. */
  oneSplit: boolean
  /** What of a version does not come along; each follows “It can’t carry”. */
  cannotCarry: readonly string[]
}

export const datasetFormatIds = [
  'jsonl',
  'parquet',
  'csv',
  'hugging-face',
  'parquet-partitioned',
  'trl-sft',
  'trl-dpo',
  'trl-kto',
  'openai-chat',
  'openai-preference',
  'coco-captions',
  'label-studio',
  'media',
  'jsonl-gzip',
  'notebook',
] as const
export type DatasetFormatId = (typeof datasetFormatIds)[number]

const every: readonly DatasetTarget[] = ['decision', 'resolution', 'preference', 'verdict']
const withAnswer: readonly DatasetTarget[] = ['decision', 'resolution', 'preference']
const jsonLines = 'application/x-ndjson; charset=utf-8'
const zip = 'application/zip'
const erasedRows = 'erased rows: they are left out and counted'
const furtherAnswers = 'more than the first of several good answers'

/** Every format, in the order in which it is offered. */
export const datasetFormats: readonly DatasetFormat[] = [
  {
    id: 'jsonl',
    label: 'JSON Lines',
    means: 'Everything, byte for byte what was hashed',
    extension: 'jsonl',
    mediaType: jsonLines,
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: ['pictures: take the media beside it'],
  },
  {
    id: 'jsonl-gzip',
    label: 'Gzipped JSON Lines',
    means: 'The same lines in a fifth of the bytes',
    extension: 'jsonl.gz',
    mediaType: 'application/gzip',
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: ['pictures: take the media beside it'],
  },
  {
    id: 'parquet',
    label: 'Parquet',
    means: 'Typed columns, small; for pandas and DuckDB',
    extension: 'parquet',
    mediaType: 'application/vnd.apache.parquet',
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: ['pictures: take the media beside it'],
  },
  {
    id: 'csv',
    label: 'CSV',
    means: 'Flat, safe to open in a spreadsheet',
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: [
      'types: every cell is text',
      'inputs whole, only their flat columns',
      'pictures: take the media beside it',
    ],
  },
  {
    id: 'hugging-face',
    label: 'Hugging Face folder',
    means: 'Parquet per split, or pictures with metadata; card and Croissant beside it',
    extension: 'hf.zip',
    mediaType: zip,
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: ['pictures that were erased: their rows are left out and counted'],
  },
  {
    id: 'parquet-partitioned',
    label: 'Partitioned Parquet',
    means: 'One folder a split; Dask, Ray and Spark read it as one table',
    extension: 'parts.zip',
    mediaType: zip,
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: ['pictures: take the media beside it'],
  },
  {
    id: 'trl-sft',
    label: 'TRL SFT',
    means: 'Prompt and completion as messages',
    extension: 'trl-sft.jsonl',
    mediaType: jsonLines,
    targets: withAnswer,
    needs: { chats: true },
    oneSplit: true,
    cannotCarry: [erasedRows, furtherAnswers, 'what was suggested'],
  },
  {
    id: 'trl-dpo',
    label: 'TRL DPO',
    means: 'Prompt, chosen and rejected as messages',
    extension: 'trl-dpo.jsonl',
    mediaType: jsonLines,
    targets: ['preference'],
    needs: { chats: true },
    oneSplit: true,
    cannotCarry: [erasedRows, 'how much better the chosen one is'],
  },
  {
    id: 'trl-kto',
    label: 'TRL KTO',
    means: 'Prompt, completion and whether it was good',
    extension: 'trl-kto.jsonl',
    mediaType: jsonLines,
    targets: ['verdict'],
    needs: { chats: true },
    oneSplit: true,
    cannotCarry: [erasedRows, 'the verdict “usable”: its label is neither true nor false, so it is left out'],
  },
  {
    id: 'openai-chat',
    label: 'OpenAI chat',
    means: 'Messages alone, as fine-tuning takes them',
    extension: 'chat.jsonl',
    mediaType: jsonLines,
    targets: withAnswer,
    needs: { chats: true },
    oneSplit: true,
    cannotCarry: [erasedRows, furtherAnswers, 'where a row comes from: each line is its messages alone'],
  },
  {
    id: 'openai-preference',
    label: 'OpenAI preference',
    means: 'Preferred and non-preferred output, as its DPO takes them',
    extension: 'preference.jsonl',
    mediaType: jsonLines,
    targets: ['preference'],
    needs: { chats: true },
    oneSplit: true,
    cannotCarry: [erasedRows, 'where a row comes from: each line is its messages alone'],
  },
  {
    id: 'coco-captions',
    label: 'COCO captions',
    means: 'Images and annotations; the pictures come as media',
    extension: 'coco.json',
    mediaType: 'application/json; charset=utf-8',
    targets: withAnswer,
    needs: { showsPictures: true },
    oneSplit: true,
    cannotCarry: [erasedRows, 'pictures: take the media beside it'],
  },
  {
    id: 'label-studio',
    label: 'Label Studio',
    means: 'Tasks with annotations and predictions',
    extension: 'label-studio.json',
    mediaType: 'application/json; charset=utf-8',
    targets: withAnswer,
    needs: {},
    oneSplit: false,
    cannotCarry: [erasedRows, 'who annotated, but by pseudonym in the task’s data'],
  },
  {
    id: 'media',
    label: 'Media',
    means: 'The pictures of all rows, as a zip',
    extension: 'media.zip',
    mediaType: zip,
    targets: every,
    needs: { showsPictures: true },
    oneSplit: false,
    cannotCarry: ['rows: take one of the other formats beside it', 'pictures that were erased'],
  },
  {
    id: 'notebook',
    label: 'Notebook',
    means: 'Opens the version in Jupyter and explores it',
    extension: 'ipynb',
    mediaType: 'application/x-ipynb+json',
    targets: every,
    needs: {},
    oneSplit: false,
    cannotCarry: ['rows: it fetches them by itself, with a key of yours'],
  },
]

/** Counts up whenever a format begins to write other bytes of the same version. */
export const exportersVersion = 1

/** What is known of one format. */
export function datasetFormat(id: DatasetFormatId): DatasetFormat {
  const found = datasetFormats.find(format => format.id === id)
  if (!found) throw new Error(`no dataset format ${id}`)
  return found
}

/** The formats that can carry versions of this target and task type, in order. */
export function formatsFor(target: DatasetTarget, facts: FormatNeeds): DatasetFormat[] {
  return datasetFormats.filter(
    ({ targets, needs }) =>
      targets.includes(target) &&
      (!needs.chats || facts.chats === true) &&
      (!needs.showsPictures || facts.showsPictures === true),
  )
}
