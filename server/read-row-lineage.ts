import 'server-only'
import type { LineageEvent, RowLineage } from '@/contract/v1/lineage'
import { getDb } from '@/db/client'
import { toMicros } from '@/db/instants'
import type { RowValue } from '@/db/schema/datasets'
import { foldEvents } from '@/domain/decision'
import { AmendError } from '@/domain/errors'
import type { FoldEvent } from '@/domain/feedback-event'
import { foldEntry, type ReviewFoldEvent } from '@/domain/review'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { asOfOf, inSnapshot } from './as-of'
import { findFrozen } from './find-dataset'
import { readEntries } from './review-log'
import { readLinesAfter } from './version-lines'

const mostTold = 50

const utc = (expression: string) => `to_json(${expression})#>>'{}'`

const itemSql = `
  SELECT i.id, i.external_id AS "externalId", i.group_id AS "groupId", i.licence, i.sample, i.simulated,
    ${utc('i.created_at')} AS "createdAt", ${utc('i.excluded_at')} AS "excludedAt", ${utc('i.erased_at')} AS "erasedAt",
    (SELECT jsonb_build_object('id', m.id, 'fileName', m.file_name, 'line', r.line) FROM import_rows r
      JOIN imports m ON m.project_id = r.project_id AND m.id = r.import_id
      WHERE r.project_id = i.project_id AND r.item_id = i.id ORDER BY m.created_at LIMIT 1) AS import,
    coalesce((SELECT jsonb_agg(q ORDER BY q.at) FROM (
      SELECT e.id AS "entryId", u.id AS "queueId", u.name AS queue, e.strategy, e.pool_size AS "poolSize",
        e.inclusion_probability AS "inclusionProbability", e.seed, e.rank, e.score, ${utc('e.created_at')} AS at,
        e.id IS NOT DISTINCT FROM $3::uuid AS ground
      FROM queue_entries e JOIN queues u ON u.project_id = e.project_id AND u.id = e.queue_id
      WHERE e.project_id = i.project_id AND e.item_id = i.id AND e.kind = 'review'
      ORDER BY e.id DESC LIMIT ${mostTold}) q), '[]') AS queues
  FROM items i WHERE i.project_id = $1 AND i.id = $2`

const exposuresSql = `
  SELECT * FROM (
    SELECT e.id, ${utc('e.created_at')} AS at, a.pseudonym AS by, e.role, e.id IS NOT DISTINCT FROM $3::uuid AS ground, e.shown,
      e.suppressed_reason AS "suppressedReason", e.arm, e.mode, e.blind, e.holdback, e.eligible,
      e.eligible_propensity AS "eligiblePropensity", e.policy_version AS "policyVersion",
      e.threshold_version AS "thresholdVersion", e.consent_version AS "consentVersion", e.guardrail_result AS guardrails,
      e.slice_attributes AS slices, e.candidates, p.content_id AS "contentId",
      CASE WHEN v.id IS NOT NULL THEN jsonb_build_object('id', v.id, 'model', m.name, 'version', v.version) END AS model
    FROM exposures e
    JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id
    LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
    LEFT JOIN model_versions v ON v.project_id = e.project_id AND v.id = e.model_version_id
    LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
    WHERE e.project_id = $1 AND e.item_id = $2
    ORDER BY e.id IS NOT DISTINCT FROM $3::uuid DESC, e.created_at DESC LIMIT ${mostTold}) x ORDER BY at`

const feedbackSql = `
  SELECT f.id, f.type, f.session_id AS "sessionId", f.client_seq AS "clientSeq", f.seq::float8 AS seq,
    f.target_event_id AS "targetEventId", f.candidate_id AS "candidateId", f.reason, f.rating,
    (${toMicros('f.server_time')})::float8 AS "serverMicros", (${toMicros('f.send_at')})::float8 AS "sendAtMicros",
    f.after_content_id AS "afterContentId", f.after_hash AS "afterHash", ${utc('f.server_time')} AS at,
    a.pseudonym AS by, CASE WHEN f.actor_id IS NULL THEN 'server' WHEN f.actor_id = e.actor_id THEN e.role ELSE 'curator' END AS role,
    e.shown AS "suggestionShown", ${inSnapshot('f', '$3', '$4')} AS then
  FROM feedback_events f
  JOIN exposures e ON e.project_id = f.project_id AND e.id = f.exposure_id
  LEFT JOIN actors a ON a.project_id = f.project_id AND a.id = f.actor_id
  WHERE f.project_id = $1 AND f.exposure_id = $2 ORDER BY f.seq`

const reviewSql = `
  SELECT r.id, ${utc('r.server_time')} AS at, a.pseudonym AS by, ${inSnapshot('r', '$3', '$4')} AS then
  FROM review_events r JOIN actors a ON a.project_id = r.project_id AND a.id = r.actor_id
  WHERE r.project_id = $1 AND r.entry_id = $2 ORDER BY r.seq`

