import type { Selection } from '@/domain/dataset'
import { positionDigits } from '@/domain/dataset-split'
import { type DatasetTarget, keptStates } from '@/domain/dataset-words'
import { toUtcText } from '../instants'
import {
  type Bind,
  dayBegins,
  decisionsJoined,
  type FeedbackProject,
  filterConditions,
  wordsQuery,
} from './feedback'
import { isGold } from './gold'

/**
 * What a split is drawn from: the item's group, else the item, behind the project's id. Nothing else goes in, so that a
 * group keeps its split in another dataset, in a backup on another machine, and under other secrets.
 */
const groupKey = `encode(sha256(convert_to(i.project_id::text || E'\\n' ||
  coalesce('group ' || i.group_id, 'item ' || i.id::text), 'UTF8')), 'hex')`

/** Somebody else's item that its owner does not let be used. */
const withheldFrom = (
  author: string,
) => `(i.owner_actor_id IS NOT NULL AND i.owner_actor_id IS DISTINCT FROM ${author}
  AND NOT EXISTS (SELECT FROM actors o WHERE o.project_id = i.project_id AND o.id = i.owner_actor_id
    AND o.training_allowed AND o.erased_at IS NULL))`

const ofGold = isGold('i.project_id', 'i.id')

const modelFacts = `'modelVersionId', v.id, 'model', m.name, 'modelVersion', v.version`

/**
 * Everything that a selection reaches, one row each, with why it is left out (null when it is not) and, as JSON, all
 * that a version keeps of it: ids, hashes and facts, never words. One statement, so one snapshot.
 */
export function reachedSql(
  project: FeedbackProject,
  target: DatasetTarget,
  selection: Selection,
  bind: Bind,
): string {
  return target === 'decision'
    ? decisionsReached(project, selection, bind)
    : `${resolutionsReached(project, selection, bind)} UNION ALL ${importsReached(project, selection, bind)}`
}

const leaveOut = (selection: Selection, row: { simulated: string; sample: string }) => [
  ...(selection.simulated === 'exclude' ? [`WHEN ${row.simulated} THEN 'simulated'`] : []),
  ...(selection.sample === 'exclude' ? [`WHEN ${row.sample} THEN 'sample'`] : []),
]

function decisionsReached(project: FeedbackProject, selection: Selection, bind: Bind): string {
  const { states = keptStates, version, confidenceFrom, confidenceTo, from, to, text } = selection
  const conditions = filterConditions(
    project,
    { version, confidenceFrom, confidenceTo, from, to, text, simulated: 'include' },
    bind,
  )
  const kept = `d.state IN (${states.map(bind).join(', ')}) AND d.event_id IS NOT NULL`
  // Where nothing stands nobody knows which of the states it would have had: what was taken back is always told.
  conditions.push(`(${kept} OR (d.state = 'open' AND d.ever_undone))`)
  return `
    SELECT d.decided_at AS at, d.exposure_id AS id, ${groupKey} AS group_key, d.state AS label,
      (e.shown AND NOT e.blind OR d.revealed) AS influenced,
      CASE WHEN d.state = 'open' THEN 'undone'
        WHEN ic.body IS NULL OR (d.after_content_id IS NOT NULL AND ac.body IS NULL)
          OR (e.shown AND p.content_id IS NOT NULL AND pc.body IS NULL) THEN 'erased'
        WHEN NOT a.training_allowed OR a.erased_at IS NOT NULL THEN 'opted-out'
        WHEN ${withheldFrom('d.actor_id')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        ${leaveOut(selection, { simulated: 'd.simulated', sample: 'd.sample' }).join(' ')} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', i.content_id, 'inputHash', i.input_hash,
        'exposureId', d.exposure_id, 'entryId', null,
        'suggestionContentId', CASE WHEN e.shown THEN p.content_id END,
        'suggestions', CASE WHEN e.shown THEN e.candidates ELSE '[]' END,
        'values', CASE d.state
          WHEN 'accepted' THEN json_build_array(json_build_object('origin', 'suggestion', 'contentId', p.content_id,
            'candidateId', d.candidate_id, 'index', null, 'verdict', null))
          ELSE json_build_array(json_build_object('origin', 'written', 'contentId', d.after_content_id,
            'candidateId', d.candidate_id, 'index', null, 'verdict', null)) END,
        'facts', json_build_object('state', d.state, 'source', null, 'eventIds', json_build_array(d.event_id),
          'answerEventIds', json_build_array(), 'strategy', 'feedback', 'inclusionProbability', null,
          'propensity', jsonb_path_query_first(e.candidates, '$[*] ? (@.id == $id).propensity',
            jsonb_build_object('id', d.candidate_id)),
          'modelInfluenced', e.shown AND NOT e.blind OR d.revealed, 'blind', e.blind, 'agreement', null,
          'annotators', json_build_array(a.pseudonym), ${modelFacts}, 'consentVersion', e.consent_version,
          'specificationVersion', null, 'decidedAt', ${toUtcText('d.decided_at')}, 'sample', d.sample,
          'simulated', d.simulated)) AS body
    ${decisionsJoined}
    WHERE ${conditions.join(' AND ')}`
}

