import type { DatasetRules, Selection } from '@/domain/dataset'
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
export const groupKey = `encode(sha256(convert_to(i.project_id::text || E'\\n' ||
  coalesce('group ' || i.group_id, 'item ' || i.id::text), 'UTF8')), 'hex')`

/** Somebody else's item that its owner does not let be used. */
const withheldFrom = (
  author: string,
) => `(i.owner_actor_id IS NOT NULL AND i.owner_actor_id IS DISTINCT FROM ${author}
  AND NOT EXISTS (SELECT FROM actors o WHERE o.project_id = i.project_id AND o.id = i.owner_actor_id
    AND o.training_allowed AND o.erased_at IS NULL))`

const ofGold = isGold('i.project_id', 'i.id')

const modelFacts = `'modelVersionId', v.id, 'model', m.name, 'modelVersion', v.version`

/** What a dataset asks for. */
export interface Wanted {
  target: DatasetTarget
  selection: Selection
  rules: DatasetRules
}

/**
 * Everything that a selection reaches, one row each, with why it is left out (null when it is not) and, as JSON, all
 * that a version keeps of it: ids, hashes and facts, never words. One statement, so one snapshot.
 */
export function reachedSql(project: FeedbackProject, wanted: Wanted, bind: Bind): string {
  if (wanted.target === 'resolution')
    return [resolutionsReached, importsReached, outcomesReached]
      .map(reached => reached(project, wanted, bind))
      .join(' UNION ALL ')
  if (wanted.target === 'verdict') return verdictsReached(project, wanted, bind)
  if (wanted.target === 'decision') return decisionsReached(project, wanted, bind)
  return `${decisionsReached(project, wanted, bind)} UNION ALL ${comparisonsReached(project, wanted, bind)}`
}

const leaveOut = (selection: Selection, row: { simulated: string; sample: string }) => [
  ...(selection.simulated === 'exclude' ? [`WHEN ${row.simulated} THEN 'simulated'`] : []),
  ...(selection.sample === 'exclude' ? [`WHEN ${row.sample} THEN 'sample'`] : []),
]

/** What the rules leave out row by row, of columns of `items i` and of what is named. */
function ruledOut(
  { licences, consentFrom, keepDays, agreementFrom }: DatasetRules,
  row: { consent: string; decidedAt: string; agreement: string | null },
  bind: Bind,
): string {
  const named = licences?.map(one => bind(one)).join(', ')
  return [
    `WHEN i.excluded_at IS NOT NULL THEN 'excluded'`,
    ...(named ? [`WHEN i.licence IS NULL OR i.licence NOT IN (${named}) THEN 'licence'`] : []),
    ...(consentFrom === undefined
      ? []
      : [`WHEN coalesce(${row.consent}, 0) < ${bind(consentFrom)}::int THEN 'consent'`]),
    ...(keepDays === undefined
      ? []
      : [
          `WHEN ${row.decidedAt} < amend.now() - make_interval(days => ${bind(keepDays)}::int) THEN 'retention'`,
        ]),
    ...(agreementFrom === undefined || row.agreement === null
      ? []
      : [
          `WHEN ${row.agreement} IS NULL OR ${row.agreement} < ${bind(agreementFrom)}::float8 THEN 'agreement'`,
        ]),
  ].join(' ')
}

const tagged = (tag: string, bind: Bind) =>
  `EXISTS (SELECT FROM item_tags t WHERE t.project_id = i.project_id AND t.item_id = i.id AND t.tag = ${bind(tag)})`

/** An item as a dataset holds it: without personal data where that was taken out. */
const itemContent = `coalesce(i.redacted_content_id, i.content_id)`
const redactedJoined = `LEFT JOIN contents rc ON rc.project_id = i.project_id AND rc.id = i.redacted_content_id`
const itemErased = `ic.body IS NULL OR (i.redacted_content_id IS NOT NULL AND rc.body IS NULL)`

const valueJson = (
  origin: 'suggestion' | 'written',
  contentId: string,
  candidateId: string,
  index = 'null',
) =>
  `json_build_object('origin', '${origin}', 'contentId', ${contentId}, 'candidateId', ${candidateId}, 'index', ${index}, 'verdict', null)`

