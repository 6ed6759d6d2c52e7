import type { FilterValues } from '../study/feedback-address'

/** The list, or the form there with a feedback filter filled in. */
export function makeDatasetHref(slug: string, values: FilterValues = {}): string {
  return `/p/${slug}/datasets?${new URLSearchParams({ make: '1', ...values })}`
}

export type FileFormat = 'parquet' | 'jsonl' | 'csv'
export const formatWords: Record<FileFormat, { label: string; means: string }> = {
  parquet: { label: 'Parquet', means: 'Typed columns, small; for pandas and DuckDB' },
  jsonl: { label: 'JSON Lines', means: 'Everything, byte for byte what was hashed' },
  csv: { label: 'CSV', means: 'Flat, safe to open in a spreadsheet' },
}

/** A version's file, relative to the origin. */
export function versionPath(project: string, dataset: string, number: number, format: FileFormat): string {
  return `/api/v1/projects/${project}/datasets/${dataset}/versions/${number}/export?format=${format}`
}

export const tools = ['pandas', 'curl', 'amend'] as const
export type Tool = (typeof tools)[number]
export const toolLabels: Record<Tool, string> = { pandas: 'pandas', curl: 'curl', amend: 'Command line' }

const readers: Record<FileFormat, (url: string) => string> = {
  parquet: url => `pd.read_parquet(${url}, storage_options=auth)`,
  jsonl: url => `pd.read_json(${url}, lines=True, storage_options=auth)`,
  csv: url => `pd.read_csv(${url}, storage_options=auth)`,
}

/** What to paste to get the file with a tool. The key is never part of it. */
export function snippetFor(
  tool: Tool,
  file: { origin: string; project: string; dataset: string; number: number; format: FileFormat },
): string {
  const { origin, project, dataset, number, format } = file
  const url = `${origin}${versionPath(project, dataset, number, format)}`
  if (tool === 'curl') return `curl -fOJ -H "Authorization: Bearer $AMEND_KEY" \\\n  '${url}'`
  if (tool === 'amend')
    return `npm run amend -- dataset export --project ${project} ${dataset}@${number} \\\n  --format ${format} --out ${dataset}-v${number}.${format}`
  return `import os
import pandas as pd

auth = {"Authorization": "Bearer " + os.environ["AMEND_KEY"]}
url = "${url}"
df = ${readers[format]('url')}`
}
