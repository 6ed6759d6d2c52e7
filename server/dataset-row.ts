import 'server-only'
import type { RowValue } from '@/db/schema/datasets'
import type { Split } from '@/domain/dataset-split'
import type { DatasetLine } from '@/exchange/registry'
import { hashJson, saltedHash } from '@/platform/hash'

/** What a row keeps of where it came from. Never what people wrote. */
export interface RowFacts {
  state: string | null
  source: string | null
  eventIds: string[]
  answerEventIds: string[]
  strategy: string
  /** From here to `redacted`: not there in versions of before. */
  keptProbability?: number
  splitReason?: string
  licence?: string | null
  slices?: Record<string, string | number | boolean | null>
  /** Whether it is fit to measure: selected by chance, and no suggestion had a part in it. */
  unbiased?: boolean
  /** Of a verdict: why, as codes of the guideline. */
  reasons?: string[]
  /** Kinds of personal data that were taken out of its words, by the detector of this version. */
  redacted?: { detector: string; kinds: string[] } | null
  inclusionProbability: number | null
  propensity: number | null
  modelInfluenced: boolean
  blind: boolean
  agreement: number | null
  annotators: string[]
  modelVersionId: string | null
  model: string | null
  modelVersion: string | null
  consentVersion: number | null
  specificationVersion: number | null
  decidedAt: string
  sample: boolean
  simulated: boolean
  suggestionContentId: string | null
  suggestions: RowSuggestion[]
}

interface RowSuggestion {
  candidateId: string
  rank: number
  confidence: number | null
  propensity: number | null
  /** Salted hash of the value. */
  hash: string
}

/** A row as it is stored, without its hash. */
export interface NewRow {
  number: number
  itemId: string
  itemContentId: string
  inputHash: string
  groupKey: string
  split: Split
  values: RowValue[]
  rejected: RowValue[]
  clusterKey: string | null
  facts: RowFacts
  exposureId: string | null
  entryId: string | null
}

export interface StoredRow extends NewRow {
  rowHash: string
  externalId: string | null
  groupId: string | null
}

/** What a freeze saw of one row when it began. */
export interface RowPick {
  itemId: string
  itemContentId: string
  inputHash: string
  groupKey: string
  exposureId: string | null
  entryId: string | null
  suggestionContentId: string | null
  /** Of an exposure; null where the prediction itself says what there was. */
  suggestions:
    | { id: string; rank: number; confidence: number; valueHash: string; propensity: number | null }[]
    | null
  values: Omit<RowValue, 'hash'>[]
  rejected?: Omit<RowValue, 'hash'>[]
  facts: Omit<RowFacts, 'suggestionContentId' | 'suggestions'>
}

/** A content that was not erased. */
export interface LiveContent {
  body: unknown
  salt: Buffer
}

export type LiveContents = ReadonlyMap<string, LiveContent>

/** The contents without which a row can't be read. */
export function contentsOf(row: {
  itemContentId: string
  suggestionContentId: string | null
  values: readonly { contentId: string }[]
  rejected?: readonly { contentId: string }[]
}): string[] {
  const values = [...row.values, ...(row.rejected ?? [])]
  const ids = [row.itemContentId, row.suggestionContentId, ...values.map(value => value.contentId)]
  return [...new Set(ids.filter(id => id !== null))]
}

/** As `contentsOf`, of a row that is stored. */
export const contentsOfStored = ({ itemContentId, values, rejected, facts }: NewRow): string[] =>
  contentsOf({ itemContentId, values, rejected, suggestionContentId: facts.suggestionContentId })

interface StoredCandidate {
  id: string
  value: unknown
  confidence?: number
}

const candidatesOf = (body: unknown) => (Array.isArray(body) ? (body as StoredCandidate[]) : [])

/** The value that a reference names: a candidate of a prediction, one of an answer's texts, or the content itself. */
export function valueAt(body: unknown, { origin, candidateId, index }: Omit<RowValue, 'hash'>): unknown {
  if (origin === 'suggestion') return candidatesOf(body).find(one => one.id === candidateId)?.value
  if (index === null) return body
  const texts = Array.isArray(body) ? body : (body as { texts?: unknown[] } | null)?.texts
  return texts?.[index]
}

function liveContent(contents: LiveContents, id: string): LiveContent {
  const content = contents.get(id)
  if (!content) throw new Error('a content of a dataset row is not there')
  return content
}

