import { randomUUID } from 'node:crypto'
import { writeCursor } from '@/server/cursor'
import { foldProject } from '@/server/fold-feedback'
import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { prepareGround } from './exposures'
import { ratios, round, type Target, type TargetResult } from './target'
import { type BenchProject, makeProject, openWorkplace, runLong } from './workplace'

const requestsARound = 200
const pageSize = 50
const perStatement = 100_000
/** Seconds between two exposures: a million of them span a month. */
const apart = 2.6

const p95 = (times: readonly number[]) =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN

/** A page of the feedback list far down against the first one, and what the explorer shows beside it, over HTTP. */
export const listDepth: Target = async ({ rows, rounds, say }) => {
  const times = rounds ?? 5
  const workplace = await openWorkplace('t7')
  const entry = await buildEntry('bench/api-process.ts')
  const closing: (() => Promise<void>)[] = []
  try {
    say(`preparing ${rows.toLocaleString('en')} decisions …`)
    const project = await makeProject('t7')
    await prepareDecisions(project, rows)
    await runLong('VACUUM ANALYZE exposures, decisions, items, contents, predictions')
    say('counting the days …')
    while ((await foldProject(project.id)) > 0);
    const app = await startServerProcess(entry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
    })
    closing.push(() => app.stop())
    await waitUntilReady(app.url, 20_000)
    const deep = await cursorAt(project, rows - 2 * pageSize)
    const get = async (path: string) => {
      const began = performance.now()
      const answer = await fetch(`${app.url}/api/v1/projects/${project.slug}/${path}`, {
        headers: { authorization: `Bearer ${project.key}` },
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
      return { ms: performance.now() - began, text }
    }
    const many = async (...paths: string[]) => {
      const took: number[] = []
      for (let i = 0; i < requestsARound; i++) {
        const began = performance.now()
        await Promise.all(paths.map(get))
        took.push(performance.now() - began)
      }
      return p95(took)
    }
    const first = `feedback?limit=${pageSize}`
    const far = `${first}&cursor=${encodeURIComponent(deep)}`
    const overview = ['feedback/counts', 'views', 'feedback/filters']
    const { rows: found } = JSON.parse((await get(far)).text)
    if (found.length !== pageSize) throw new Error(`the page far down has ${found.length} rows`)
    const counted = JSON.parse((await get('feedback/counts')).text).n
    if (counted !== rows) throw new Error(`${counted} of ${rows} are counted`)
    for (const paths of [[first], [far], overview]) await many(...paths)
    const near: number[] = []
    const below: number[] = []
    const beside: number[] = []
    for (let i = 0; i < times; i++) {
      near.push(await many(first))
      below.push(await many(far))
      beside.push(await many(...overview))
      say(
        `round ${i + 1}: p95 ${round(near.at(-1) ?? 0, 1)} ms first, ${round(below.at(-1) ?? 0, 1)} ms far down, ${round(beside.at(-1) ?? 0, 1)} ms counts, views and choices`,
      )
    }
    const byDepth = ratios(below, near)
    const words = await many(`${first}&text=slot`)
    const rare = await many(`${first}&text=499`)
    const overviewMs = ratios(
      beside,
      beside.map(() => 100),
    )
    const results: TargetResult[] = [
      {
        target: 'T7a',
        what: `a page of ${pageSize} at depth ${rows.toLocaleString('en')} against the first one, p95`,
        goal: '≤ 1.5',
        ...byDepth,
        ok: byDepth.ratio <= 1.5,
        figures: {
          firstP95Ms: round(
            near.reduce((a, b) => Math.min(a, b)),
            1,
          ),
          deepP95Ms: round(
            below.reduce((a, b) => Math.min(a, b)),
            1,
          ),
          commonWordP95Ms: round(words, 1),
          rareWordP95Ms: round(rare, 1),
        },
      },
      {
        target: 'T7b',
        what: `counts, slices with rates and filter choices of a project of ${rows.toLocaleString('en')} decisions, read together: p95 against 100 ms`,
        goal: '≤ 1 (100 ms)',
        ...overviewMs,
        ok: overviewMs.ratio <= 1,
        figures: { counted },
      },
    ]
    return results
  } finally {
    for (const close of closing.reverse()) await close()
    await workplace.close()
    entry.remove()
  }
}

/** Decisions over a month: most open or ignored, some accepted, corrected and rejected, on as many exposures of 500 items. */
async function prepareDecisions(project: BenchProject, count: number): Promise<void> {
  const { actorId, versionId } = await prepareGround(project)
  const session = randomUUID()
  await runLong(
    `WITH n AS (SELECT uuidv7() AS item, uuidv7() AS content, g FROM generate_series(1, 500) g),
     c AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt) SELECT $1::uuid, content, 'item', item,
       jsonb_build_object('subject', 'Thread ' || g, 'messages', jsonb_build_array(jsonb_build_object('author', 'Ines', 'fromMe', false,
         'sentAt', NULL, 'text', 'Does slot ' || g || ' work for you?'))), '\\x01' FROM n)
     INSERT INTO items (project_id, id, content_id, input_hash, external_id) SELECT $1::uuid, item, content, 'bench', g::text FROM n`,
    [project.id],
  )
  for (let from = 0; from < count; from += perStatement)
    await runLong(
      `WITH t AS (SELECT array_agg(id ORDER BY external_id) AS items FROM items WHERE project_id = $1),
       n AS (SELECT uuidv7() AS exposure, t.items[1 + g % 500] AS item, g, amend.now() - g * $7::float8 * interval '1 second' AS at
         FROM t, generate_series($5::int, least($5::int + $6::int, $8::int) - 1) g),
       e AS (INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, model_version_id, shown, mode, eligible, created_at)
         SELECT $1::uuid, exposure, 'bench', item, 'bench', $2::uuid, $3::uuid, 'key', $4::uuid, true, 'augment', true, at FROM n)
       INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, model_version_id, confidence, suggestion_shown, shown, sample, simulated, exposed_at, state)
       SELECT $1::uuid, exposure, $3::uuid, item, $4::uuid, 0.5 + (g % 50) / 100.0, true, true, false, false, at,
         (ARRAY['accepted', 'rejected', 'dismissed', 'ignored', 'ignored'])[1 + g % 5] FROM n`,
      [project.id, session, actorId, versionId, from, perStatement, apart, count],
    )
}

/** The cursor of the row at a depth; looked up once, past the index. */
async function cursorAt(project: BenchProject, depth: number): Promise<string> {
  const [row] = await runLong<{ micros: string; id: string }>(
    `SELECT (extract(epoch FROM exposed_at) * 1000000)::bigint::text AS micros, exposure_id AS id FROM decisions
     WHERE project_id = $1 ORDER BY exposed_at DESC NULLS LAST, exposure_id DESC NULLS LAST OFFSET $2 LIMIT 1`,
    [project.id, depth],
  )
  if (!row) throw new Error(`there is no row at ${depth}`)
  return writeCursor(row.micros, row.id)
}