const modelSql = `
  SELECT v.id, m.name AS model, v.version, v.learning, v.out_of_service_reason AS "outOfServiceReason",
    count(t.number)::int AS "trainingRows", count(t.withdrawn_at)::int AS "withdrawnRows",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('dataset', d.slug, 'name', d.name, 'number', w.number)), '[]')
      FROM dataset_versions w JOIN datasets d ON d.project_id = w.project_id AND d.id = w.dataset_id
      WHERE w.project_id = v.project_id AND w.id::text = ANY(array_agg(DISTINCT t.facts->>'datasetVersionId'))) AS "trainedOn"
  FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  LEFT JOIN training_rows t ON t.project_id = v.project_id AND t.model_version_id = v.id
  WHERE v.project_id = $1 AND v.id = $2 GROUP BY v.project_id, v.id, m.name`

const findingsSql = `
  SELECT f.name AS "check", c.level, c.waived_at IS NOT NULL AS waived, f.score,
    CASE WHEN f.row_number = $3 THEN f.other_number ELSE f.row_number END AS other
  FROM dataset_findings f JOIN dataset_checks c ON c.project_id = f.project_id AND c.version_id = f.version_id AND c.name = f.name
  WHERE f.project_id = $1 AND f.version_id = $2 AND (f.row_number = $3 OR f.other_number = $3)
  ORDER BY f.name, f.at LIMIT ${mostTold}`

const firstSql = `
  SELECT d.slug AS dataset, d.name, v.number, g.split FROM dataset_groups g
  JOIN dataset_versions v ON v.project_id = g.project_id AND v.id = g.version_id
  JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
  WHERE g.project_id = $1 AND g.group_key = $2`

const laterSql = `
  SELECT d.slug AS dataset, d.name, v.number, r.number AS row, r.split FROM dataset_rows r
  JOIN dataset_versions v ON v.project_id = r.project_id AND v.id = r.version_id AND v.state = 'frozen'
  JOIN dataset_versions s ON s.project_id = r.project_id AND s.id = $3
  JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
  WHERE r.project_id = $1 AND r.item_id = $2 AND v.id <> s.id AND v.created_at >= s.created_at
  ORDER BY v.created_at, r.number LIMIT ${mostTold}`

const learnedSql = `
  SELECT v.id, m.name AS model, v.version, t.number AS row, t.withdrawn_at IS NOT NULL AS withdrawn FROM training_rows t
  JOIN model_versions v ON v.project_id = t.project_id AND v.id = t.model_version_id
  JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  WHERE t.project_id = $1 AND t.exposure_ids @> ARRAY[$2::uuid] ORDER BY v.created_at, t.number LIMIT ${mostTold}`

/**
 * Where a row of a frozen version came from, back to the data that the model was trained on, and where it went. Words
 * are those that the row itself holds, as in the list of rows; of other acts only their kinds are told.
 *
 * @throws AmendError not_found, conflict (not frozen)
 */
export async function readRowLineage(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  number: number,
): Promise<RowLineage> {
  const [{ dataset, version }, task] = await Promise.all([
    findFrozen(scope, slugOrId, wanted),
    loadTaskType(scope.project.taskType),
  ])
  const { projectId } = scope
  const [found] = await readLinesAfter(projectId, version.id, { after: number - 1, limit: 1 })
  if (!found || found.row.number !== number)
    throw new AmendError('not_found', `Version ${version.number} has no row ${number}.`)
  const { row, line } = found
  const { facts } = row
  const all = async <T = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<T[]> =>
    (await getDb().$client.query(sql, values)).rows as T[]
  const asOf = asOfOf(version)
  const [items, exposures, events, models, specifications, findings, first, versions, learned] =
    await Promise.all([
      all<RowLineage['item']>(itemSql, projectId, row.itemId, row.entryId),
      all<RowLineage['exposures'][number] & { contentId: string | null }>(
        exposuresSql,
        projectId,
        row.itemId,
        row.exposureId,
      ),
      eventsOf(projectId, row, asOf, all),
      facts.modelVersionId
        ? all<NonNullable<RowLineage['model']>>(modelSql, projectId, facts.modelVersionId)
        : [],
      facts.specificationVersion
        ? all<NonNullable<RowLineage['specification']>>(
            `SELECT version, ${utc('created_at')} AS at FROM specifications WHERE project_id = $1 AND version = $2`,
            projectId,
            facts.specificationVersion,
          )
        : [],
      all<RowLineage['findings'][number]>(findingsSql, projectId, version.id, number),
      all<NonNullable<RowLineage['split']['first']>>(firstSql, projectId, row.groupKey),
      all<RowLineage['wentTo']['versions'][number]>(laterSql, projectId, row.itemId, version.id),
      row.exposureId
        ? all<RowLineage['wentTo']['models'][number]>(learnedSql, projectId, row.exposureId)
        : [],
    ])
  const item = items[0]
  if (!item) throw new Error('the item of a dataset row is not there')
  const words = (value: unknown) => (value === null || value === undefined ? null : task.textOf(value))
  const values = (stored: readonly RowValue[], told: typeof line.values) =>
    stored.map(({ origin, candidateId, verdict, hash }, at) => ({
      text: words(told[at]?.value),
      origin,
      candidateId,
      verdict,
      hash,
    }))
  const shownTexts = new Map(line.suggestions.map(one => [one.candidate_id, words(one.value)]))
  return {
    of: { dataset: dataset.slug, name: dataset.name, number: version.number },
    row: {
      number,
      erased: line.erased,
      title: line.erased ? null : task.titleOf(line.input),
      label: line.state ?? line.source,
      values: values(row.values, line.values),
      rejected: values(row.rejected, line.rejected),
      annotators: line.annotators,
      decidedAt: line.decided_at,
      agreement: line.agreement,
      modelInfluenced: line.model_influenced,
      blind: line.blind,
      strategy: line.strategy,
      inclusionProbability: line.inclusion_probability,
      propensity: line.propensity,
      licence: line.licence,
      consentVersion: line.consent_version,
      redacted: line.redacted,
      rowHash: row.rowHash,
    },
    item: line.erased ? { ...item, externalId: null, groupId: null } : item,
    exposures: exposures.map(({ contentId, ...exposure }) => ({
      ...exposure,
      candidates: exposure.candidates.map(({ id, rank, confidence, propensity }) => ({
        id,
        rank,
        confidence,
        propensity,
        // Suggestions that were made for somebody else may quote what only they wrote.
        text: contentId === facts.suggestionContentId ? (shownTexts.get(id) ?? null) : null,
      })),
    })),
    events,
    model: models[0] ?? null,
    specification: specifications[0] ?? null,
    findings,
    split: {
      split: row.split,
      reason: (facts.splitReason ?? null) as RowLineage['split']['reason'],
      groupKey: row.groupKey,
      cluster: row.clusterKey,
      first: first[0] ?? null,
    },
    wentTo: { versions, models: learned },
  }
}

