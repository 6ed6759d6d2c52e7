import type { QueueRule } from '@/contract/v1/review'

export type Strategy = QueueRule['strategy']
type SingleRule = Exclude<QueueRule, { strategy: 'mix' }>

/** A rule as its fields have it: texts, as they are typed. */
export interface RuleDraft {
  strategy: Strategy
  below: string
  rate: string
  measure: 'least-confidence' | 'margin' | 'entropy'
  above: string
  between: 'versions' | 'human'
  sliceName: string
  sliceValue: string
  atLeast: string
  budget: string
  parts: PartDraft[]
}

export interface PartDraft {
  key: string
  share: string
  rule: Omit<RuleDraft, 'parts'>
}

export interface FilterDraft {
  receivedFrom: string
  receivedTo: string
  groupId: string
  text: string
  sample: '' | 'yes' | 'no'
  sliceName: string
  sliceValue: string
  modelVersionId: string
}

const firstRule: Omit<RuleDraft, 'parts'> = {
  strategy: 'random',
  below: '60',
  rate: '10',
  measure: 'margin',
  above: '50',
  between: 'versions',
  sliceName: '',
  sliceValue: '',
  atLeast: '',
  budget: '',
}

export const newPart = (strategy: Exclude<Strategy, 'mix'>, share: string, rate = '100'): PartDraft => ({
  key: crypto.randomUUID(),
  share,
  rule: { ...firstRule, strategy, rate },
})

export const newDraft = (): RuleDraft => ({ ...firstRule, parts: [] })
export const noFilters: FilterDraft = {
  receivedFrom: '',
  receivedTo: '',
  groupId: '',
  text: '',
  sample: '',
  sliceName: '',
  sliceValue: '',
  modelVersionId: '',
}

/** What is wrong with which field, by the field's name. */
export type Problems = Partial<Record<string, string>>

const share = (typed: string, { zero = false } = {}) => {
  const value = Number(typed) / 100
  return typed.trim() !== '' && value <= 1 && (zero ? value >= 0 : value > 0) ? value : null
}
const shareWords = 'More than 0, up to 100.'
const most = { diversity: 500, other: 5_000 }

/** The rule that the fields say, or what is wrong with them. */
export function readRule(
  draft: RuleDraft,
  filters: FilterDraft,
): { rule: QueueRule } | { problems: Problems } {
  const problems: Problems = {}
  const read = draft.strategy === 'mix' ? readMix(draft, problems) : readSingle(draft, problems, '')
  const asked = readFilters(filters, problems)
  if (Object.keys(problems).length > 0 || !read) return { problems }
  return { rule: { ...read, ...(Object.keys(asked).length > 0 ? { filters: asked } : {}) } as QueueRule }
}

function readBudget(typed: string, top: number, name: string, problems: Problems, needed: boolean) {
  if (typed.trim() === '' && !needed) return undefined
  const value = Number(typed)
  if (Number.isInteger(value) && value >= 1 && value <= top) return value
  problems[name] = `From 1 to ${top}.`
  return undefined
}

function readSingle(draft: Omit<RuleDraft, 'parts'>, problems: Problems, at: string): SingleRule | null {
  const { strategy } = draft
  const needed = strategy === 'diversity'
  const budget = at
    ? undefined
    : readBudget(draft.budget, needed ? most.diversity : most.other, 'budget', problems, needed)
  const limit = budget === undefined ? {} : { budget }
  const ask = <T>(name: string, value: T | null, words: string): T => {
    if (value === null) problems[`${at}${name}`] = words
    return value as T
  }
  switch (strategy) {
    case 'mix':
      return null
    case 'random':
      return { strategy, rate: ask('rate', share(draft.rate), shareWords), ...limit }
    case 'low-confidence':
      return { strategy, below: ask('below', share(draft.below), shareWords), ...limit }
    case 'uncertainty': {
      const above = ask('above', share(draft.above, { zero: true }), 'From 0 to 100.')
      return { strategy, measure: draft.measure, above, ...limit }
    }
    case 'disagreement':
      return { strategy, between: draft.between, ...limit }
    case 'weak-slice': {
      const [name, value] = [draft.sliceName.trim(), draft.sliceValue.trim()]
      if (Boolean(name) !== Boolean(value)) problems[`${at}slice`] = 'Name and value, or neither.'
      return { strategy, ...(name && value ? { slice: { name, value } } : {}), ...limit }
    }
    case 'diversity':
      return { strategy, budget: at ? most.diversity : (budget ?? 1) }
    case 'priority': {
      if (draft.atLeast.trim() === '') return { strategy, ...limit }
      const atLeast = Number(draft.atLeast)
      return {
        strategy,
        atLeast: ask('atLeast', Number.isInteger(atLeast) ? atLeast : null, 'A whole number.'),
        ...limit,
      }
    }
    default:
      return { strategy, ...limit }
  }
}

function readMix(draft: RuleDraft, problems: Problems): QueueRule | null {
  const budget = readBudget(draft.budget, most.other, 'budget', problems, true)
  const parts = draft.parts.map((part, at) => {
    const own = share(part.share)
    if (own === null) problems[`parts.${at}.share`] = shareWords
    return { rule: readSingle(part.rule, problems, `parts.${at}.`), budget: { share: own ?? 0 } }
  })
  if (parts.length < 2) problems.parts = 'Two parts or more.'
  if (parts.reduce((sum, part) => sum + part.budget.share, 0) > 1 + 1e-9)
    problems.parts = 'The shares sum to more than 100\u00a0%.'
  return budget === undefined ? null : ({ strategy: 'mix', budget, parts } as QueueRule)
}

function readFilters(draft: FilterDraft, problems: Problems): object {
  const { receivedFrom, receivedTo, groupId, text, sample, modelVersionId } = draft
  const [name, value] = [draft.sliceName.trim(), draft.sliceValue.trim()]
  if (Boolean(name) !== Boolean(value)) problems['filters.slice'] = 'Name and value, or neither.'
  if (receivedFrom && receivedTo && receivedFrom >= receivedTo)
    problems['filters.receivedTo'] = 'Later than the first day.'
  return {
    ...(receivedFrom ? { receivedFrom: `${receivedFrom}T00:00:00Z` } : {}),
    ...(receivedTo ? { receivedTo: `${receivedTo}T00:00:00Z` } : {}),
    ...(groupId.trim() ? { groupId: groupId.trim() } : {}),
    ...(text.trim() ? { text: text.trim() } : {}),
    ...(sample ? { sample: sample === 'yes' } : {}),
    ...(name && value ? { slice: { name, value } } : {}),
    ...(modelVersionId ? { modelVersionId } : {}),
  }
}