/** What a decision says is worse than what was kept: what was corrected first, then what was rejected by name. */
const worseThanKept = `
  SELECT d.candidate_id AS id, 0 AS at WHERE d.state = 'corrected' AND d.candidate_id IS NOT NULL
  UNION ALL SELECT u.id, u.at FROM unnest(d.rejected_candidate_ids) WITH ORDINALITY u(id, at)
  WHERE u.id IS DISTINCT FROM d.candidate_id`

/** Words written while suggestions were held back, and never seen since: what people say unaided. */
const writtenUnaided = `(e.holdback AND d.state = 'written' AND NOT d.revealed)`

function decisionsReached(
  project: FeedbackProject,
  { target, selection, rules }: Wanted,
  bind: Bind,
): string {
  const { states = keptStates, version, confidenceFrom, confidenceTo, from, to, text, tag } = selection
  const conditions = filterConditions(
    project,
    { version, confidenceFrom, confidenceTo, from, to, text, simulated: 'include' },
    bind,
  )
  const kept = `d.state IN (${states.map(bind).join(', ')}) AND d.event_id IS NOT NULL`
  const preferred =
    target === 'preference' ? `AND p.content_id IS NOT NULL AND EXISTS (${worseThanKept})` : ''
  // Where nothing stands nobody knows which of the states it would have had: what was taken back is always told.
  conditions.push(`(${kept} ${preferred} OR (d.state = 'open' AND d.ever_undone))`)
  if (tag) conditions.push(tagged(tag, bind))
  const rejected =
    target === 'preference'
      ? `'rejected', (SELECT coalesce(json_agg(${valueJson('suggestion', 'p.content_id', 'x.id')} ORDER BY x.at), '[]') FROM (${worseThanKept}) x),`
      : ''
  return `
    SELECT d.decided_at AS at, d.exposure_id AS id, ${groupKey} AS group_key, d.state AS label,
      (e.shown AND NOT e.blind OR d.revealed) AS influenced,
      CASE WHEN d.state = 'open' THEN 'undone'
        WHEN ${itemErased} OR (d.after_content_id IS NOT NULL AND ac.body IS NULL)
          OR (e.shown AND p.content_id IS NOT NULL AND pc.body IS NULL) THEN 'erased'
        WHEN NOT a.training_allowed OR a.erased_at IS NOT NULL THEN 'opted-out'
        WHEN ${withheldFrom('d.actor_id')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        ${leaveOut(selection, { simulated: 'd.simulated', sample: 'd.sample' }).join(' ')}
        ${ruledOut(rules, { consent: 'e.consent_version', decidedAt: 'd.decided_at', agreement: null }, bind)} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', ${itemContent}, 'inputHash', i.input_hash,
        'exposureId', d.exposure_id, 'entryId', null,
        'suggestionContentId', CASE WHEN e.shown THEN p.content_id END,
        'suggestions', CASE WHEN e.shown THEN e.candidates ELSE '[]' END,
        'values', CASE d.state
          WHEN 'accepted' THEN json_build_array(${valueJson('suggestion', 'p.content_id', 'd.candidate_id')})
          ELSE json_build_array(${valueJson('written', 'd.after_content_id', 'd.candidate_id')}) END, ${rejected}
        'facts', json_build_object('state', d.state, 'source', null, 'eventIds', json_build_array(d.event_id),
          'answerEventIds', json_build_array(), 'strategy', CASE WHEN e.holdback THEN 'holdback' ELSE 'feedback' END,
          'inclusionProbability', null,
          'propensity', jsonb_path_query_first(e.candidates, '$[*] ? (@.id == $id).propensity',
            jsonb_build_object('id', d.candidate_id)),
          'modelInfluenced', e.shown AND NOT e.blind OR d.revealed, 'blind', e.blind, 'agreement', null,
          'annotators', json_build_array(a.pseudonym), ${modelFacts}, 'consentVersion', e.consent_version,
          'specificationVersion', null, 'decidedAt', ${toUtcText('d.decided_at')}, 'sample', d.sample,
          'simulated', d.simulated, 'licence', i.licence, 'unbiased', ${writtenUnaided})) AS body
    ${decisionsJoined}
    ${redactedJoined}
    WHERE ${conditions.join(' AND ')}`
}

