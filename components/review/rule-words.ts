import type { QueueRule } from '@/contract/v1/review'
import { percent } from '@/domain/percent'
import { byHand } from '@/domain/selection'

type SingleRule = Exclude<QueueRule, { strategy: 'mix' }>

export const strategyNames: Record<QueueRule['strategy'], string> = {
  random: 'Random sample',
  'low-confidence': 'Low confidence',
  corrected: 'Corrected by people',
  uncertainty: 'Most uncertain',
  disagreement: 'Disagreement',
  flagged: 'Flagged or rejected by users',
  guardrail: 'Withheld by a guardrail',
  'weak-slice': 'Weakest slice',
  diversity: 'Unlike each other',
  priority: 'Priority',
  mix: 'A mix of these',
}

/** Of what an entry recorded: a strategy, or that a person put it in. */
export const strategyName = (strategy: string): string =>
  strategy === byHand ? 'Chosen by hand' : (strategyNames[strategy as keyof typeof strategyNames] ?? strategy)

const measureWords = {
  'least-confidence': 'distance of its surest suggestion from 100\u00a0%',
  margin: 'closeness of its first two suggestions',
  entropy: 'spread over all suggestions',
}

/** What a rule selects, as a sentence without a full stop. */
export function ruleWords(rule: QueueRule): string {
  const most = rule.budget ? `, up to ${rule.budget} a filling` : ''
  return `${baseWords(rule)}${most}${filterWords(rule)}`
}

function baseWords(rule: QueueRule): string {
  if (rule.strategy !== 'mix') return singleWords(rule)
  const parts = rule.parts.map(({ rule: own, budget }) => {
    const room = 'count' in budget ? `up to ${budget.count}` : percent(budget.share)
    return `${room} ${strategyNames[own.strategy].toLowerCase()}`
  })
  return `A mix: ${parts.join(', ')}`
}

function singleWords(rule: SingleRule): string {
  switch (rule.strategy) {
    case 'corrected':
      return 'Items whose suggestion somebody corrected, or answered in their own words'
    case 'random':
      return `Each item with a chance of ${percent(rule.rate)}, drawn at random`
    case 'low-confidence':
      return `Items whose first suggestion the model was less than ${percent(rule.below)} sure of`
    case 'uncertainty':
      return `Items that the model is most unsure of, by the ${measureWords[rule.measure]}${rule.above > 0 ? `, from ${percent(rule.above)}` : ''}`
    case 'disagreement':
      return rule.between === 'versions'
        ? 'Items to which versions of the model suggest different answers'
        : 'Items where the model still suggests something other than what a person left'
    case 'flagged':
      return 'Items whose suggestion a user flagged or rejected'
    case 'guardrail':
      return 'Items whose suggestion a guardrail withheld'
    case 'weak-slice':
      return rule.slice
        ? `Items that were shown with ${rule.slice.name} = ${rule.slice.value}`
        : 'Items of the slice whose suggestions people correct most'
    case 'diversity':
      return 'Items that are least like each other and like what is in the queue'
    case 'priority':
      return `Items that were sent with a priority${rule.atLeast === undefined ? '' : ` of ${rule.atLeast} or more`}, highest first`
  }
}

function filterWords({ filters = {} }: QueueRule): string {
  const { receivedFrom, receivedTo, groupId, text, sample, slice, modelVersionId } = filters
  const said = [
    receivedFrom ? `received from ${receivedFrom.slice(0, 10)}` : '',
    receivedTo ? `received before ${receivedTo.slice(0, 10)}` : '',
    groupId ? `of the group ${groupId}` : '',
    text ? `with the words “${text}”` : '',
    sample === undefined ? '' : sample ? 'samples only' : 'no samples',
    slice ? `${slice.name} = ${slice.value}` : '',
    modelVersionId ? 'judged as one version said' : '',
  ].filter(Boolean)
  return said.length > 0 ? `; ${said.join('; ')}` : ''
}

/** What a rule ranked by, as a reader takes it; null where there is no number to say. */
export function scoreWords(rule: QueueRule, score: number | null, part: number | null): string | null {
  if (score === null) return null
  const own = rule.strategy === 'mix' ? rule.parts[part ?? 0]?.rule : rule
  switch (own?.strategy) {
    case 'uncertainty':
      return `${percent(score)} unsure`
    case 'disagreement':
      return own.between === 'versions' ? `${percent(score)} differ` : `${percent(score)} sure`
    case 'diversity':
      return `distance ${score.toFixed(2)}`
    case 'priority':
      return `priority ${score}`
    default:
      return `${percent(score)} sure`
  }
}
