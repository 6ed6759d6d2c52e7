import type { FeedbackFilter } from '@/contract/v1/feedback'
import { AmendError } from '@/domain/errors'
import { confidentFrom, type ReadyView } from '@/domain/explore-words'
import { getDb } from '../client'
import { fromMicros, toMicros, toUtcText } from '../instants'

/** Turns a value into SQL: a `$n`, or an escaped literal where a statement takes no parameters. */
export type Bind = (value: string | number) => string

/** What the queries need to know of the project they read. */
export interface FeedbackProject {
  projectId: string
  timeZone: string
}

/** Decisions with what was shown, what it was about, who decided, and every text of it. */
export const decisionsJoined = `
  FROM decisions d
  JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
  JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id
  JOIN contents ic ON ic.project_id = d.project_id AND ic.id = i.content_id
  JOIN actors a ON a.project_id = d.project_id AND a.id = d.actor_id
  LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id
  LEFT JOIN predictions p ON p.project_id = d.project_id AND p.id = e.prediction_id
  LEFT JOIN contents pc ON pc.project_id = d.project_id AND pc.id = p.content_id
  LEFT JOIN model_versions v ON v.project_id = d.project_id AND v.id = d.model_version_id
  LEFT JOIN models m ON m.project_id = d.project_id AND m.id = v.model_id`

/** When a day of the project begins, or one so many days later. */
export const dayBegins = ({ timeZone }: FeedbackProject, day: string, bind: Bind, later: 0 | 1 = 0) =>
  `((${bind(day)}::date + ${later})::timestamp AT TIME ZONE ${bind(timeZone)})`

/** The rows that a filter lets through, as conditions on `decisions d`. */
export function filterConditions(project: FeedbackProject, filter: FeedbackFilter, bind: Bind): string[] {
  const conditions = decisionConditions(project, filter, bind)
  if (filter.text) conditions.push(textCondition(filter.text, bind))
  conditions.push(...itemConditions(filter, bind))
  if (filter.attribute) conditions.push(attributeCondition(filter.attribute, bind))
  if (filter.editFrom !== undefined) conditions.push(`${editOf} >= ${bind(filter.editFrom)}::float8`)
  if (filter.editTo !== undefined) conditions.push(`${editOf} <= ${bind(filter.editTo)}::float8`)
  conditions.push(...exposureConditions(filter, bind))
  if (filter.show) conditions.push(shown[filter.show])
  if (filter.simulated === 'exclude') conditions.push(isReal)
  return conditions
}

/** Those of them that the decision's own columns answer. */
function decisionConditions(project: FeedbackProject, filter: FeedbackFilter, bind: Bind): string[] {
  const conditions = [`d.project_id = ${bind(project.projectId)}::uuid`]
  if (filter.state) conditions.push(stateCondition(filter.state, bind))
  if (filter.version) conditions.push(`d.model_version_id = ${bind(filter.version)}::uuid`)
  if (filter.confidenceFrom !== undefined)
    conditions.push(`d.confidence >= ${bind(filter.confidenceFrom)}::float8`)
  if (filter.confidenceTo !== undefined)
    conditions.push(`d.confidence <= ${bind(filter.confidenceTo)}::float8`)
  if (filter.from) conditions.push(`d.exposed_at >= ${dayBegins(project, filter.from, bind)}`)
  if (filter.to) conditions.push(`d.exposed_at < ${dayBegins(project, filter.to, bind, 1)}`)
  return conditions
}

/** How the exposure came about. */
function exposureConditions({ arm, blind, holdback }: FeedbackFilter, bind: Bind): string[] {
  const which = (column: string, wish: 'only' | 'exclude' | undefined) =>
    wish ? [wish === 'only' ? column : `NOT ${column}`] : []
  return [
    ...(arm ? [`e.arm = ${bind(arm)}`] : []),
    ...which('e.blind', blind),
    ...which('e.holdback', holdback),
  ]
}

/** The tables whose columns the conditions of a filter name, besides `decisions d`: no more, where a million rows are walked. */
export function joinsOf(filter: FeedbackFilter): string {
  const { text, arm, blind, holdback, group, excluded, show } = filter
  const items = text || group || excluded
  return [
    ...(arm || blind || holdback || show === 'guardrail'
      ? ['JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id']
      : []),
    ...(items ? ['JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id'] : []),
    ...(text ? ['JOIN contents ic ON ic.project_id = d.project_id AND ic.id = i.content_id'] : []),
    ...(text || show === 'disagreements'
      ? ['LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id']
      : []),
  ].join('\n  ')
}