/** Somebody who locked a blind answer was shown the suggestion: what they answer after they took it back is not blind. */
const neverRevealed = `NOT EXISTS (SELECT FROM review_events b WHERE b.project_id = s.project_id AND b.entry_id = s.entry_id
  AND b.actor_id = s.actor_id AND b.type = 'submitted' AND b.blind AND b.seq < s.seq)`

/** Where every answer was locked before its author saw the suggestion, no model had a part in it. */
const resolutionInfluenced = `(q.prediction_id IS NOT NULL AND NOT coalesce(w.blind, false))`

/** Chance selected it with a probability that is known, and nobody saw a suggestion before. */
const judgedUnaided = `(q.strategy = 'random' AND q.inclusion_probability IS NOT NULL AND coalesce(w.blind, false))`

/** What a selection asks of something that stands in a queue. */
function reviewConditions(project: FeedbackProject, { selection }: Wanted, at: string, bind: Bind): string[] {
  const { version, queue, source, from, to, text, tag } = selection
  return [
    `r.project_id = ${bind(project.projectId)}::uuid`,
    `q.kind = 'review'`,
    ...(version ? [`q.model_version_id = ${bind(version)}::uuid`] : []),
    ...(queue ? [`r.queue_id = ${bind(queue)}::uuid`] : []),
    ...(source ? [`r.source = ${bind(source)}`] : []),
    ...(from ? [`${at} >= ${dayBegins(project, from, bind)}`] : []),
    ...(to ? [`${at} < ${dayBegins(project, to, bind, 1)}`] : []),
    ...(text ? [`ic.search @@ ${wordsQuery(text, bind)}`] : []),
    ...(tag ? [tagged(tag, bind)] : []),
  ]
}

/** An entry of a queue with its item, what was suggested, and by which model. */
const entryJoined = `
    JOIN queue_entries q ON q.project_id = r.project_id AND q.id = r.entry_id
    JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
    JOIN contents ic ON ic.project_id = r.project_id AND ic.id = i.content_id
    ${redactedJoined}
    LEFT JOIN predictions p ON p.project_id = r.project_id AND p.id = q.prediction_id
    LEFT JOIN contents pc ON pc.project_id = r.project_id AND pc.id = p.content_id
    LEFT JOIN model_versions v ON v.project_id = r.project_id AND v.id = q.model_version_id
    LEFT JOIN models m ON m.project_id = r.project_id AND m.id = v.model_id`

/** Who had a part in a resolution, and under what. */
const answeredBy = `
    LEFT JOIN LATERAL (
      SELECT json_agg(DISTINCT a.pseudonym) AS pseudonyms, bool_and(a.training_allowed AND a.erased_at IS NULL) AS allowed,
        min(a.consent_version) AS consent, bool_or(s.simulated) AS simulated,
        bool_and(s.blind AND ${neverRevealed}) FILTER (WHERE s.type = 'submitted') AS blind
      FROM review_events s JOIN actors a ON a.project_id = s.project_id AND a.id = s.actor_id
      WHERE s.project_id = r.project_id AND (s.id = ANY(r.answer_event_ids) OR s.id = r.adjudication_event_id)) w ON true`

const simulatedOutsideDemo = `coalesce(w.simulated, false) AND NOT EXISTS (SELECT FROM projects x WHERE x.id = r.project_id AND x.demo)`
const reviewSimulated = `(i.simulated OR coalesce(w.simulated, false))`

