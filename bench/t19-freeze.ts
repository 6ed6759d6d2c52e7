import { createHash } from 'node:crypto'
import { makeDatasetBody } from '@/contract/v1/datasets'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { exportVersion } from '@/server/export-version'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeVersion } from '@/server/list-datasets'
import { makeDataset } from '@/server/make-dataset'
import { freezeJob } from '@/server/run-freeze'
import { runJob } from '@/server/run-job'
import { benchActor, prepareExposures } from './exposures'
import { median, round, type Target } from './target'
import { makeProject, openWorkplace, runLong } from './workplace'

const goalSeconds = 30
const goalRows = 100_000
const smallPart = 10
const defaultRounds = 3

/**
 * Freezes every row of a project into a version, from the statement that makes the job to the version that is frozen,
 * in this process; the goal is per 100,000 rows, so that another size is held to the same pace. A tenth of the rows says
 * whether time grows with them.
 */
export const freezing: Target = async ({ rows, rounds, say }) => {
  const workplace = await openWorkplace('t19')
  try {
    const count = Math.min(rows, goalRows)
    const [large, small] = [await fill('t19-large', count), await fill('t19-small', count / smallPart)]
    await runLong('VACUUM ANALYZE')
    say(`made ${count} and ${count / smallPart} decisions`)
    const seconds: Record<'large' | 'small', number[]> = { large: [], small: [] }
    for (let i = 1; i <= (rounds ?? defaultRounds); i++) {
      seconds.small.push(await freeze(small, count / smallPart))
      seconds.large.push(await freeze(large, count))
      say(
        `round ${i}: ${round(seconds.large.at(-1) ?? 0, 1)} s, a tenth ${round(seconds.small.at(-1) ?? 0, 1)} s`,
      )
    }
    const paces = seconds.large.map(one => (one / count) * (goalRows / goalSeconds))
    const pace = round(median(paces))
    return [
      {
        target: 'T19',
        what: `freezing ${count} rows, in units of ${goalSeconds} s per ${goalRows.toLocaleString('en')}`,
        goal: '<= 1',
        ratio: pace,
        range: [round(Math.min(...paces)), round(Math.max(...paces))],
        ok: pace <= 1,
        figures: {
          seconds: round(median(seconds.large), 1),
          aTenthSeconds: round(median(seconds.small), 1),
          rowsPerSecond: Math.round(count / median(seconds.large)),
          memoryMb: Math.round(process.memoryUsage().rss / 1e6),
          rows: count,
        },
      },
    ]
  } finally {
    await workplace.close()
  }
}

interface Ground {
  scope: ProjectScope
  dataset: string
}

/** A dataset of so many accepted suggestions. */
async function fill(slug: string, count: number): Promise<Ground> {
  const project = await makeProject(slug)
  await prepareExposures(project, count)
  await runLong(
    `UPDATE decisions d SET state = 'accepted', shown = true, event_id = uuidv7(),
       candidate_id = (e.candidates->0->>'id')::uuid, decided_at = d.exposed_at + interval '1 second'
     FROM exposures e WHERE e.project_id = d.project_id AND e.id = d.exposure_id AND d.project_id = $1`,
    [project.id],
  )
  const scope = await openAsSystem(project.slug, benchActor)
  const made = await makeDataset(
    scope,
    makeDatasetBody.parse({ name: 'Everything kept', consumers: [{ name: 'Bench', purpose: 'other' }] }),
  )
  return { scope, dataset: made.slug }
}

/** Freezes the next version and returns how many seconds it took; its file is then read whole against its hash. */
async function freeze({ scope, dataset }: Ground, expected: number): Promise<number> {
  const began = performance.now()
  const { job, number } = await freezeDataset(scope, dataset)
  await runJob(
    { 'freeze-dataset': freezeJob },
    { projectId: scope.projectId, jobId: job?.id ?? '' },
    'bench',
    new AbortController().signal,
  )
  const seconds = (performance.now() - began) / 1000
  const version = await describeVersion(scope, dataset, String(number))
  if (version.state !== 'frozen' || version.rows !== expected)
    throw new Error(`version ${number} is ${version.state} with ${version.rows} rows instead of ${expected}`)
  const { stream } = await exportVersion(scope, dataset, String(number), {
    format: 'jsonl',
    formulas: 'apostrophe',
  })
  const hash = createHash('sha256')
  for await (const part of stream) hash.update(part)
  if (hash.digest('hex') !== version.contentSha256) throw new Error('the file is not what was hashed')
  return seconds
}