/** What an item was brought with or marked with. */
function itemConditions(filter: FeedbackFilter, bind: Bind): string[] {
  const conditions: string[] = []
  const plain = (field: 'tag' | 'group') => {
    const value = filter[field]
    if (value?.includes('\0'))
      throw new AmendError('invalid_input', `${field}: has a NUL character. Remove it.`, { field })
    return bind(value ?? '')
  }
  if (filter.tag)
    conditions.push(
      `EXISTS (SELECT FROM item_tags t WHERE t.project_id = d.project_id AND t.item_id = d.item_id AND t.tag = ${plain('tag')})`,
    )
  if (filter.group) conditions.push(`i.group_id = ${plain('group')}`)
  if (filter.excluded) conditions.push(`i.excluded_at IS ${filter.excluded === 'only' ? 'NOT NULL' : 'NULL'}`)
  if (filter.import)
    conditions.push(
      `EXISTS (SELECT FROM import_rows w WHERE w.project_id = d.project_id AND w.item_id = d.item_id AND w.import_id = ${bind(filter.import)}::uuid)`,
    )
  return conditions
}

function attributeCondition(attribute: string, bind: Bind): string {
  if (attribute.includes('\0')) {
    throw new AmendError('invalid_input', 'attribute: has a NUL character. Remove it.', {
      field: 'attribute',
    })
  }
  const at = attribute.indexOf('=')
  // Looked up row by row: no statistics say how rare a value is, and a join would read every exposure for it.
  return `(SELECT x.slice_attributes->>${bind(attribute.slice(0, at))}::text FROM exposures x
    WHERE x.project_id = d.project_id AND x.id = d.exposure_id) = ${bind(attribute.slice(at + 1))}::text`
}

const isReal = 'NOT d.simulated'

/** How far what was kept lies from the suggestion, 0–1; null where there is nothing to compare. */
export const editOf = `CASE WHEN d.state = 'accepted' AND d.candidate_id IS NOT NULL THEN 0
  WHEN d.state = 'corrected' THEN (SELECT x.edit FROM decision_edits x
    WHERE x.project_id = d.project_id AND x.exposure_id = d.exposure_id AND x.event_id = d.event_id) END`

const ofLiveModel = `d.model_version_id IN (SELECT l.id FROM model_versions l WHERE l.project_id = d.project_id AND l.stage = 'live')`
const isError = `(d.state IN ('rejected', 'corrected') OR d.flagged)`
/** Others settled the same item in another way, or people dispute it in review. Equal words are told by the words: hashes are salted. */
const isDisagreed = `(EXISTS (SELECT FROM decisions o LEFT JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.after_content_id
    WHERE o.project_id = d.project_id AND o.item_id = d.item_id AND o.actor_id <> d.actor_id AND NOT o.simulated
      AND o.state NOT IN ('open', 'ignored') AND d.state NOT IN ('open', 'ignored')
      AND (o.state <> d.state OR o.candidate_id IS DISTINCT FROM d.candidate_id OR oc.body IS DISTINCT FROM ac.body))
  OR EXISTS (SELECT FROM queue_entries q WHERE q.project_id = d.project_id AND q.item_id = d.item_id AND q.state = 'disputed'))`

/** The newest prediction for everybody of each version says what that version suggests; equal values are equal JSON. */
const firstValue = (versions: string) => `(SELECT o.model_version_id, oc.body->0->'value' AS value
    FROM predictions o JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id
    WHERE o.project_id = d.project_id AND o.item_id = d.item_id AND o.actor_id IS NULL AND o.memory_snapshot IS NULL
      AND oc.body->0 IS NOT NULL AND o.model_version_id ${versions} d.model_version_id ORDER BY o.id DESC`
const versionsDiffer = `EXISTS (SELECT FROM ${firstValue('=')} LIMIT 1) mine
    JOIN ${firstValue('<>')}) others ON others.value IS DISTINCT FROM mine.value)`

