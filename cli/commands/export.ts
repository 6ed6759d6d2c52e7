import { pipeline } from 'node:stream/promises'
import { datasetFormatIds } from '@/domain/dataset-formats'
import { splits } from '@/domain/dataset-split'
import { Failure } from '@/platform/failure'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { exportVersion } from '@/server/export-version'
import { exportView } from '@/server/export-view'
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

async function viewFile(scope: ProjectScope, { filter, view, format, formulas }: Given) {
  const file = await exportView(scope, { filter, view, format, formulas })
  return {
    stream: file.stream,
    what: `a draft of ${file.query || 'all feedback'}, taken at ${file.takenAt},`,
  }
}
