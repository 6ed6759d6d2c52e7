import type { QueuePolicy, QueueView } from '@/contract/v1/review'
import { percent } from '@/domain/percent'
import { ruleWords } from './rule-words'

interface People {
  workers: readonly { userId: string; name: string }[]
  adjudicators: readonly { userId: string; name: string }[]
}

const orderWords = {
  ranked: 'As the rule ranks',
  random: 'In a random order',
  oldest: 'Oldest first',
  newest: 'Newest first',
}
const methodWords = {
  majority: 'By majority',
  'dawid-skene': 'By Dawid–Skene from three answers on',
  median: 'By the median of the numbers',
  boxes: 'By what more than half of the people drew',
}

const items = (n: number) => (n === 1 ? '1 item' : `${n} items`)
const minutes = (seconds: number) => {
  const n = Math.round(seconds / 6) / 10
  return n === 1 ? '1 minute' : `${n} minutes`
}

function names(ids: readonly string[] | null, people: People['workers'], everyone: string): string {
  if (ids === null) return everyone
  const known = people.filter(person => ids.includes(person.userId)).map(person => person.name)
  const gone = ids.length - known.length
  return [...known, ...(gone > 0 ? [`${gone} who may not any more`] : [])].join(', ')
}

/** What is in force in a queue, as sentences. */
export function policyWords(
  queue: QueueView & { policy: QueuePolicy },
  people: People,
): { term: string; words: string }[] {
  const { policy } = queue
  const hidden = [
    policy.blindRate > 0 ? `${percent(policy.blindRate)} answered before the suggestion is seen` : '',
    policy.goldRate > 0 ? `${percent(policy.goldRate)} with a known truth` : '',
    policy.vigilanceRate > 0 ? `${percent(policy.vigilanceRate)} with a suggestion known to be wrong` : '',
  ].filter(Boolean)
  const floor =
    policy.agreementFloor === null
      ? 'to an adjudicator only when somebody asks'
      : `to an adjudicator below ${percent(policy.agreementFloor)} agreement`
  return [
    { term: 'Selects', words: `${ruleWords(queue.rule)}.` },
    {
      term: 'Handed out',
      words: `${orderWords[policy.ordering]}. An item goes to others after ${minutes(policy.leaseSeconds)} without a sign of life.`,
    },
    {
      term: 'Judged by',
      words: `${queue.overlap === 1 ? 'One person each' : `${queue.overlap} people each`}: ${names(policy.workerIds, people.workers, 'everyone who reviews')}.`,
    },
    { term: 'Settled', words: `${methodWords[policy.aggregation]}; ${floor}.` },
    {
      term: 'Adjudicated by',
      words: `${names(policy.adjudicatorIds, people.adjudicators, 'Everyone who adjudicates')}.`,
    },
    {
      term: 'Blind and planted',
      words: hidden.length > 0 ? `${hidden.join(', ')}.` : 'Nothing is blind, and nothing is planted.',
    },
    {
      term: 'Practice',
      words:
        policy.practiceItems === 0
          ? 'None: everyone begins at once.'
          : `${items(policy.practiceItems)} first, passed at ${percent(policy.practicePass)}.`,
    },
    { term: 'Instructions', words: queue.instructions.trim().split('\n')[0] || 'None.' },
  ]
}