const shown: Record<ReadyView, string> = {
  errors: `${ofLiveModel} AND ${isError}`,
  'confident-errors': `${ofLiveModel} AND ${isError} AND d.confidence >= ${confidentFrom}`,
  undone: `${ofLiveModel} AND d.ever_undone`,
  versions: `${ofLiveModel} AND ${versionsDiffer}`,
  disagreements: `${ofLiveModel} AND ${isDisagreed}`,
  flagged: 'd.flagged',
  guardrail: `NOT d.suggestion_shown AND e.guardrail_result @> '[{"verdict": "suppress"}]'`,
  unanswered: `d.suggestion_shown AND NOT d.ever_undone AND d.state IN ('open', 'ignored')`,
}

function stateCondition(state: NonNullable<FeedbackFilter['state']>, bind: Bind): string {
  if (state === 'suppressed') return 'NOT d.suggestion_shown'
  if (state === 'undone') return "d.state = 'open' AND d.ever_undone"
  if (state === 'open') return "d.state = 'open' AND d.suggestion_shown AND NOT d.ever_undone"
  return `d.state = ${bind(state)}`
}

export const wordsQuery = (text: string, bind: Bind) => `websearch_to_tsquery('simple', ${bind(text)})`

/** As the index on answers has it. */
const answerWords = (content: string) =>
  `jsonb_to_tsvector('simple'::regconfig, ${content}.body, '["string"]')`

/** Looks at the words of each row it meets: quick where many fit, and an export meets every row anyway. */
function textCondition(text: string, bind: Bind): string {
  if (text.includes('\0')) {
    throw new AmendError('invalid_input', 'text: has a NUL character. Remove it.', { field: 'text' })
  }
  const query = wordsQuery(text, bind)
  // What reviewers wrote is told once an item is settled: whoever studies today may adjudicate tomorrow.
  const answered = `EXISTS (SELECT FROM resolutions s LEFT JOIN answers w ON w.project_id = s.project_id AND w.entry_id = s.entry_id
    LEFT JOIN review_events j ON j.project_id = s.project_id AND j.id = s.adjudication_event_id
    JOIN contents wc ON wc.project_id = s.project_id AND wc.id IN (w.content_id, j.content_id) AND wc.kind = 'answer' AND wc.body IS NOT NULL
    WHERE s.project_id = d.project_id AND s.item_id = d.item_id AND ${answerWords('wc')} @@ ${query})`
  return `(ic.search @@ ${query} OR ac.search @@ ${query} OR ${answered})`
}

/** Words in more contents than this are common enough to be met soon on the way down the list. */
const rareHits = 2000

/** Of few contents that much was decided on: more rows than this are met soon, too. */
const rareRows = 10_000

/** The exposures that rare words lead to; null for common ones. Without it one rare word would walk the whole project. */
export async function findByRareWords(
  { projectId }: FeedbackProject,
  text: string,
): Promise<string[] | null> {
  const found = wordsQuery(text, () => '$2')
  const { rows } = await getDb().$client.query<{ ids: string[] | null }>(
    `WITH h AS MATERIALIZED (
       (SELECT id, kind, item_id FROM contents WHERE project_id = $1 AND search IS NOT NULL AND search @@ ${found} LIMIT ${rareHits + 1})
       UNION ALL (SELECT c.id, c.kind, c.item_id FROM contents c WHERE c.project_id = $1 AND c.kind = 'answer' AND c.body IS NOT NULL
         AND ${answerWords('c')} @@ ${found} LIMIT ${rareHits + 1}))
     SELECT CASE WHEN (SELECT count(*) FROM h) <= ${rareHits} THEN ARRAY(
       SELECT d.exposure_id FROM h JOIN decisions d ON d.project_id = $1 AND d.item_id = h.item_id
         AND (h.kind IN ('item', 'answer') OR d.after_content_id = h.id) LIMIT ${rareRows + 1}) END AS ids`,
    [projectId, text],
  )
  const ids = rows[0]?.ids
  return ids && ids.length <= rareRows ? [...new Set(ids)] : null
}

export interface StoredCandidate {
  id: string
  value: unknown
}

/** A row of the feedback list before the task has put it into words. */
export interface StoredFeedbackRow {
  micros: string
  exposureId: string
  itemId: string
  payload: unknown
  exposedAt: string
  state: string
  suggestionShown: boolean
  suppressedReason: string | null
  candidateId: string | null
  /** As the exposure ranked them. */
  exposedIds: string[]
  candidates: StoredCandidate[] | null
  after: unknown
  modelVersionId: string | null
  model: string | null
  version: string | null
  confidence: number | null
  pseudonym: string
  decidedAt: string | null
  everUndone: boolean
  flagged: boolean
  arm: string
  blind: boolean
  holdback: boolean
  tags: string[]
  excluded: boolean
  redacted: boolean
  erased: boolean
  sample: boolean
  simulated: boolean
}

