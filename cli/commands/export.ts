import { pipeline } from 'node:stream/promises'
import { exportQuery, feedbackFilter } from '@/contract/v1/feedback'
import { datasetFormatIds } from '@/domain/dataset-formats'
import { splits } from '@/domain/dataset-split'
import { Failure } from '@/platform/failure'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { exportFeedback } from '@/server/export-feedback'
import { exportVersion } from '@/server/export-version'
import { listViews } from '@/server/list-views'
import { type Command, parseWords, say, withOpenDatabase } from '../command'
import { saveAs } from '../save-as'

export const command: Command = {
  summary:
    'Saves feedback through a filter or a saved view, or a frozen version of a dataset, as a file; to stdout without --out.',
  usage:
    "export --project demo [--filter 'state=corrected&text=picnic'] [--view NAME] [--dataset NAME[@3] [--split train|validation|test] [--consumer NAME]] [--format jsonl|csv|parquet|…] [--formulas off] [--out FILE]",
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        filter: { type: 'string' },
        view: { type: 'string' },
        dataset: { type: 'string' },
        split: { type: 'string', default: 'train' },
        consumer: { type: 'string' },
        format: { type: 'string', default: 'jsonl' },
        formulas: { type: 'string', default: 'apostrophe' },
        out: { type: 'string' },
      },
    })
    const { project, filter, view, dataset } = values
    if (!project || positionals.length > 0 || [filter, view, dataset].filter(Boolean).length > 1)
      throw new Failure(
        `One of --filter, --view and --dataset at most. Use: npm run amend -- ${this.usage}`,
        2,
      )
    return withOpenDatabase(async () => {
      const scope = await openAsSystem(project)
      const file = dataset ? await versionFile(scope, dataset, values) : await viewFile(scope, values)
      if (!values.out) {
        await pipeline(file.stream, process.stdout, { end: false })
        return 0
      }
      await saveAs(file.stream, values.out)
      say(`Saved ${file.what} to ${values.out}.`)
      return 0
    })
  },
}

interface Given {
  filter?: string | undefined
  view?: string | undefined
  split: string
  consumer?: string | undefined
  format: string
  formulas: string
}

async function versionFile(scope: ProjectScope, named: string, given: Given) {
  const [name = '', version = 'latest'] = named.split('@')
  const format = datasetFormatIds.find(one => one === given.format)
  if (!format)
    throw new Failure(
      `--format: there is no "${given.format}" for datasets. There are: ${datasetFormatIds.join(', ')}.`,
      2,
    )
  const split = splits.find(one => one === given.split)
  if (!split) throw new Failure(`--split: must be one of ${splits.join(', ')}.`, 2)
  const file = await exportVersion(scope, name, version, {
    format,
    split,
    formulas: given.formulas === 'off' ? 'off' : 'apostrophe',
    consumer: given.consumer,
  })
  await file.begun()
  return {
    stream: file.stream,
    what: `version ${file.version.number} of ${name}, ${file.version.rows} rows,`,
  }
}

async function viewFile(scope: ProjectScope, given: Given) {
  const wanted = given.view ? await queryOfView(scope, given.view) : queryOfFilter(given.filter ?? '')
  const parsed = exportQuery.safeParse({ ...wanted, format: given.format, formulas: given.formulas })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0])
    const where = name === 'format' || name === 'formulas' ? `--${name}` : `--filter ${name}`
    throw new Failure(`${where}: ${issue?.message}.`, 2)
  }
  const file = await exportFeedback(scope, parsed.data)
  return {
    stream: file.stream,
    what: `a draft of ${file.query || 'all feedback'}, taken at ${file.takenAt},`,
  }
}

async function queryOfView(scope: ProjectScope, named: string): Promise<Record<string, unknown>> {
  const { views } = await listViews(scope)
  const found = views.find(view => view.id === named || view.name === named)
  if (!found) {
    const names = views.map(view => `“${view.name}”`).join(', ')
    throw new Failure(
      `There is no shared view "${named}". ${names ? `There are: ${names}.` : 'None was saved yet.'}`,
    )
  }
  const { order: _, ...query } = found.query
  return query
}

/** As the address of the explorer holds it; the question mark before it may come along. */
function queryOfFilter(filter: string): Record<string, string> {
  const given = new URLSearchParams(filter.replace(/^.*\?/, ''))
  const known = Object.keys(feedbackFilter.shape)
  for (const name of given.keys())
    if (!known.includes(name) && !['columns', 'view', 'order', 'item', 'at', 'cursor'].includes(name))
      throw new Failure(`--filter: there is no "${name}". There are: ${known.join(', ')}.`, 2)
  return Object.fromEntries([...given].filter(([name, value]) => known.includes(name) && value !== ''))
}