/** Somebody who locked a blind answer was shown the suggestion: what they answer after they took it back is not blind. */
const neverRevealed = `NOT EXISTS (SELECT FROM review_events b WHERE b.project_id = s.project_id AND b.entry_id = s.entry_id
  AND b.actor_id = s.actor_id AND b.type = 'submitted' AND b.blind AND b.seq < s.seq)`

/** Where every answer was locked before its author saw the suggestion, no model had a part in it. */
const resolutionInfluenced = `(q.prediction_id IS NOT NULL AND NOT coalesce(w.blind, false))`

/** Who adjudicated is among the annotators: their words are in it, and their consent counts like anybody's. */
function resolutionsReached(project: FeedbackProject, selection: Selection, bind: Bind): string {
  const conditions = [`r.project_id = ${bind(project.projectId)}::uuid`, `q.kind = 'review'`]
  if (selection.version) conditions.push(`q.model_version_id = ${bind(selection.version)}::uuid`)
  if (selection.queue) conditions.push(`r.queue_id = ${bind(selection.queue)}::uuid`)
  if (selection.source) conditions.push(`r.source = ${bind(selection.source)}`)
  if (selection.from) conditions.push(`r.resolved_at >= ${dayBegins(project, selection.from, bind)}`)
  if (selection.to) conditions.push(`r.resolved_at < ${dayBegins(project, selection.to, bind, 1)}`)
  if (selection.text) conditions.push(`ic.search @@ ${wordsQuery(selection.text, bind)}`)
  return `
    SELECT r.resolved_at AS at, r.entry_id AS id, ${groupKey} AS group_key, r.source AS label,
      ${resolutionInfluenced} AS influenced,
      CASE WHEN ic.body IS NULL OR (p.content_id IS NOT NULL AND pc.body IS NULL) OR EXISTS (
          SELECT FROM jsonb_array_elements(r.values) x
          LEFT JOIN contents c ON c.project_id = r.project_id AND c.id = (x->>'contentId')::uuid
          WHERE c.body IS NULL) THEN 'erased'
        WHEN NOT coalesce(w.allowed, true) THEN 'opted-out'
        WHEN ${withheldFrom('NULL')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        WHEN r.values = '[]' THEN 'no-answer'
        WHEN coalesce(w.simulated, false) AND NOT EXISTS (SELECT FROM projects x WHERE x.id = r.project_id AND x.demo) THEN 'simulated'
        ${leaveOut(selection, { simulated: '(i.simulated OR coalesce(w.simulated, false))', sample: 'i.sample' }).join(' ')} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', i.content_id, 'inputHash', i.input_hash,
        'exposureId', null, 'entryId', r.entry_id, 'suggestionContentId', p.content_id,
        'suggestions', null, 'values', r.values,
        'facts', json_build_object('state', null, 'source', r.source, 'eventIds', json_build_array(),
          'answerEventIds', r.answer_event_ids, 'strategy', q.strategy,
          'inclusionProbability', q.inclusion_probability, 'propensity', null,
          'modelInfluenced', ${resolutionInfluenced}, 'blind', coalesce(w.blind, false), 'agreement', r.agreement,
          'annotators', coalesce(w.pseudonyms, '[]'), ${modelFacts}, 'consentVersion', w.consent,
          'specificationVersion', r.specification_version, 'decidedAt', ${toUtcText('r.resolved_at')}, 'sample', i.sample,
          'simulated', i.simulated OR coalesce(w.simulated, false))) AS body
    FROM resolutions r
    JOIN queue_entries q ON q.project_id = r.project_id AND q.id = r.entry_id
    JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
    JOIN contents ic ON ic.project_id = r.project_id AND ic.id = i.content_id
    LEFT JOIN predictions p ON p.project_id = r.project_id AND p.id = q.prediction_id
    LEFT JOIN contents pc ON pc.project_id = r.project_id AND pc.id = p.content_id
    LEFT JOIN model_versions v ON v.project_id = r.project_id AND v.id = q.model_version_id
    LEFT JOIN models m ON m.project_id = r.project_id AND m.id = v.model_id
    LEFT JOIN LATERAL (
      SELECT json_agg(DISTINCT a.pseudonym) AS pseudonyms, bool_and(a.training_allowed AND a.erased_at IS NULL) AS allowed,
        min(a.consent_version) AS consent, bool_or(s.simulated) AS simulated,
        bool_and(s.blind AND ${neverRevealed}) FILTER (WHERE s.type = 'submitted') AS blind
      FROM review_events s JOIN actors a ON a.project_id = s.project_id AND a.id = s.actor_id
      WHERE s.project_id = r.project_id AND (s.id = ANY(r.answer_event_ids) OR s.id = r.adjudication_event_id)) w ON true
    WHERE ${conditions.join(' AND ')}`
}