const listColumns = `
  ${toMicros('d.exposed_at')}::text AS micros,
  d.exposure_id AS "exposureId", d.item_id AS "itemId", ic.body AS payload, ${toUtcText('d.exposed_at')} AS "exposedAt",
  d.state, d.suggestion_shown AS "suggestionShown", e.suppressed_reason AS "suppressedReason",
  d.candidate_id AS "candidateId",
  ARRAY(SELECT x->>'id' FROM jsonb_array_elements(e.candidates) x ORDER BY (x->>'rank')::int) AS "exposedIds",
  pc.body AS candidates, ac.body AS after,
  d.model_version_id AS "modelVersionId", m.name AS model, v.version, d.confidence, a.pseudonym,
  ${toUtcText('d.decided_at')} AS "decidedAt", d.ever_undone AS "everUndone",
  (ic.erased_at IS NOT NULL OR ac.erased_at IS NOT NULL OR pc.erased_at IS NOT NULL) AS erased, d.sample, d.simulated,
  d.flagged, e.arm, e.blind, e.holdback, i.excluded_at IS NOT NULL AS excluded, i.redacted_content_id IS NOT NULL AS redacted,
  ARRAY(SELECT t.tag FROM item_tags t WHERE t.project_id = d.project_id AND t.item_id = d.item_id ORDER BY t.tag) AS tags`

export interface FeedbackPosition {
  micros: string
  id: string
  direction: 'older' | 'newer'
}

/** An item list beyond which walking down the list soon meets one of them. */
const rareItems = 2000

/** The items that a tag, a group or an import names, where they are few; null otherwise. Else one rare tag would walk the whole project. */
async function findFewItems(
  { projectId }: FeedbackProject,
  filter: FeedbackFilter,
): Promise<string[] | null> {
  const [from, value] = filter.tag
    ? ['item_tags WHERE project_id = $1 AND tag = $2', filter.tag]
    : filter.group
      ? ['items WHERE project_id = $1 AND group_id = $2', filter.group]
      : filter.import
        ? ['import_rows WHERE project_id = $1 AND import_id = $2::uuid', filter.import]
        : []
  if (!from) return null
  const column = filter.tag || !filter.group ? 'item_id' : 'id'
  const { rows } = await getDb().$client.query<{ id: string }>(
    `SELECT ${column} AS id FROM ${from} LIMIT ${rareItems + 1}`,
    [projectId, value],
  )
  return rows.length > rareItems ? null : rows.map(row => row.id)
}

/** What no index finds is looked for in so many rows at a time: a page answers soon, and says where it stopped. */
export const mostLookedAt = 25_000

/** Whether a filter asks of each row what only reading it can tell. */
const asksEachRow = ({ attribute, editFrom, editTo, show }: FeedbackFilter) =>
  Boolean(attribute) ||
  editFrom !== undefined ||
  editTo !== undefined ||
  show === 'versions' ||
  show === 'disagreements'

/** Whether an index of what is seldom so leads to few rows. */
const goesByRareIndex = ({ arm, blind, holdback, excluded, show }: FeedbackFilter) =>
  (arm !== undefined && arm !== 'live') ||
  [blind, holdback, excluded].includes('only') ||
  show === 'guardrail'

/** Views that the decision's own columns answer. */
const ofDecision = new Set<ReadyView>(['errors', 'confident-errors', 'undone', 'flagged', 'unanswered'])

type Place = Omit<FeedbackPosition, 'direction'>

/**
 * Up to `limit + 1` rows from a position on: newest first, or the other way towards newer ones. Where looking ended
 * before the list did, `stoppedAt` is the last place that was looked at.
 */