/** Who adjudicated is among the annotators: their words are in it, and their consent counts like anybody's. */
function resolutionsReached(project: FeedbackProject, wanted: Wanted, bind: Bind): string {
  const { selection, rules } = wanted
  const conditions = reviewConditions(project, wanted, 'r.resolved_at', bind)
  return `
    SELECT r.resolved_at AS at, r.entry_id AS id, ${groupKey} AS group_key, r.source AS label,
      ${resolutionInfluenced} AS influenced,
      CASE WHEN ${itemErased} OR (p.content_id IS NOT NULL AND pc.body IS NULL) OR EXISTS (
          SELECT FROM jsonb_array_elements(r.values) x
          LEFT JOIN contents c ON c.project_id = r.project_id AND c.id = (x->>'contentId')::uuid
          WHERE c.body IS NULL) THEN 'erased'
        WHEN NOT coalesce(w.allowed, true) THEN 'opted-out'
        WHEN ${withheldFrom('NULL')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        WHEN r.values = '[]' THEN 'no-answer'
        WHEN ${simulatedOutsideDemo} THEN 'simulated'
        ${leaveOut(selection, { simulated: reviewSimulated, sample: 'i.sample' }).join(' ')}
        ${ruledOut(rules, { consent: 'w.consent', decidedAt: 'r.resolved_at', agreement: 'r.agreement' }, bind)} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', ${itemContent}, 'inputHash', i.input_hash,
        'exposureId', null, 'entryId', r.entry_id, 'suggestionContentId', p.content_id,
        'suggestions', null, 'values', r.values,
        'facts', json_build_object('state', null, 'source', r.source, 'eventIds', json_build_array(),
          'answerEventIds', r.answer_event_ids, 'strategy', q.strategy,
          'inclusionProbability', q.inclusion_probability, 'propensity', null,
          'modelInfluenced', ${resolutionInfluenced}, 'blind', coalesce(w.blind, false), 'agreement', r.agreement,
          'annotators', coalesce(w.pseudonyms, '[]'), ${modelFacts}, 'consentVersion', w.consent,
          'specificationVersion', r.specification_version, 'decidedAt', ${toUtcText('r.resolved_at')}, 'sample', i.sample,
          'simulated', ${reviewSimulated}, 'licence', i.licence, 'unbiased', ${judgedUnaided})) AS body
    FROM resolutions r
    ${entryJoined}
    ${answeredBy}
    WHERE ${conditions.join(' AND ')}`
}

/**
 * What people say of each suggestion of a resolved entry: the verdict that most of the answers gave it, the worse one
 * where as many gave another, and what a model of the annotators made of them where one did. Of an adjudicated entry
 * those answers count that the adjudicator took.
 */
const verdictsJoined = `
    JOIN LATERAL (
      SELECT j.candidate, coalesce((SELECT x->>'verdict' FROM jsonb_array_elements(r.posterior) x
          WHERE x->>'candidateId' = j.candidate LIMIT 1), j.verdict) AS verdict,
        CASE WHEN j.total > 1 THEN j.n::float8 / j.total::float8 END AS agreement, j.reasons
      FROM (
        SELECT DISTINCT ON (c.candidate) c.* FROM (
          SELECT x->>'candidateId' AS candidate, x->>'verdict' AS verdict, count(*) AS n,
            sum(count(*)) OVER (PARTITION BY x->>'candidateId') AS total,
            (SELECT coalesce(jsonb_agg(DISTINCT code), '[]') FROM jsonb_array_elements(jsonb_agg(x->'reasons')) l,
              jsonb_array_elements(CASE jsonb_typeof(l) WHEN 'array' THEN l ELSE '[]' END) code) AS reasons
          FROM answers s, jsonb_array_elements(s.verdicts) x
          WHERE s.project_id = r.project_id AND s.entry_id = r.entry_id AND s.event_id = ANY(r.answer_event_ids)
            AND (r.adjudication_event_id IS NULL OR EXISTS (SELECT FROM review_events g WHERE g.project_id = r.project_id
              AND g.id = r.adjudication_event_id AND s.event_id = ANY(g.picks)))
          GROUP BY 1, 2) c
        ORDER BY c.candidate, c.n DESC, array_position(ARRAY['wrong', 'usable', 'good'], c.verdict)) j
    ) j ON true`

