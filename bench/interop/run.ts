import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ReadableStream } from 'node:stream/web'
import { makeDatasetBody } from '@/contract/v1/datasets'
import { type DatasetFormatId, formatsFor } from '@/domain/dataset-formats'
import { versionFileName } from '@/domain/dataset-snippets'
import type { DatasetTarget } from '@/domain/dataset-words'
import { configureModels, stopModels } from '@/models/registry'
import { openAsSystem } from '@/server/access'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeVersion } from '@/server/list-datasets'
import { makeDataset } from '@/server/make-dataset'
import { makeKey } from '@/server/make-key'
import { freezeJob } from '@/server/run-freeze'
import { runJob } from '@/server/run-job'
import { seedDemoOnce } from '@/server/seed-demo'
import { taskFacts } from '@/tasks/registry'
import { buildEntry, startServerProcess, waitUntilReady } from '../child-process'
import { openWorkplace } from '../workplace'
import { checkMlflow } from './mlflow'
import { pythonWithMlflow, pythonWithReaders, runProgram } from './python'
import { runnableSnippets } from './snippets'

// `npm run interop`: makes the demo in a state folder of its own, freezes versions of every target, fetches each format over HTTP
// as people do, and has it read by the format's own reader in Python. What the pages show to paste runs as it is shown. Then versions
// of models travel to an MLflow server and back. `npm run interop MLflow` does that alone.

/** Which checks of `readers.py` read a format. */
const readersOf: Partial<Record<DatasetFormatId, readonly string[]>> = {
  jsonl: ['lines'],
  'jsonl-gzip': ['lines'],
  parquet: ['pyarrow'],
  csv: ['csv'],
  'hugging-face': ['hugging-face', 'croissant'],
  'parquet-partitioned': ['partitions'],
  'trl-sft': ['trl-sft'],
  'trl-dpo': ['trl-dpo'],
  'trl-kto': ['trl-kto'],
  'openai-chat': ['openai-chat'],
  'openai-preference': ['openai-preference'],
  'coco-captions': ['coco'],
  'label-studio': ['label-studio'],
  media: ['media'],
  notebook: ['notebook'],
}

const versionsOf: readonly { project: string; target: DatasetTarget }[] = [
  { project: 'demo', target: 'decision' },
  { project: 'demo', target: 'resolution' },
  { project: 'demo', target: 'preference' },
  { project: 'demo', target: 'verdict' },
  { project: 'album', target: 'decision' },
]

const say = (line: string) => void process.stderr.write(`  ${line}\n`)
const only = process.argv[2]
let passed = 0
const failures: string[] = []
const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-interop-files-'))
const alone = only === 'MLflow'
const python = alone ? '' : await pythonWithReaders(say)
const entry = await buildEntry('bench/api-process.ts')
const workplace = await openWorkplace('interop')
configureModels({ workersDir: path.join(workplace.root, 'dist'), rootDir: workplace.root })
const readers = path.join(workplace.root, 'bench/interop/readers.py')