export async function selectFeedback(
  project: FeedbackProject,
  filter: FeedbackFilter,
  {
    position,
    limit,
    newer,
    lookAt = mostLookedAt,
  }: { position: Place | null; limit: number; newer: boolean; lookAt?: number },
): Promise<{ rows: StoredFeedbackRow[]; stoppedAt: Place | null }> {
  const values: (string | number | string[])[] = []
  const bind: Bind = value => `$${values.push(value)}`
  const bindList = (list: string[]) => `$${values.push(list)}`
  // What can't be asked is refused before anything is read.
  filterConditions(project, filter, () => '')
  const [found, few] = await Promise.all([
    filter.text ? findByRareWords(project, filter.text) : null,
    findFewItems(project, filter),
  ])
  const named = [
    ...(found ? [`d.exposure_id = ANY(${bindList(found)}::uuid[])`] : []),
    ...(few ? [`d.item_id = ANY(${bindList(few)}::uuid[])`] : []),
  ]
  const from = position
    ? `(d.exposed_at, d.exposure_id) ${newer ? '>' : '<'} (${fromMicros(`${bind(position.micros)}::bigint`)}, ${bind(position.id)}::uuid)`
    : 'true'
  // The index is declared NULLS LAST, and an order that says otherwise would not use it.
  const order = newer
    ? 'd.exposed_at ASC NULLS FIRST, d.exposure_id ASC NULLS FIRST'
    : 'd.exposed_at DESC NULLS LAST, d.exposure_id DESC NULLS LAST'
  // Where nearly all is simulated, what is real is rare, and no index knows: one for that would hold every row of other projects.
  const inParts =
    named.length === 0 &&
    (asksEachRow(filter) || (filter.simulated === 'exclude' && !goesByRareIndex(filter)))
  // Conditions on the decision alone go by its indexes, whichever of them finds the fewest.
  const ownConditions = () => [
    ...decisionConditions(project, filter, bind),
    ...(filter.show && ofDecision.has(filter.show) ? [shown[filter.show]] : []),
    from,
  ]
  const looked = inParts
    ? `SELECT d.* FROM decisions d WHERE ${ownConditions().join(' AND ')} ORDER BY ${order}`
    : null
  const joined = looked
    ? decisionsJoined.replace('FROM decisions d', `FROM (${looked} LIMIT ${bind(lookAt)}) d`)
    : decisionsJoined
  const conditions = [...filterConditions(project, filter, bind), ...named, from]
  const { rows } = await getDb().$client.query<StoredFeedbackRow>(
    `SELECT ${listColumns} ${joined} WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${bind(limit + 1)}`,
    values,
  )
  if (!looked || rows.length > limit) return { rows, stoppedAt: null }
  return { rows, stoppedAt: await placeOfLast(looked, values, lookAt) }
}

/** Where looking at so many rows ends; null where the list ends before. */
async function placeOfLast(
  looked: string,
  values: readonly (string | number | string[])[],
  lookAt: number,
): Promise<Place | null> {
  const used = [...looked.matchAll(/\$(\d+)/g)].map(found => Number(found[1]))
  const { rows } = await getDb().$client.query<Place>(
    `SELECT ${toMicros('d.exposed_at')}::text AS micros, d.exposure_id AS id FROM (${looked} OFFSET ${lookAt - 1} LIMIT 1) d`,
    values.slice(0, Math.max(...used)),
  )
  return rows[0] ?? null
}

export async function selectFeedbackRow(
  projectId: string,
  exposureId: string,
): Promise<StoredFeedbackRow | null> {
  const { rows } = await getDb().$client.query<StoredFeedbackRow>(
    `SELECT ${listColumns} ${decisionsJoined} WHERE d.project_id = $1::uuid AND d.exposure_id = $2::uuid`,
    [projectId, exposureId],
  )
  return rows[0] ?? null
}

/** States that a person's own act has settled. `ignored` is never among them: nobody said anything. */
export const exportedStates = ['accepted', 'corrected', 'written', 'rejected', 'dismissed'] as const

export interface ExportStamp {
  /** When the snapshot was taken, as text with microseconds. */
  takenAt: string
  /** The filter in its canonical form; empty when nothing was filtered. */
  query: string
  taskType: string
}

/**
 * One JSON object a row, newest first: live decisions that a person made, whose author lets them be used and whose
 * words are all still there. Made in SQL, so that a million rows pass through this process as bytes.
 */
