import type { DatasetRules, Selection } from './dataset'
import { type DatasetTarget, keptStates } from './dataset-words'
import { ofHundred } from './percent'

/** What counts as true in a row, as a sentence. */
export const truthSentences: Record<DatasetTarget, string> = {
  decision: 'What a person kept of a suggestion, or wrote in its place, is true.',
  resolution: 'What review agreed on is true: one or several acceptable values an item.',
  preference: 'The value that a person kept is preferred to the ones it was chosen over.',
  verdict: 'A suggestion is true to what people said of it: good, usable or wrong.',
}

const share = (value: number) => ofHundred(Number((100 * value).toFixed(2)))

/** A selection in words, part by part. `nameOf` knows model versions and queues by their ids. */
export function selectionSentences(
  target: DatasetTarget,
  selection: Selection,
  nameOf: (id: string) => string,
): string[] {
  const { states, version, confidenceFrom, confidenceTo, from, to, text, queue, source, tag, verdicts } =
    selection
  const words: Record<DatasetTarget, string> = {
    decision: `decisions that were ${(states ?? keptStates).join(', ')}`,
    resolution: 'items that review resolved',
    preference: `decisions that prefer one value: ${(states ?? keptStates).join(', ')}`,
    verdict: `suggestions that people found ${(verdicts ?? ['good', 'usable', 'wrong']).join(', ')}`,
  }
  return [
    words[target],
    ...(version ? [`suggested by ${nameOf(version)}`] : []),
    ...(confidenceFrom !== undefined ? [`confidence from ${confidenceFrom}`] : []),
    ...(confidenceTo !== undefined ? [`confidence to ${confidenceTo}`] : []),
    ...(from ? [`decided from ${from}`] : []),
    ...(to ? [`decided until ${to}`] : []),
    ...(text ? [`with the words “${text}”`] : []),
    ...(queue ? [`from the queue ${nameOf(queue)}`] : []),
    ...(source ? [`resolved by ${source}`] : []),
    ...(tag ? [`with the tag “${tag}”`] : []),
    selection.sample === 'include' ? 'sample items included' : 'without sample items',
    selection.simulated === 'include' ? 'simulated decisions included' : 'without simulated decisions',
  ]
}

/** How a version is parted, in one sentence. */
export function splitSentence(rules: DatasetRules): string {
  const { shares, splitBy, clusters } = rules
  const parts = `${share(shares.train)} train, ${share(shares.validation)} validation, ${share(shares.test)} test`
  const by = {
    group: 'by hash of the group; no group is in two splits',
    time: 'by time: older rows train, the newest are test',
    both: 'by time, and no group is on both sides',
  }[splitBy]
  return `${by}${clusters ? ', no near-duplicate crosses' : ''}; ${parts}`
}

/** The rules that leave something out or hold something back, in words. */
export function ruleSentences(rules: DatasetRules): string[] {
  const { agreementFrom, influencedAtMost, perPersonAtMost, balance, licences, consentFrom, keepDays } = rules
  const tests = {
    any: 'test takes any row of its groups',
    'unbiased-if-any':
      'test takes rows selected by chance and judged blind, and others only where there are none',
    unbiased: 'test takes only rows selected by chance and judged blind',
  }
  return [
    tests[rules.testRows],
    ...(agreementFrom === undefined ? [] : [`agreement of at least ${share(agreementFrom)}`]),
    ...(influencedAtMost === undefined
      ? []
      : [`at most ${share(influencedAtMost)} of train from people who could see a suggestion`]),
    ...(perPersonAtMost === undefined ? [] : [`at most ${perPersonAtMost} rows of one person`]),
    ...(balance ? [`no ${balance.by} has more than ${balance.atMostTimes} times the rarest`] : []),
    ...(licences ? [`licences: ${licences.join(', ')}`] : []),
    ...(consentFrom === undefined ? [] : [`consent of version ${consentFrom} or later`]),
    ...(keepDays === undefined ? [] : [`nothing older than ${keepDays} days`]),
    ...(rules.personalData === 'keep'
      ? []
      : [
          rules.personalData === 'redact'
            ? 'personal data is taken out'
            : 'rows with personal data are left out',
        ]),
    ...(rules.expectations.length > 0 ? [`${rules.expectations.length} expectations written down`] : []),
  ]
}
