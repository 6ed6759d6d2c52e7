import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatasetVersion } from '@/contract/v1/datasets'
import { type DatasetFormatId, datasetFormatIds } from '@/domain/dataset-formats'
import { type Split, splits } from '@/domain/dataset-split'
import { changeKinds } from '@/domain/dataset-words'
import { startWorker } from '@/jobs/worker'
import { getConfig } from '@/platform/config'
import { Failure } from '@/platform/failure'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { archiveVersion } from '@/server/archive-version'
import { diffVersions } from '@/server/diff-versions'
import { exportVersion } from '@/server/export-version'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeVersion, listDatasets } from '@/server/list-datasets'
import { verifyVersion } from '@/server/verify-version'
import { addressForPeople } from '../address'
import { type Command, parseWords, say, withOpenDatabase } from '../command'
import { saveAs } from '../save-as'

const lookEveryMs = 200

interface Wish {
  scope: ProjectScope
  name: string
  version: string
  format: DatasetFormatId
  split: Split
  links: 'none' | 'signed'
  out: string | undefined
  against: string | undefined
  consumer: string | undefined
}

const verbs: Record<string, (wish: Wish) => Promise<number>> = {
  list,
  freeze,
  export: save,
  archive,
  diff,
  verify,
}

export const command: Command = {
  summary:
    'Lists datasets, freezes versions of them, saves a version as a file, compares and checks versions.',
  usage:
    'dataset list|freeze|export|archive|diff|verify --project demo [NAME[@3]] [--format jsonl|csv|parquet|hugging-face|…] [--split train|validation|test] [--out FILE] [--links signed] [--consumer NAME] [--against 2]',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        format: { type: 'string', default: 'jsonl' },
        split: { type: 'string', default: 'train' },
        out: { type: 'string' },
        against: { type: 'string' },
        consumer: { type: 'string' },
        links: { type: 'string', default: 'none' },
      },
    })
    const [word = '', named = '', ...more] = positionals
    const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined
    const format = datasetFormatIds.find(one => one === values.format)
    const split = splits.find(one => one === values.split)
    const links = (['none', 'signed'] as const).find(one => one === values.links)
    const { project } = values
    if (
      !verb ||
      !project ||
      !format ||
      !split ||
      !links ||
      more.length > 0 ||
      (word !== 'list' && named === '')
    )
      throw new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    const [name = '', version = 'latest'] = named.split('@')
    return withOpenDatabase(async () =>
      verb({
        scope: await openAsSystem(project),
        name,
        version,
        format,
        split,
        links,
        out: values.out,
        against: values.against,
        consumer: values.consumer,
      }),
    )
  },
}

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function list({ scope }: Wish): Promise<number> {
  const { datasets } = await listDatasets(scope)
  if (datasets.length === 0) say(`${scope.project.slug} has no dataset yet.`)
  for (const { slug, name, newest } of datasets)
    print(
      [slug, newest ? `v${newest.number}` : '-', newest?.rows ?? 0, newest?.contentSha256 ?? '-', name].join(
        '\t',
      ),
    )
  return 0
}

/** Waits for whoever works on jobs; works itself too, for a database without a running server. */
async function freeze({ scope, name }: Wish): Promise<number> {
  const started = await freezeDataset(scope, name)
  const worker = await startWorker()
  try {
    const done = await ended(scope, name, started.number)
    if (done.state === 'blocked')
      throw new Failure(
        `Version ${done.number} waits: a blocking check found something. Look at its checks on the dataset's page, mend and freeze again, or waive them.`,
      )
    if (done.state !== 'frozen')
      throw new Failure(done.job?.error ?? `Version ${done.number} was ${done.state}.`)
    say(`Froze version ${done.number} of ${name}: ${done.rows} rows.`)
    print(done.contentSha256 ?? '')
    return 0
  } finally {
    await worker.stop()
  }
}

async function ended(scope: ProjectScope, name: string, number: number): Promise<DatasetVersion> {
  for (;;) {
    const now = await describeVersion(scope, name, String(number))
    if (now.state !== 'freezing') return now
    await sleep(lookEveryMs)
  }
}

/** To a file beside the wanted one, which takes its name when it is whole; without `--out` to stdout. */
async function save({ scope, name, version, format, split, links, out, consumer }: Wish): Promise<number> {
  const file = await exportVersion(
    scope,
    name,
    version,
    { format, split, formulas: 'apostrophe', links, consumer },
    { origin: addressForPeople(getConfig()) },
  )
  if (!file.stream) return 1
  await file.begun()
  if (!out) {
    await pipeline(file.stream, process.stdout, { end: false })
    return 0
  }
  await saveAs(file.stream, out)
  say(`Saved version ${file.version.number} of ${name}, ${file.version.rows} rows, to ${out}.`)
  if (file.version.overtakenReason) say(`It was overtaken since: ${file.version.overtakenReason}.`)
  return 0
}

/** The version with its evidence, for `amend verify`. */
async function archive({ scope, name, version, out, consumer }: Wish): Promise<number> {
  const file = await archiveVersion(scope, name, version, consumer)
  await file.begun()
  const to = out ?? file.fileName
  await saveAs(file.stream, to)
  say(
    `Saved version ${file.version.number} of ${name} with its evidence to ${to}. Check it: npm run amend -- verify ${to}`,
  )
  return 0
}

async function diff({ scope, name, version, against }: Wish): Promise<number> {
  const found = await diffVersions(scope, name, version, against === undefined ? {} : { against })
  const { number, against: base } = found
  say(`Version ${number} of ${name} against ${base}:`)
  for (const kind of changeKinds) {
    const { count, first } = found[kind]
    print(`${kind}\t${count}`)
    for (const row of first)
      print(`  ${row.itemId}\t${JSON.stringify(row.before)}\t${JSON.stringify(row.after)}\t${row.why}`)
  }
  return 0
}

async function verify({ scope, name, version }: Wish): Promise<number> {
  const check = await verifyVersion(scope, name, version)
  const whole = check.rowsHold && check.contentHolds !== false
  print(JSON.stringify(check))
  if (check.erasedRows > 0)
    say(`${check.erasedRows} of ${check.rows} rows were erased since; the others are as they were.`)
  say(
    whole ? `Version ${check.number} is what was frozen.` : `Version ${check.number} is NOT what was frozen.`,
  )
  return whole ? 0 : 1
}