export function exportSql(
  project: FeedbackProject,
  filter: FeedbackFilter,
  stamp: ExportStamp,
  bind: Bind,
): string {
  const conditions = filterConditions(project, filter, bind)
  conditions.push(
    `d.state IN (${exportedStates.map(state => `'${state}'`).join(', ')})`,
    'd.event_id IS NOT NULL',
    'a.training_allowed AND a.erased_at IS NULL',
    'ic.body IS NOT NULL',
    // Gold measures people. Read once and looked up row by row: as a join it would cost the order of the index.
    `d.item_id NOT IN (SELECT g.item_id FROM gold_items g WHERE g.project_id = ${bind(project.projectId)}::uuid AND g.retired_at IS NULL)`,
    '(d.after_content_id IS NULL OR ac.body IS NOT NULL)',
    '(NOT e.shown OR p.content_id IS NULL OR pc.body IS NOT NULL)',
    // What somebody brought into their inbox leaves with them, whoever decided on it.
    `(i.owner_actor_id IS NULL OR i.owner_actor_id = d.actor_id OR EXISTS (SELECT FROM actors o
      WHERE o.project_id = d.project_id AND o.id = i.owner_actor_id AND o.training_allowed AND o.erased_at IS NULL))`,
  )
  return `
    SELECT row_to_json(r) FROM (
      SELECT 'draft' AS kind, ${bind(stamp.takenAt)} AS taken_at, ${bind(stamp.query)} AS query,
        d.exposure_id, d.event_id, d.item_id, i.external_id, i.group_id, ${bind(stamp.taskType)} AS task_type,
        ic.body AS input, d.state, c.before,
        CASE d.state WHEN 'accepted' THEN c.before WHEN 'corrected' THEN ac.body WHEN 'written' THEN ac.body END AS after,
        c.suggestion, c.rejected AS rejected_candidates, c.shown AS candidates_shown,
        CASE WHEN d.state = 'corrected' THEN jsonb_build_object('chosen', ac.body, 'rejected', jsonb_build_array(c.before) || c.others)
          WHEN d.state IN ('accepted', 'written') AND c.others <> '[]' THEN jsonb_build_object(
            'chosen', CASE d.state WHEN 'accepted' THEN c.before ELSE ac.body END, 'rejected', c.others) END AS pair,
        m.name AS model, v.version AS model_version, d.model_version_id,
        c.suggestion->'confidence' AS confidence, c.suggestion->'propensity' AS propensity,
        e.arm, e.holdback, e.blind, e.mode, e.policy_version, e.threshold_version, e.suppressed_reason,
        a.pseudonym, e.role, e.consent_version, ${toUtcText('d.exposed_at')} AS exposed_at,
        ${toUtcText('d.decided_at')} AS decided_at, d.sample, d.simulated
      ${decisionsJoined}
      CROSS JOIN LATERAL (${exposedCandidates} OFFSET 0) c
      WHERE ${conditions.join(' AND ')}
      ORDER BY d.exposed_at DESC NULLS LAST, d.exposure_id DESC NULLS LAST
    ) r`
}

const candidateValue = (id: string) =>
  `jsonb_path_query_first(pc.body, '$[*] ? (@.id == $id).value', jsonb_build_object('id', ${id}))`
const valuesOf = (condition: string) => `coalesce((
  SELECT jsonb_agg(${candidateValue('x.id')} ORDER BY x.at) FROM unnest(d.rejected_candidate_ids) WITH ORDINALITY AS x(id, at)
  WHERE ${condition}), '[]')`

const decidedCandidate =
  "jsonb_path_query_first(e.candidates, '$[*] ? (@.id == $id)', jsonb_build_object('id', d.candidate_id))"

/** A candidate of an exposure as it is exported. */
const candidateFacts = (candidate: string) =>
  ['id', 'rank', 'confidence', 'propensity']
    .map(name => `'${name === 'id' ? 'candidate_id' : name}', ${candidate}->'${name}'`)
    .join(', ')

/** What the exposure offered and which of it was decided on. Joins and sorts inside would cost ten times as much. */
const exposedCandidates = `
  SELECT
    coalesce((SELECT json_agg(json_build_object(${candidateFacts('y')}, 'value', ${candidateValue("y->'id'")}))
      FROM jsonb_array_elements(e.candidates) y WHERE e.shown), '[]') AS shown,
    CASE WHEN d.candidate_id IS NOT NULL THEN
      (SELECT jsonb_build_object(${candidateFacts('z')}) FROM ${decidedCandidate} z) END AS suggestion,
    CASE WHEN d.candidate_id IS NOT NULL THEN ${candidateValue('d.candidate_id')} END AS before,
    CASE WHEN d.rejected_candidate_ids = '{}' THEN '[]' ELSE ${valuesOf('true')} END AS rejected,
    CASE WHEN d.rejected_candidate_ids = '{}' THEN '[]' ELSE ${valuesOf('x.id IS DISTINCT FROM d.candidate_id')} END AS others`
