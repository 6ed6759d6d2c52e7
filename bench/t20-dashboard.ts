import { monitorsQuery } from '@/contract/v1/monitors'
import { getDb } from '@/db/client'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { foldProject } from '@/server/fold-feedback'
import { readMonitors } from '@/server/read-monitors'
import { prepareExposures } from './exposures'
import { round, type Target } from './target'
import { type BenchProject, makeProject, openWorkplace, runLong } from './workplace'

const goalMs = 300
const days = 60
const eventsEach = 2
const smallPart = 10
const perStep = 100_000
const readsEach = 40

/**
 * Reads the whole of the monitors' page over sixty days of so many feedback events, again and again and for several
 * filters, in this process; the goal is its p95 in units of 300 ms. A tenth of the events says whether time grows with
 * them.
 */
export const dashboards: Target = async ({ rows, rounds, say }) => {
  const workplace = await openWorkplace('t20')
  try {
    const began = performance.now()
    const [large, small] = [await fill('t20-large', rows), await fill('t20-small', rows / smallPart)]
    say(`made ${rows} and ${rows / smallPart} events in ${round((performance.now() - began) / 1000, 0)} s`)
    await runLong('VACUUM ANALYZE')
    const folding = performance.now()
    await foldAll(large.project)
    const foldSeconds = (performance.now() - folding) / 1000
    await foldAll(small.project)
    say(`counted them in ${round(foldSeconds, 0)} s`)
    const times = { large: [] as number[], small: [] as number[] }
    const counter = countQueries()
    const cpu = process.cpuUsage()
    for (let at = 0; at < (rounds ?? 1) * readsEach; at++) {
      times.small.push(await read(small.scope, at))
      times.large.push(await read(large.scope, at))
    }
    const spent = process.cpuUsage(cpu)
    const pages = times.large.length + times.small.length
    const [p95, smallP95] = [quantile(times.large, 0.95), quantile(times.small, 0.95)]
    const { rows: kept } = await workplace.pool.query(
      'SELECT count(*)::int AS n FROM monitor_counts WHERE project_id = $1',
      [large.project.id],
    )
    return [
      {
        target: 'T20',
        what: `the monitors' page over ${rows} events, p95 in units of ${goalMs} ms`,
        goal: '<= 1',
        ratio: round(p95 / goalMs),
        range: [round(Math.min(...times.large) / goalMs), round(Math.max(...times.large) / goalMs)],
        ok: p95 <= goalMs,
        figures: {
          p95Ms: round(p95, 0),
          medianMs: round(quantile(times.large, 0.5), 0),
          aTenthP95Ms: round(smallP95, 0),
          queriesAPage: round(counter.stop() / pages),
          cpuMsAPage: round((spent.user + spent.system) / 1000 / pages),
          keptRows: kept[0].n,
          countSeconds: round(foldSeconds, 0),
          events: rows,
        },
      },
    ]
  } finally {
    await workplace.close()
  }
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ??
  Number.NaN

/** Counts what the pool is asked: unlike time, that is the same on a crowded machine. */
function countQueries(): { stop(): number } {
  const pool = getDb().$client
  const own = pool.query
  let asked = 0
  pool.query = ((...args: unknown[]) => {
    asked++
    return Reflect.apply(own, pool, args)
  }) as typeof own
  return {
    stop() {
      pool.query = own
      return asked
    },
  }
}

async function read(scope: ProjectScope, at: number): Promise<number> {
  const filters = [{}, { days: 90 }, { slice: 'lang=de' }, { arm: 'live' }] as const
  const began = performance.now()
  await readMonitors(scope, monitorsQuery.parse(filters[at % filters.length]))
  return performance.now() - began
}

async function foldAll({ id }: BenchProject): Promise<void> {
  while ((await foldProject(id)) > 0);
}

/** Exposures over sixty days, each seen and decided, with attributes as a task would log them. */
async function fill(slug: string, events: number): Promise<{ project: BenchProject; scope: ProjectScope }> {
  const project = await makeProject(slug)
  const exposures = Math.ceil(events / eventsEach)
  for (let made = 0; made < exposures; made += perStep)
    await prepareExposures(project, Math.min(perStep, exposures - made))
  // Logs are not changed in the product: a bench's own table may be, before anything reads it.
  await runLong('ALTER TABLE exposures DISABLE TRIGGER USER')
  await runLong(
    `UPDATE exposures SET latency_ms = 20 + 200 * random(),
       slice_attributes = jsonb_build_object('lang', (ARRAY['en', 'de', 'pt', 'es'])[1 + floor(random() * 4)::int], 'messages', 1 + floor(random() * 5)::int)
     WHERE project_id = $1`,
    [project.id],
  )
  await runLong('ALTER TABLE exposures ENABLE TRIGGER USER')
  // Without statistics each decision would be looked for through all of them.
  await runLong('ANALYZE exposures, decisions, feedback_events')
  await runLong(
    `WITH x AS (SELECT exposure_id, actor_id, uuidv7() AS shown, uuidv7() AS said, (ARRAY['accepted', 'accepted', 'rejected', 'dismissed'])[1 + floor(random() * 4)::int] AS state,
         (SELECT (e.candidates->0->>'id')::uuid FROM exposures e WHERE e.project_id = d.project_id AND e.id = d.exposure_id) AS candidate
       FROM decisions d WHERE project_id = $1),
     v AS (INSERT INTO feedback_events (project_id, id, exposure_id, actor_id, session_id, client_seq, type, candidate_id, visible_ms)
       SELECT $1, shown, exposure_id, actor_id, exposure_id, 0, 'shown', NULL::uuid, NULL::float8 FROM x
       UNION ALL SELECT $1, said, exposure_id, actor_id, exposure_id, 1, state, candidate, 1000 + 5000 * random() FROM x)
     UPDATE decisions d SET state = x.state, event_id = x.said, shown = true, candidate_id = x.candidate, decided_at = d.exposed_at,
       exposed_at = d.exposed_at - random() * ${days} * interval '1 day'
     FROM x WHERE d.project_id = $1 AND d.exposure_id = x.exposure_id`,
    [project.id],
  )
  // Days are taken from when an exposure was made, which is now for all of them: the days that decisions lie on are marked.
  await runLong(
    `INSERT INTO feedback_dirty_days (project_id, slice_id, day) SELECT DISTINCT $1::uuid, '00000000-0000-0000-0000-000000000000'::uuid, exposed_at::date
     FROM decisions WHERE project_id = $1 ON CONFLICT DO NOTHING`,
    [project.id],
  )
  return { project, scope: await openAsSystem(slug) }
}
