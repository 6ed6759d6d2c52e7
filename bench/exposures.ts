import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { getDb } from '@/db/client'
import { externalHash } from '@/server/find-actor'
import { type BenchProject, runLong } from './workplace'

/** An exposure that waits for feedback, with the ids of its three candidates. */
export interface PreparedExposure {
  id: string
  itemId: string
  candidateIds: string[]
}

/** Whom the bench speaks for, as `Amend-Actor` names them. */
export const benchActor = 'bench'

const texts = ['Yes, that works for me.', "Sorry, I can't make it.", 'Could we do it a little later?']

interface Ground {
  actorId: string
  versionId: string
}

/** The actor that the bench speaks for, and the project's live version. */
export async function prepareGround(project: BenchProject, actor = benchActor): Promise<Ground> {
  const db = getDb().$client
  await db.query(
    `INSERT INTO actors (project_id, external_hash, pseudonym) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [project.id, externalHash(project.id, actor), `p-${randomUUID().slice(0, 10)}`],
  )
  const { rows } = await db.query(
    `SELECT a.id AS "actorId", v.id AS "versionId" FROM actors a JOIN model_versions v ON v.project_id = a.project_id AND v.stage = 'live'
     WHERE a.project_id = $1 AND a.external_hash = $2`,
    [project.id, externalHash(project.id, actor)],
  )
  return rows[0]
}

/** Stores `items` threads with candidates and returns them; every row goes through the tables' own checks. */
async function prepareItems(
  project: BenchProject,
  versionId: string,
  items: number,
): Promise<PreparedExposure[]> {
  const made = Array.from({ length: items }, (_, i) => ({
    n: i,
    id: uuidv7(),
    content: uuidv7(),
    candidates: uuidv7(),
    prediction: uuidv7(),
    candidateIds: texts.map(() => randomUUID()),
  }))
  const rows = made.map(m => ({
    ...m,
    payload: {
      subject: `Thread ${m.n}`,
      messages: [{ author: 'Ines', fromMe: false, sentAt: null, text: `Does slot ${m.n} work for you?` }],
    },
    body: texts.map((text, i) => ({
      id: m.candidateIds[i],
      value: { text },
      confidence: 0.9 - i / 10,
      intent: null,
      evidence: [],
    })),
  }))
  await runLong(
    `WITH r AS (SELECT * FROM json_to_recordset($2::json) AS r(n int, id uuid, content uuid, candidates uuid, prediction uuid, payload jsonb, body jsonb)),
     a AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt)
       SELECT $1::uuid, content, 'item', id, payload, '\\x01'::bytea FROM r UNION ALL SELECT $1::uuid, candidates, 'candidates', id, body, '\\x02'::bytea FROM r),
     b AS (INSERT INTO items (project_id, id, content_id, input_hash) SELECT $1::uuid, id, content, 'bench' FROM r)
     INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count)
     SELECT $1::uuid, prediction, id, $3::uuid, candidates, 0.9, 3 FROM r`,
    [project.id, JSON.stringify(rows), versionId],
  )
  return made.map(m => ({ id: m.prediction, itemId: m.id, candidateIds: m.candidateIds }))
}

/** Exposures of `benchActor`, made set by set, each with its open decision. */
export async function prepareExposures(
  project: BenchProject,
  count: number,
  actor = benchActor,
): Promise<PreparedExposure[]> {
  const { actorId, versionId } = await prepareGround(project, actor)
  const items = await prepareItems(project, versionId, Math.min(count, 500))
  const sessionId = randomUUID()
  const ids = await runLong<{ id: string; at: number }>(
    `WITH t AS (SELECT ord - 1 AS at, x->>'itemId' AS item_id, x->>'id' AS prediction_id, x->'candidates' AS candidates
       FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS y(x, ord)),
     x AS (INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, model_version_id, prediction_id,
         shown, mode, eligible, eligible_propensity, candidates, latency_ms)
       SELECT $1, uuidv7(), 'bench', t.item_id::uuid, 'bench', $3, $4, 'key', $5, t.prediction_id::uuid, true, 'augment', true, 1, t.candidates, 3
       FROM generate_series(0, $6::int - 1) g JOIN t ON t.at = g % $7::int RETURNING id, item_id, created_at),
     d AS (INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, model_version_id, confidence, suggestion_shown, sample, simulated, exposed_at)
       SELECT $1, id, $4, item_id, $5, 0.9, true, false, false, created_at FROM x)
     SELECT x.id, t.at::int AS at FROM x JOIN t ON t.item_id::uuid = x.item_id`,
    [
      project.id,
      JSON.stringify(
        items.map(item => ({
          itemId: item.itemId,
          id: item.id,
          candidates: item.candidateIds.map((id, i) => ({
            id,
            rank: i + 1,
            confidence: 0.9 - i / 10,
            propensity: 1,
            valueHash: `v${i}`,
          })),
        })),
      ),
      sessionId,
      actorId,
      versionId,
      count,
      items.length,
    ],
  )
  return ids.map(({ id, at }) => ({
    id,
    itemId: items[at]?.itemId ?? '',
    candidateIds: items[at]?.candidateIds ?? [],
  }))
}

/** Hands out exposures so that none is used twice. */
export function dispenser(exposures: readonly PreparedExposure[]): () => PreparedExposure {
  let next = 0
  return () => {
    const exposure = exposures[next++]
    if (!exposure) throw new Error(`The ${exposures.length} prepared exposures are used up. Prepare more.`)
    return exposure
  }
}