/**
 * What files brought as true: one row an item, with every value that was said of it and not taken back. Nobody here said
 * it, so there is no consent to ask for; annotators are the keyed hashes of whom the file names.
 */
function importsReached(project: FeedbackProject, selection: Selection, bind: Bind): string {
  const conditions = [`i.project_id = ${bind(project.projectId)}::uuid`]
  // A queue, a model's version or another source can't have said it.
  if (selection.queue || selection.version || (selection.source && selection.source !== 'import'))
    conditions.push('false')
  if (selection.from) conditions.push(`w.at >= ${dayBegins(project, selection.from, bind)}`)
  if (selection.to) conditions.push(`w.at < ${dayBegins(project, selection.to, bind, 1)}`)
  if (selection.text) conditions.push(`ic.search @@ ${wordsQuery(selection.text, bind)}`)
  if (selection.tag)
    conditions.push(`EXISTS (SELECT FROM item_tags t WHERE t.project_id = i.project_id AND t.item_id = i.id
      AND t.tag = ${bind(selection.tag)})`)
  return `
    SELECT w.at, i.id, ${groupKey} AS group_key, 'import' AS label, false AS influenced,
      CASE WHEN w.standing = 0 THEN 'undone' WHEN ic.body IS NULL OR w.live = 0 THEN 'erased'
        WHEN i.excluded_at IS NOT NULL THEN 'excluded'
        WHEN ${withheldFrom('NULL')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        ${leaveOut(selection, { simulated: 'i.simulated', sample: 'i.sample' }).join(' ')} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', coalesce(i.redacted_content_id, i.content_id), 'inputHash', i.input_hash,
        'exposureId', null, 'entryId', null, 'suggestionContentId', null, 'suggestions', null, 'values', w.values,
        'facts', json_build_object('state', null, 'source', 'import', 'eventIds', json_build_array(),
          'answerEventIds', json_build_array(), 'strategy', 'import', 'inclusionProbability', null, 'propensity', null,
          'modelInfluenced', false, 'blind', false, 'agreement', null, 'annotators', coalesce(w.annotators, '[]'),
          'modelVersionId', null, 'model', null, 'modelVersion', null, 'consentVersion', null,
          'specificationVersion', null, 'importedSplit', w.split, 'licence', i.licence, 'decidedAt', ${toUtcText('w.at')}, 'sample', i.sample,
          'simulated', i.simulated)) AS body
    FROM items i
    JOIN contents ic ON ic.project_id = i.project_id AND ic.id = coalesce(i.redacted_content_id, i.content_id)
    JOIN LATERAL (
      SELECT max(v.created_at) AS at, count(*) FILTER (WHERE m.state <> 'undone') AS standing, count(c.id) AS live,
        min(v.split) FILTER (WHERE c.id IS NOT NULL) AS split,
        json_agg(DISTINCT v.annotator) FILTER (WHERE c.id IS NOT NULL AND v.annotator IS NOT NULL) AS annotators,
        json_agg(json_build_object('origin', 'written', 'contentId', v.content_id, 'candidateId', null, 'index', null,
          'verdict', null) ORDER BY v.id) FILTER (WHERE c.id IS NOT NULL) AS values
      FROM imported_values v
      JOIN imports m ON m.project_id = v.project_id AND m.id = v.import_id
      LEFT JOIN contents c ON c.project_id = v.project_id AND c.id = v.content_id AND c.body IS NOT NULL AND m.state <> 'undone'
      WHERE v.project_id = i.project_id AND v.item_id = i.id) w ON w.at IS NOT NULL
    WHERE EXISTS (SELECT FROM imported_values x WHERE x.project_id = i.project_id AND x.item_id = i.id)
      AND ${conditions.join(' AND ')}`
}