function verdictsReached(project: FeedbackProject, wanted: Wanted, bind: Bind): string {
  const { selection, rules } = wanted
  const conditions = reviewConditions(project, wanted, 'r.resolved_at', bind)
  conditions.push('p.content_id IS NOT NULL')
  if (selection.verdicts) conditions.push(`j.verdict IN (${selection.verdicts.map(bind).join(', ')})`)
  return `
    SELECT r.resolved_at AS at, r.entry_id AS id, ${groupKey} AS group_key, j.verdict AS label,
      ${resolutionInfluenced} AS influenced,
      CASE WHEN ${itemErased} OR pc.body IS NULL THEN 'erased'
        WHEN NOT coalesce(w.allowed, true) THEN 'opted-out'
        WHEN ${withheldFrom('NULL')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        WHEN ${simulatedOutsideDemo} THEN 'simulated'
        ${leaveOut(selection, { simulated: reviewSimulated, sample: 'i.sample' }).join(' ')}
        ${ruledOut(rules, { consent: 'w.consent', decidedAt: 'r.resolved_at', agreement: 'j.agreement' }, bind)} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', ${itemContent}, 'inputHash', i.input_hash,
        'exposureId', null, 'entryId', r.entry_id, 'suggestionContentId', p.content_id, 'suggestions', null,
        'values', json_build_array(json_build_object('origin', 'suggestion', 'contentId', p.content_id,
          'candidateId', j.candidate, 'index', null, 'verdict', j.verdict)),
        'facts', json_build_object('state', null, 'source', r.source, 'eventIds', json_build_array(),
          'answerEventIds', r.answer_event_ids, 'strategy', q.strategy,
          'inclusionProbability', q.inclusion_probability, 'propensity', null,
          'modelInfluenced', ${resolutionInfluenced}, 'blind', coalesce(w.blind, false), 'agreement', j.agreement,
          'annotators', coalesce(w.pseudonyms, '[]'), ${modelFacts}, 'consentVersion', w.consent,
          'specificationVersion', r.specification_version, 'decidedAt', ${toUtcText('r.resolved_at')}, 'sample', i.sample,
          'simulated', ${reviewSimulated}, 'licence', i.licence, 'unbiased', ${judgedUnaided},
          'reasons', j.reasons)) AS body
    FROM resolutions r
    ${entryJoined}
    ${answeredBy}
    ${verdictsJoined}
    WHERE ${conditions.join(' AND ')}`
}

/**
 * What somebody preferred once their locked answer and the suggestion stood side by side, of entries that are resolved.
 * Who found both fine preferred neither.
 */
function comparisonsReached(project: FeedbackProject, wanted: Wanted, bind: Bind): string {
  const { selection, rules } = wanted
  // A comparison has no state and no confidence: who asks for one of those asks for decisions alone.
  if (selection.states || selection.confidenceFrom !== undefined || selection.confidenceTo !== undefined)
    return `SELECT NULL::timestamptz, NULL::uuid, NULL::text, NULL::text, false, NULL::text, NULL::json WHERE false`
  const conditions = reviewConditions(project, wanted, 's.submitted_at', bind)
  conditions.push(
    `s.second->>'preference' IN ('mine', 'model', 'amended')`,
    `jsonb_array_length(CASE jsonb_typeof(pc.body) WHEN 'array' THEN pc.body ELSE '[1]' END) > 0`,
    `(s.second->>'preference' = 'amended' OR s.text_count > 0)`,
  )
  const texts = (content: string, count: string) =>
    `(SELECT coalesce(json_agg(${valueJson('written', content, 'null::text', 'n')} ORDER BY n), '[]') FROM generate_series(0, ${count} - 1) n)`
  const mine = texts('s.content_id', 's.text_count')
  const amended = texts(`s.second->>'contentId'`, `(s.second->>'textCount')::int`)
  const suggested = `json_build_array(${valueJson('suggestion', 'p.content_id', `pc.body->0->>'id'`)})`
  return `
    SELECT s.submitted_at AS at, s.event_id AS id, ${groupKey} AS group_key, 'compared' AS label,
      s.second->>'preference' <> 'mine' AS influenced,
      CASE WHEN ${itemErased} OR pc.body IS NULL OR (s.content_id IS NOT NULL AND mc.body IS NULL)
          OR (s.second->>'contentId' IS NOT NULL AND bc.body IS NULL) THEN 'erased'
        WHEN NOT a.training_allowed OR a.erased_at IS NOT NULL THEN 'opted-out'
        WHEN ${withheldFrom('s.actor_id')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        WHEN ${simulatedOutsideDemo.replace('coalesce(w.simulated, false)', 's.simulated')} THEN 'simulated'
        ${leaveOut(selection, { simulated: '(i.simulated OR s.simulated)', sample: 'i.sample' }).join(' ')}
        ${ruledOut(rules, { consent: 'a.consent_version', decidedAt: 's.submitted_at', agreement: null }, bind)} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', ${itemContent}, 'inputHash', i.input_hash,
        'exposureId', null, 'entryId', r.entry_id, 'suggestionContentId', p.content_id, 'suggestions', null,
        'values', CASE s.second->>'preference' WHEN 'mine' THEN ${mine} WHEN 'model' THEN ${suggested} ELSE ${amended} END,
        'rejected', CASE s.second->>'preference' WHEN 'model' THEN ${mine} ELSE ${suggested} END,
        'facts', json_build_object('state', null, 'source', 'compared', 'eventIds', json_build_array(s.second->>'eventId'),
          'answerEventIds', json_build_array(s.event_id), 'strategy', q.strategy,
          'inclusionProbability', q.inclusion_probability, 'propensity', null,
          'modelInfluenced', s.second->>'preference' <> 'mine', 'blind', s.blind, 'agreement', null,
          'annotators', json_build_array(a.pseudonym), ${modelFacts}, 'consentVersion', a.consent_version,
          'specificationVersion', s.specification_version, 'decidedAt', ${toUtcText('s.submitted_at')}, 'sample', i.sample,
          'simulated', i.simulated OR s.simulated, 'licence', i.licence, 'unbiased', false)) AS body
    FROM answers s
    JOIN resolutions r ON r.project_id = s.project_id AND r.entry_id = s.entry_id
    ${entryJoined}
    JOIN actors a ON a.project_id = s.project_id AND a.id = s.actor_id
    LEFT JOIN contents mc ON mc.project_id = s.project_id AND mc.id = s.content_id
    LEFT JOIN contents bc ON bc.project_id = s.project_id AND bc.id = (s.second->>'contentId')::uuid
    WHERE ${conditions.join(' AND ')}`
}

