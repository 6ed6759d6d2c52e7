import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { to as copyTo } from 'pg-copy-streams'
import { feedbackFilter } from '@/contract/v1/feedback'
import { openClient } from '@/db/client'
import { exportSql } from '@/db/queries/feedback'
import { buildEntry, type ServerProcess, startServerProcess, waitUntilReady } from './child-process'
import { benchActor, prepareGround } from './exposures'
import { median, ratios, round, type Target } from './target'
import { type BenchProject, makeProject, openWorkplace, runLong } from './workplace'

const smallPart = 10
const chunkBytes = 256 * 1024

export const exports: Target = async ({ rows, rounds, say }) => {
  const times = rounds ?? 3
  const workplace = await openWorkplace('t8')
  const entry = await buildEntry('bench/api-process.ts')
  let app: ServerProcess | null = null
  try {
    const [large, small] = [await makeProject('t8-large'), await makeProject('t8-small')]
    const began = performance.now()
    await fillProject(small, rows / smallPart)
    await fillProject(large, rows)
    await runLong('VACUUM ANALYZE')
    say(
      `made ${rows} and ${rows / smallPart} settled decisions in ${Math.round((performance.now() - began) / 1000)} s`,
    )

    const started = await startServerProcess(entry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
    })
    app = started
    await waitUntilReady(app.url, 20_000)
    // The first export of a process pays for its buffers and compiled code; growth is measured from there.
    await download(app, small)
    const lines = await countLines(app, large)
    if (lines !== rows) throw new Error(`the export had ${lines} lines instead of ${rows}`)
    const ours: number[] = []
    const theirs: number[] = []
    const firstByteMs: number[] = []
    const growth: Record<'large' | 'small', number[]> = { large: [], small: [] }
    let megabytes = 0
    for (let i = 0; i < times; i++) {
      growth.small.push((await download(app, small)).growthMb)
      const a = await download(app, large)
      growth.large.push(a.growthMb)
      ours.push(a.ms)
      firstByteMs.push(a.firstByteMs)
      megabytes = a.bytes / 1e6
      theirs.push(await plainCopy(large))
      say(
        `round ${i + 1}: export ${round(a.ms / 1000, 1)} s (first byte ${Math.round(a.firstByteMs)} ms), COPY ${round((theirs[i] ?? 0) / 1000, 1)} s`,
      )
    }
    const time = ratios(ours, theirs)
    const [largeMb, smallMb] = [Math.max(...growth.large), Math.max(...growth.small)]
    const first = median(firstByteMs)
    return [
      {
        target: 'T8',
        what: `JSONL export of ${rows} rows, against COPY of the same query through the same compression`,
        goal: '<= 2, first byte <= 300 ms, growth <= 150 MB and the same at a tenth',
        ...time,
        ok: time.ratio <= 2 && first <= 300 && largeMb <= 150 && Math.abs(largeMb - smallMb) <= 30,
        figures: {
          exportMs: Math.round(median(ours)),
          copyMs: Math.round(median(theirs)),
          firstByteMs: Math.round(first),
          firstByteMaxMs: Math.round(Math.max(...firstByteMs)),
          growthMb: Math.round(largeMb),
          growthAtATenthMb: Math.round(smallMb),
          gzippedMb: Math.round(megabytes),
          rows,
        },
      },
    ]
  } finally {
    await app?.stop()
    await workplace.close()
    entry.remove()
  }
}

/**
 * Settled decisions with all that an export reads, made set by set through the tables' own checks: ten exposures an
 * item, three candidates each, a third of them corrected or written with words of their own.
 */
