import type { DatasetDetail, DatasetVersion } from '@/contract/v1/datasets'
import {
  type LeftOutReason,
  leftOutReasons,
  leftOutWords,
  type OvertakenReason,
} from '@/domain/dataset-words'
import { ofHundred } from '@/domain/percent'

export const said = (n: number) => n.toLocaleString('en')

export const count = (n: number, one: string, many = `${one}s`) => `${said(n)} ${n === 1 ? one : many}`

/** Of a hundred, without a point; “under 1 %” rather than a zero that isn't one. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return ofHundred(0)
  const share = (100 * part) / whole
  return share < 1 ? ofHundred('under 1') : ofHundred(Math.round(share))
}

/** What a version left out, most first, in words. */
export function leftOutList(leftOut: Record<string, number>): { reason: LeftOutReason; words: string }[] {
  return leftOutReasons
    .filter(reason => (leftOut[reason] ?? 0) > 0)
    .sort((a, b) => (leftOut[b] ?? 0) - (leftOut[a] ?? 0))
    .map(reason => ({ reason, words: `${said(leftOut[reason] ?? 0)} ${leftOutWords[reason]}` }))
}

const stateWords: Record<string, string> = {
  accepted: 'accepted',
  corrected: 'corrected',
  written: 'written',
  queue: 'from review',
  adjudication: 'adjudicated',
}

/** Rows by what was decided, as in “812 accepted, 310 corrected”. */
export function statesSentence(states: Record<string, number>): string {
  return Object.entries(states)
    .sort(([, a], [, b]) => b - a)
    .map(([state, n]) => `${said(n)} ${stateWords[state] ?? state}`)
    .join(', ')
}

export const targetWords: Record<DatasetDetail['target'], { label: string; means: string }> = {
  decision: { label: 'What people kept', means: 'Accepted, corrected and written texts' },
  resolution: { label: 'What review agreed on', means: 'One or several acceptable texts an item' },
  preference: { label: 'What people preferred', means: 'The kept text beside the ones it was chosen over' },
  verdict: { label: 'Suggestions with verdicts', means: 'Each suggestion with good, usable or wrong' },
}

/** A selection in the words of its parts. */
export function selectionWords(
  target: DatasetDetail['target'],
  selection: DatasetDetail['selection'],
  versionName: (id: string) => string,
): string[] {
  const { states, version, confidenceFrom, confidenceTo, from, to, text, source, queue } = selection
  return [
    target === 'decision'
      ? (states ?? ['accepted', 'corrected', 'written']).join(', ')
      : 'resolved in review',
    ...(version ? [`suggested by ${versionName(version)}`] : []),
    ...(confidenceFrom !== undefined ? [`confidence from ${confidenceFrom}`] : []),
    ...(confidenceTo !== undefined ? [`confidence to ${confidenceTo}`] : []),
    ...(from ? [`from ${from}`] : []),
    ...(to ? [`to ${to}`] : []),
    ...(text ? [`with “${text}”`] : []),
    ...(queue ? ['from one queue'] : []),
    ...(source ? [source === 'queue' ? 'from queues' : 'adjudicated'] : []),
    ...(selection.sample === 'include' ? ['samples included'] : []),
    ...(selection.simulated === 'include' ? ['simulated included'] : []),
  ]
}

/** Why a version was overtaken, and what that means for somebody who has it. */
export const overtakenWords: Record<OvertakenReason, string> = {
  undone:
    'A decision in it was taken back or replaced since. The file is unchanged; freeze a new version to follow.',
  'opted-out':
    'Somebody in it has opted out of training since. Freeze a new version, which leaves them out, and use that.',
  withdrawn: 'Withdrawn. The file is unchanged, but it is not meant to be used.',
  erased:
    'Something in it was erased since. Those rows leave without their words, so the file no longer has the hash below; the hashes of its rows still hold.',
}

/** “v3”, with what it is when it is not simply frozen. */
export function versionLabel({ number, state, overtakenReason }: DatasetVersion): string {
  if (state !== 'frozen') return `v${number}, ${state === 'freezing' ? 'being frozen' : state}`
  return overtakenReason ? `v${number}, overtaken` : `v${number}`
}