type Query = <T>(sql: string, ...values: unknown[]) => Promise<T[]>
type AsOf = ReturnType<typeof asOfOf>
type Row = Awaited<ReturnType<typeof readLinesAfter>>[number]['row']

async function eventsOf(
  projectId: string,
  row: Row,
  { snapshot, at }: AsOf,
  all: Query,
): Promise<LineageEvent[]> {
  const grounds = new Set([...row.facts.eventIds, ...row.facts.answerEventIds])
  const { exposureId, entryId } = row
  const told: LineageEvent[] = []
  if (exposureId) {
    const events = await all<
      FoldEvent & { at: string; by: string | null; role: string; suggestionShown: boolean; then: boolean }
    >(feedbackSql, projectId, exposureId, snapshot, at)
    const shown = events[0]?.suggestionShown ?? false
    const now = foldEvents(events, shown).standing
    const then = foldEvents(
      events.filter(event => event.then),
      shown,
    ).standing
    for (const event of events)
      told.push({
        id: event.id,
        of: 'feedback',
        on: exposureId,
        type: event.type,
        at: event.at,
        by: event.by,
        role: event.role,
        standing: now.get(event.id) ?? 'pending',
        atFreeze: then.get(event.id) ?? 'later',
        ground: grounds.has(event.id),
        targetEventId: event.targetEventId,
        reason: event.reason,
      })
  }
  if (entryId) {
    const [entries, facts] = await Promise.all([
      readEntries(getDb(), projectId, [entryId]),
      all<{ id: string; at: string; by: string; then: boolean }>(reviewSql, projectId, entryId, snapshot, at),
    ])
    const entry = entries[0]
    if (!entry) return told
    const known = new Map(facts.map(one => [one.id, one]))
    const standingOf = (log: readonly ReviewFoldEvent[]) => {
      const { acts, idle } = foldEntry(log, entry)
      return (event: ReviewFoldEvent) =>
        idle.has(event.id) ? ('no_op' as const) : (acts.get(event.id)?.standing ?? ('active' as const))
    }
    const now = standingOf(entry.log)
    const then = standingOf(entry.log.filter(event => known.get(event.id)?.then))
    for (const event of entry.log)
      told.push({
        id: event.id,
        of: 'review',
        on: entryId,
        type: event.type,
        at: known.get(event.id)?.at ?? '',
        by: known.get(event.id)?.by ?? null,
        role: reviewRole(event.type),
        standing: now(event),
        atFreeze: known.get(event.id)?.then ? then(event) : 'later',
        ground: grounds.has(event.id),
        targetEventId: event.targetEventId,
        reason: event.reason,
      })
  }
  return told
}

function reviewRole(type: ReviewFoldEvent['type']): string {
  if (type === 'adjudicated') return 'adjudicator'
  if (type === 'answered' || type === 'returned' || type === 'escalated') return 'curator'
  return type === 'revealed' || type === 'aggregated' ? 'server' : 'annotator'
}