/** A row from what was picked; null when a part of it was erased since. */
export function makeRow(
  pick: RowPick,
  contents: LiveContents,
  place: { number: number; split: Split; clusterKey: string | null },
): NewRow | null {
  if (contentsOf(pick).some(id => !contents.has(id))) return null
  const hashed = ({ origin, contentId, candidateId, index, verdict }: Omit<RowValue, 'hash'>): RowValue => {
    const content = liveContent(contents, contentId)
    const value = valueAt(content.body, { origin, contentId, candidateId, index, verdict })
    if (value === undefined) throw new Error(`a value of item ${pick.itemId} is not where it should be`)
    return { origin, contentId, candidateId, index, verdict, hash: saltedHash(content.salt, value) }
  }
  const values = pick.values.map(hashed)
  const rejected = (pick.rejected ?? []).map(hashed)
  const { itemId, itemContentId, inputHash, groupKey, exposureId, entryId, suggestionContentId } = pick
  const suggestions = suggestionsOf(pick, contents)
  const facts = { ...pick.facts, suggestionContentId, suggestions }
  return {
    ...place,
    itemId,
    itemContentId,
    inputHash,
    groupKey,
    values,
    rejected,
    facts,
    exposureId,
    entryId,
  }
}

function suggestionsOf(pick: RowPick, contents: LiveContents): RowSuggestion[] {
  if (pick.suggestions)
    return pick.suggestions.map(({ id, rank, confidence, propensity, valueHash }) => ({
      candidateId: id,
      rank,
      confidence,
      propensity,
      hash: valueHash,
    }))
  if (!pick.suggestionContentId) return []
  const { body, salt } = liveContent(contents, pick.suggestionContentId)
  return candidatesOf(body).map(({ id, value, confidence }, at) => ({
    candidateId: id,
    rank: at + 1,
    confidence: confidence ?? null,
    propensity: null,
    hash: saltedHash(salt, value),
  }))
}

/** SHA-256 over a row's references, hashes and facts: the same before and after its words were erased. */
export function rowHashOf(row: NewRow): string {
  const { number, itemId, itemContentId, inputHash, groupKey, split, values, facts, exposureId, entryId } =
    row
  const { rejected, clusterKey } = row
  return hashJson({
    number,
    itemId,
    itemContentId,
    inputHash,
    groupKey,
    split,
    values,
    facts,
    exposureId,
    entryId,
    // Rows of before had neither, and keep their hash.
    ...(rejected.length > 0 ? { rejected } : {}),
    ...(clusterKey === null ? {} : { clusterKey }),
  })
}

/** A stored row with its words, as every format starts from it. Of an erased one only the skeleton is left. */
export function lineOf(row: StoredRow, contents: LiveContents): DatasetLine {
  const { facts } = row
  const erased = contentsOfStored(row).some(id => !contents.has(id))
  const bodyOf = (id: string) => contents.get(id)?.body
  const shown = facts.suggestionContentId ? candidatesOf(bodyOf(facts.suggestionContentId)) : []
  const lineValue = (value: RowValue) => ({
    value: erased ? null : valueAt(bodyOf(value.contentId), value),
    origin: value.origin,
    candidate_id: value.candidateId,
    verdict: value.verdict,
  })
  return {
    number: row.number,
    split: row.split,
    erased,
    item_id: row.itemId,
    external_id: erased ? null : row.externalId,
    group_id: erased ? null : row.groupId,
    group_key: row.groupKey,
    input: erased ? null : bodyOf(row.itemContentId),
    cluster: row.clusterKey,
    split_reason: facts.splitReason ?? null,
    values: row.values.map(lineValue),
    rejected: row.rejected.map(lineValue),
    suggestions: facts.suggestions.map(one => ({
      candidate_id: one.candidateId,
      value: erased ? null : (shown.find(candidate => candidate.id === one.candidateId)?.value ?? null),
      rank: one.rank,
      confidence: one.confidence,
      propensity: one.propensity,
    })),
    state: facts.state,
    source: facts.source,
    exposure_id: row.exposureId,
    entry_id: row.entryId,
    event_ids: facts.eventIds,
    answer_event_ids: facts.answerEventIds,
    strategy: facts.strategy,
    kept_probability: facts.keptProbability ?? 1,
    licence: facts.licence ?? null,
    slices: facts.slices ?? {},
    redacted: facts.redacted?.kinds ?? [],
    inclusion_probability: facts.inclusionProbability,
    propensity: facts.propensity,
    model_influenced: facts.modelInfluenced,
    blind: facts.blind,
    agreement: facts.agreement,
    annotators: facts.annotators,
    model: facts.model,
    model_version: facts.modelVersion,
    model_version_id: facts.modelVersionId,
    consent_version: facts.consentVersion,
    specification_version: facts.specificationVersion,
    decided_at: facts.decidedAt,
    sample: facts.sample,
    simulated: facts.simulated,
  }
}
