import 'server-only'
import { createHmac } from 'node:crypto'
import type { currentConsent } from '@/contract/v1/actor'
import type { Transaction } from '@/db/client'
import { fromMicros } from '@/db/instants'
import type { DecisionProjection } from '@/domain/decision'
import { normalText } from '@/domain/learning'
import { getSecrets } from '@/platform/home'

/** Decisions that teach: the person wrote the words. */
export const teachingStates: readonly string[] = ['corrected', 'written']

/** Wordings before this one said that nothing is suggested before a version was trained with it. */
const learningConsent = 2 satisfies typeof currentConsent

/** SQL: whether what was said on an exposure `e` may be learned from; a key's people are asked by its own product. */
export const mayLearn = `(e.consent_version IS NULL OR e.consent_version >= ${learningConsent})`

/** Says that two people wrote the same without saying what: a guess can't be confirmed without the instance's secret. */
export function normalHash(projectId: string, text: string): string {
  return createHmac('sha256', getSecrets().pseudonymKey)
    .update(`learned\n${projectId}\n${normalText(text)}`)
    .digest('hex')
}

/** What the log of one exposure teaches now, or that it teaches nothing. */
export interface Lesson {
  exposureId: string
  eventId: string
  valueContentId: string
  learnedAtMicros: number
  normalHash: string
}

/** The decision as a lesson without its hash, or null where it teaches nothing. */
export function lessonOf(
  exposureId: string,
  decision: DecisionProjection,
): Omit<Lesson, 'normalHash'> | null {
  const { state, eventId, afterContentId, decidedAtMicros } = decision
  if (!teachingStates.includes(state) || !eventId || !afterContentId || decidedAtMicros === null) return null
  return { exposureId, eventId, valueContentId: afterContentId, learnedAtMicros: decidedAtMicros }
}

/**
 * CTEs for the statement that stores a decision: `lessons` is what its exposures teach now, `untaught` those that teach
 * nothing any more. What is erased, or was said under an earlier wording, teaches nothing.
 */
export const learnCtes = (lessons: string, untaught: string) => `
  lessons AS (SELECT * FROM json_to_recordset(${lessons}::json) AS l(
    exposure_id uuid, event_id uuid, value_content_id uuid, learned_at bigint, normal_hash text)),
  unlearned AS (DELETE FROM learned_examples WHERE project_id = $1 AND exposure_id = ANY(${untaught}::uuid[])),
  learned AS (
    INSERT INTO learned_examples (project_id, exposure_id, event_id, actor_id, item_id, value_content_id, normal_hash, learned_at)
    SELECT $1, l.exposure_id, l.event_id, e.actor_id, e.item_id, l.value_content_id, l.normal_hash, ${fromMicros('l.learned_at')}
    FROM lessons l JOIN exposures e ON e.project_id = $1 AND e.id = l.exposure_id WHERE ${mayLearn}
    ON CONFLICT (project_id, exposure_id) DO UPDATE SET event_id = excluded.event_id,
      value_content_id = excluded.value_content_id, normal_hash = excluded.normal_hash, learned_at = excluded.learned_at
    WHERE learned_examples.event_id <> excluded.event_id)`

/** The words of contents that lie in the store already, as for a redo; one that was erased is left out. */
export async function readBodies(
  tx: Transaction,
  projectId: string,
  contentIds: readonly string[],
): Promise<Map<string, unknown>> {
  if (contentIds.length === 0) return new Map()
  const { rows } = await tx.$client.query<{ id: string; body: unknown }>(
    'SELECT id, body FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[]) AND erased_at IS NULL',
    [projectId, contentIds],
  )
  return new Map(rows.map(row => [row.id, row.body]))
}