/**
 * What files brought as true: one row an item, with every value that was said of it and not taken back. Nobody here said
 * it, so there is no consent to ask for; annotators are the keyed hashes of whom the file names.
 */
function importsReached(project: FeedbackProject, { selection, rules }: Wanted, bind: Bind): string {
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
        WHEN ${withheldFrom('NULL')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        ${leaveOut(selection, { simulated: 'i.simulated', sample: 'i.sample' }).join(' ')}
        ${ruledOut(rules, { consent: 'NULL', decidedAt: 'w.at', agreement: 'NULL::float8' }, bind)} END AS reason,
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

/**
 * What came of items: one row an item, with the outcome that stands. It is dated by its own period where it has one, so
 * that a split by time parts what was from what came later, whenever it was told. Nobody said it, so there is no consent
 * to ask for.
 */
function outcomesReached(project: FeedbackProject, { selection, rules }: Wanted, bind: Bind): string {
  const at = `coalesce(CASE WHEN ic.body ? 'series' THEN left(ic.body->>'time', 16)::timestamp AT TIME ZONE 'UTC' END, w.at)`
  const conditions = [`i.project_id = ${bind(project.projectId)}::uuid`]
  if (selection.queue || selection.version || (selection.source && selection.source !== 'outcome'))
    conditions.push('false')
  if (selection.from) conditions.push(`${at} >= ${dayBegins(project, selection.from, bind)}`)
  if (selection.to) conditions.push(`${at} < ${dayBegins(project, selection.to, bind, 1)}`)
  if (selection.text) conditions.push(`ic.search @@ ${wordsQuery(selection.text, bind)}`)
  if (selection.tag) conditions.push(tagged(selection.tag, bind))
  const simulated = '(i.simulated OR coalesce(o.simulated, false))'
  return `
    SELECT ${at} AS at, i.id, ${groupKey} AS group_key, 'outcome' AS label, false AS influenced,
      CASE WHEN o.item_id IS NULL THEN 'undone' WHEN ${itemErased} OR oc.body IS NULL THEN 'erased'
        WHEN ${withheldFrom('NULL')} THEN 'withheld'
        WHEN ${ofGold} THEN 'gold'
        ${leaveOut(selection, { simulated, sample: 'i.sample' }).join(' ')}
        ${ruledOut(rules, { consent: 'NULL', decidedAt: 'w.at', agreement: 'NULL::float8' }, bind)} END AS reason,
      json_build_object('itemId', i.id, 'itemContentId', ${itemContent}, 'inputHash', i.input_hash,
        'exposureId', null, 'entryId', null, 'suggestionContentId', null, 'suggestions', null,
        'values', json_build_array(${valueJson('written', 'o.content_id', 'null::text')}),
        'facts', json_build_object('state', null, 'source', 'outcome', 'eventIds', json_build_array(),
          'answerEventIds', json_build_array(), 'strategy', 'outcome', 'inclusionProbability', null, 'propensity', null,
          'modelInfluenced', false, 'blind', false, 'agreement', null, 'annotators', json_build_array(),
          'modelVersionId', null, 'model', null, 'modelVersion', null, 'consentVersion', null,
          'specificationVersion', null, 'licence', i.licence, 'decidedAt', ${toUtcText(at)}, 'sample', i.sample,
          'simulated', ${simulated})) AS body
    FROM items i
    JOIN contents ic ON ic.project_id = i.project_id AND ic.id = i.content_id
    ${redactedJoined}
    JOIN LATERAL (SELECT max(x.created_at) AS at FROM outcomes x WHERE x.project_id = i.project_id AND x.item_id = i.id) w
      ON w.at IS NOT NULL
    LEFT JOIN item_outcomes o ON o.project_id = i.project_id AND o.item_id = i.id
    LEFT JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id
    WHERE ${conditions.join(' AND ')}`
}

/** How much of what a selection reaches is left out, by reason; and of what is not, so many rows as placing reads them. */
export const previewSql = (reached: string, most: number) => `
  WITH reached AS MATERIALIZED (${reached}),
  fitting AS (SELECT row_number() OVER (ORDER BY at, id, body->'values'->0->>'candidateId') AS at, id, group_key, label, body FROM reached WHERE reason IS NULL)
  SELECT NULL::text AS reason, NULL::int AS n, ${placeColumns('body::jsonb', 'fitting.group_key')}, NULL::text AS "clusterKey",
    label, g.split AS first
  FROM fitting LEFT JOIN dataset_groups g ON g.project_id = $1 AND g.group_key = fitting.group_key
  WHERE at <= ${most + 1}
  UNION ALL
  SELECT reason, count(*)::int, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM reached WHERE reason IS NOT NULL GROUP BY 1
  ORDER BY at`

/** What placing reads of a row. */
export const placeColumns = (body: string, group: string) =>
  `at::int AS at, ${group} AS "groupKey", ${body}#>>'{facts,decidedAt}' AS "decidedAt",
    coalesce((${body}#>>'{facts,modelInfluenced}')::boolean, false) AS influenced,
    coalesce((${body}#>>'{facts,unbiased}')::boolean, false) AS unbiased, ${body}#>'{facts,annotators}' AS people,
    coalesce(${body}->>'exposureId', ${body}->>'entryId', ${body}->>'itemId') || coalesce(${body}#>>'{values,0,candidateId}', '') || coalesce(${body}#>>'{facts,answerEventIds,0}', '') AS key`

/** Puts what a selection reaches now into the picks of a version, numbered in order, and counts what is left out. */
export const pickSql = (reached: string) => `
  WITH reached AS MATERIALIZED (${reached}),
  picked AS (
    INSERT INTO dataset_picks (project_id, version_id, at, body)
    SELECT $1, $2, row_number() OVER (ORDER BY at, id, body->'values'->0->>'candidateId'),
      body::jsonb || jsonb_build_object('groupKey', group_key, 'label', label)
    FROM reached WHERE reason IS NULL)
  SELECT coalesce(reason, 'picked') AS reason, count(*)::int AS n, ${toUtcText('amend.now()')} AS now,
    pg_current_snapshot()::text AS snapshot
  FROM reached GROUP BY 1
  UNION ALL SELECT 'none', 0, ${toUtcText('amend.now()')}, pg_current_snapshot()::text`