/** The split that frozen versions of the project in `$1` gave first to the groups in `$2`. */
export const firstSplitsSql =
  'SELECT group_key AS "groupKey", split AS first FROM dataset_groups WHERE project_id = $1 AND group_key = ANY($2::text[])'

/**
 * How much a selection reaches, counted by reason, label, and what its split follows from: a split depends on a group's
 * position and on what it was first, so the rule itself stays in `domain/dataset-split.ts`.
 */
export const previewSql = (reached: string) => `
  WITH reached AS MATERIALIZED (${reached}),
  keys AS (SELECT DISTINCT group_key AS k FROM reached WHERE reason IS NULL)
  SELECT NULL::text AS reason, r.label, left(r.group_key, ${positionDigits}) AS start, g.split AS first, r.influenced,
    count(*)::int AS n, (SELECT count(*)::int FROM keys) AS groups
  FROM reached r LEFT JOIN dataset_groups g ON g.project_id = $1 AND g.group_key = r.group_key WHERE r.reason IS NULL GROUP BY 2, 3, 4, 5
  UNION ALL
  SELECT reason, NULL, NULL, NULL, NULL, count(*)::int, NULL FROM reached WHERE reason IS NOT NULL GROUP BY 1`

/** Puts what a selection reaches now into the picks of a version, numbered in order, and counts what is left out. */
export const pickSql = (reached: string) => `
  WITH reached AS MATERIALIZED (${reached}),
  picked AS (
    INSERT INTO dataset_picks (project_id, version_id, at, body)
    SELECT $1, $2, row_number() OVER (ORDER BY at, id), body::jsonb || jsonb_build_object('groupKey', group_key)
    FROM reached WHERE reason IS NULL)
  SELECT coalesce(reason, 'picked') AS reason, count(*)::int AS n, ${toUtcText('amend.now()')} AS now,
    pg_current_snapshot()::text AS snapshot
  FROM reached GROUP BY 1
  UNION ALL SELECT 'none', 0, ${toUtcText('amend.now()')}, pg_current_snapshot()::text`