async function check(name: string, work: () => Promise<{ code: number; output: string }>) {
  if (only && !name.includes(only)) return
  const began = performance.now()
  const { code, output } = await work()
  const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
  if (code === 0) passed++
  else failures.push(name)
  say(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${took})${code === 0 ? '' : `\n${output.trim()}`}`)
}

/** Freezes all that there is of a target; test rows of any kind, since the demo has few. */
async function freeze(project: string, target: DatasetTarget): Promise<string> {
  const scope = await openAsSystem(project)
  const { slug } = await makeDataset(
    scope,
    makeDatasetBody.parse({
      name: `Read elsewhere, ${target}`,
      target,
      selection: { sample: 'include', simulated: 'include' },
      rules: { shares: { train: 0.6, validation: 0.2, test: 0.2 }, testRows: 'any' },
      licence: 'CC0-1.0',
      consumers: [{ name: 'Interop', purpose: 'other' }],
    }),
  )
  const { job, number } = await freezeDataset(scope, slug)
  await runJob(
    { 'freeze-dataset': freezeJob },
    { projectId: scope.projectId, jobId: job?.id ?? '' },
    'interop',
    new AbortController().signal,
  )
  const { state, rows } = await describeVersion(scope, slug, String(number))
  if (state !== 'frozen') throw new Error(`the version of ${target} is ${state}`)
  say(`${project}, ${target}: ${rows} rows`)
  return slug
}

try {
  say('making the demo')
  await seedDemoOnce()
  await stopModels()
  const frozen = []
  for (const one of alone ? versionsOf.slice(0, 1) : versionsOf)
    frozen.push({ ...one, slug: await freeze(one.project, one.target) })
  const app = await startServerProcess(entry.file, {
    AMEND_HOME: workplace.home,
    AMEND_RATE_PER_SECOND: '1000000',
    AMEND_ALLOW_PRIVATE_URLS: '1',
  })
  try {
    if ((await waitUntilReady(app.url, 20_000)) === null) throw new Error('the app did not get ready')
    for (const { project, target, slug } of alone ? [] : frozen) {
      const scope = await openAsSystem(project)
      const { key } = await makeKey(
        { projectId: scope.projectId, system: true },
        { name: 'interop', scope: 'read', expiresInDays: 1 },
      )
      const here = path.join(folder, `${project}-${target}`)
      mkdirSync(here)
      const env = {
        AMEND_KEY: key,
        AMEND_HOME: workplace.home,
        HF_HOME: path.join(folder, 'hf'),
        HF_HUB_OFFLINE: '1',
        HF_DATASETS_DISABLE_PROGRESS_BARS: '1',
        PYTHONDONTWRITEBYTECODE: '1',
        CURL_HOME: here,
      }
      const read = (name: string, file: string, lines: string) =>
        check(`${project} ${target}: ${name} reads ${path.basename(file)}`, () =>
          runProgram(python, [readers, name, file, lines], { cwd: here, env }),
        )
      const fetched = async (format: DatasetFormatId, more = '') => {
        const url = `${app.url}/api/v1/projects/${project}/datasets/${slug}/versions/1/export?format=${format}${more}`
        const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
        if (!answer.ok || !answer.body)
          throw new Error(`${format} was answered ${answer.status}: ${await answer.text()}`)
        const file = path.join(
          here,
          `${more === '' ? '' : 'links-'}${versionFileName({ dataset: slug, version: 1, format })}`,
        )
        writeFileSync(file, await buffer(Readable.fromWeb(answer.body as ReadableStream)))
        return file
      }
      const lines = await fetched('jsonl')
      const formats = formatsFor(target, taskFacts(scope.project.taskType) ?? {})
      for (const { id } of formats) {
        const file = id === 'jsonl' ? lines : await fetched(id)
        for (const name of readersOf[id] ?? []) await read(name, file, lines)
        if (id === 'media') await read('media-links', await fetched(id, '&links=signed'), lines)
        const scene = { here, env, lines, project, slug, url: app.url, python, readers }
        for (const snippet of runnableSnippets(id, scene))
          await check(`${project} ${target}: ${snippet.id} as shown for ${id}`, snippet.run)
      }
    }
    const [first] = frozen
    if (first && (alone || !only))
      await checkMlflow({
        project: first.project,
        dataset: first.slug,
        url: app.url,
        python: await pythonWithMlflow(say),
        folder,
        check,
      })
  } finally {
    await app.stop()
  }
} finally {
  await workplace.close()
  entry.remove()
  if (failures.length === 0) rmSync(folder, { recursive: true, force: true })
  else say(`The files are in ${folder}`)
}
if (failures.length > 0)
  process.stdout.write(`\nWhat failed:\n${failures.map(one => `  ${one}`).join('\n')}\n`)
process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`)
process.exit(failures.length > 0 || passed === 0 ? 1 : 0)