async function fillProject(project: BenchProject, rows: number): Promise<void> {
  const { actorId, versionId } = await prepareGround(project)
  const items = Math.ceil(rows / 10)
  const scope = [project.id, items]
  await runLong(
    'CREATE TABLE IF NOT EXISTS public.bench_item (project_id uuid, n int, item uuid, content uuid, candidates uuid, prediction uuid, ids uuid[], PRIMARY KEY (project_id, n))',
  )
  await runLong(
    `INSERT INTO public.bench_item SELECT $1, n, uuidv7(), uuidv7(), uuidv7(), uuidv7(), ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()] FROM generate_series(0, $2::int - 1) n`,
    scope,
  )
  await runLong(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt)
     SELECT project_id, content, 'item', item, jsonb_build_object('subject', 'Thread ' || n, 'messages', jsonb_build_array(jsonb_build_object('author', 'Ines', 'fromMe', false,
       'sentAt', NULL, 'text', 'Could you let me know by ' || n || ' whether the room on the second floor is free? We need it for about ' || n % 7 || ' hours.'))), '\\x01'::bytea
     FROM public.bench_item WHERE project_id = $1
     UNION ALL
     SELECT project_id, candidates, 'candidates', item, jsonb_build_array(
       jsonb_build_object('id', ids[1], 'value', jsonb_build_object('text', 'Yes, number ' || n || ' works for me.'), 'confidence', .9, 'intent', NULL, 'evidence', '[]'::jsonb),
       jsonb_build_object('id', ids[2], 'value', jsonb_build_object('text', 'Sorry, I can not make ' || n || '.'), 'confidence', .8, 'intent', NULL, 'evidence', '[]'::jsonb),
       jsonb_build_object('id', ids[3], 'value', jsonb_build_object('text', 'Could we do it later?'), 'confidence', .7, 'intent', NULL, 'evidence', '[]'::jsonb)), '\\x02'::bytea
     FROM public.bench_item WHERE project_id = $1`,
    [project.id],
  )
  await runLong(
    `INSERT INTO items (project_id, id, content_id, input_hash) SELECT project_id, item, content, 'bench' FROM public.bench_item WHERE project_id = $1`,
    [project.id],
  )
  await runLong(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count)
     SELECT project_id, prediction, item, $2, candidates, .9, 3 FROM public.bench_item WHERE project_id = $1`,
    [project.id, versionId],
  )
  await runLong(
    `WITH x AS (
       INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, model_version_id, prediction_id, shown, mode,
         eligible, eligible_propensity, candidates, latency_ms, created_at)
       SELECT b.project_id, uuidv7(), 'bench', b.item, 'bench', $4, $2, 'key', $3, b.prediction, true, 'augment', true, 1, jsonb_build_array(
           jsonb_build_object('id', b.ids[1], 'rank', 1, 'confidence', .9, 'propensity', 1, 'valueHash', 'a'),
           jsonb_build_object('id', b.ids[2], 'rank', 2, 'confidence', .8, 'propensity', 1, 'valueHash', 'b'),
           jsonb_build_object('id', b.ids[3], 'rank', 3, 'confidence', .7, 'propensity', 1, 'valueHash', 'c')), 3,
         now() - interval '1 day' + g * interval '50 microseconds'
       FROM generate_series(0, $5::int - 1) g JOIN public.bench_item b ON b.project_id = $1 AND b.n = g % $6::int
       RETURNING id, item_id, created_at, (candidates->0->>'id')::uuid AS first, (extract(epoch FROM created_at) * 1000000)::bigint / 50 % 6 AS kind),
     c AS (
       INSERT INTO contents (project_id, id, kind, actor_id, item_id, body, salt)
       SELECT $1, id, 'written', $2, item_id, jsonb_build_object('text', 'In my own words: ' || id), '\\x03'::bytea FROM x WHERE kind IN (1, 2))
     INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, model_version_id, confidence, suggestion_shown, sample, simulated, exposed_at, state, event_id,
       candidate_id, after_content_id, after_hash, shown, decided_at, chosen_candidate_id)
     SELECT $1, id, $2, item_id, $3, .9, true, false, false, created_at, CASE kind WHEN 1 THEN 'corrected' WHEN 2 THEN 'written' WHEN 3 THEN 'dismissed' ELSE 'accepted' END,
       uuidv7(), CASE WHEN kind NOT IN (2, 3) THEN first END, CASE WHEN kind IN (1, 2) THEN id END, CASE WHEN kind IN (1, 2) THEN 'h' END, true,
       created_at + interval '4 seconds', CASE WHEN kind NOT IN (2, 3) THEN first END FROM x`,
    [project.id, actorId, versionId, '00000000-0000-4000-8000-000000000000', rows, items],
  )
}

interface Download {
  ms: number
  firstByteMs: number
  bytes: number
  growthMb: number
}

/** Takes the export as curl --compressed would, and watches the server's memory meanwhile. */
async function download(app: ServerProcess, project: BenchProject): Promise<Download> {
  const before = residentMb(app.pid)
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(app.pid))
  }, 20)
  const began = performance.now()
  try {
    return await new Promise<Download>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${project.key}`,
        'amend-actor': benchActor,
        'accept-encoding': 'gzip',
      }
      get(`${app.url}/api/v1/projects/${project.slug}/feedback/export`, { headers }, response => {
        if (response.statusCode !== 200 || response.headers['content-encoding'] !== 'gzip')
          return reject(new Error(`the export was answered ${response.statusCode}`))
        let bytes = 0
        let firstByteMs = 0
        response.on('data', (part: Buffer) => {
          if (bytes === 0) firstByteMs = performance.now() - began
          bytes += part.length
        })
        response.on('error', reject)
        response.on('end', () => {
          if (!response.complete) return reject(new Error('the export was cut off'))
          resolve({ ms: performance.now() - began, firstByteMs, bytes, growthMb: peak - before })
        })
      }).on('error', reject)
    })
  } finally {
    clearInterval(timer)
  }
}

/** Reads one export whole, outside the timed ones. */
async function countLines(app: ServerProcess, project: BenchProject): Promise<number> {
  const answer = await fetch(`${app.url}/api/v1/projects/${project.slug}/feedback/export`, {
    headers: { authorization: `Bearer ${project.key}`, 'amend-actor': benchActor },
  })
  if (!answer.ok || !answer.body) throw new Error(`the export was answered ${answer.status}`)
  let lines = 0
  for await (const part of answer.body)
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines++
  return lines
}

function residentMb(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1] ?? 0) / 1024
}

/** The same rows by the shortest way there is: COPY, joined to large pieces, gzip 1, thrown away. */
async function plainCopy(project: BenchProject): Promise<number> {
  const client = await openClient()
  try {
    await client.query('SET statement_timeout = 0')
    const stamp = { takenAt: new Date().toISOString(), query: '', taskType: 'smart-reply' }
    const text = exportSql(
      { projectId: project.id, timeZone: 'UTC' },
      feedbackFilter.parse({}),
      stamp,
      value => (typeof value === 'number' ? String(value) : client.escapeLiteral(value)),
    )
    const began = performance.now()
    const gzip = createGzip({ level: 1, chunkSize: 64 * 1024 })
    gzip.resume()
    await pipeline(
      client.query(copyTo(`COPY (${text}) TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')`)),
      joined(),
      gzip,
    )
    return performance.now() - began
  } finally {
    await client.end()
  }
}

function joined(): Transform {
  let parts: Buffer[] = []
  let size = 0
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      parts.push(part)
      size += part.length
      if (size < chunkBytes) return done()
      const whole = Buffer.concat(parts)
      parts = []
      size = 0
      done(null, whole)
    },
    flush(done) {
      done(null, Buffer.concat(parts))
    },
  })
}
