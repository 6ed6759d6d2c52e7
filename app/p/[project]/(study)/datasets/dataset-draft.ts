import type { DatasetDraft } from '@/components/dataset/dataset-form'
import type { DatasetDetail } from '@/contract/v1/datasets'
import { defaultShares } from '@/domain/dataset-split'
import { keptStates } from '@/domain/dataset-words'

const empty: DatasetDraft = {
  name: '',
  description: '',
  target: 'decision',
  states: keptStates,
  version: '',
  confidenceFrom: '',
  confidenceTo: '',
  from: '',
  to: '',
  text: '',
  source: '',
  queue: '',
  sample: false,
  simulated: false,
  shares: hundredths(defaultShares),
  licence: '',
  consumers: [{ name: 'Model training', purpose: 'training' }],
  verdicts: ['good', 'usable', 'wrong'],
  tag: '',
  rules: {
    splitBy: 'group',
    testRows: 'unbiased-if-any',
    clusters: true,
    validationFrom: '',
    testFrom: '',
    perPersonAtMost: '',
    influencedAtMost: '',
    agreementFrom: '',
    balanceBy: 'label',
    balanceTimes: '',
    keepDays: '',
    consentFrom: '',
    licences: '',
    personalData: 'keep',
    levels: {},
    limits: {},
    expectations: [],
  },
}

function hundredths(shares: DatasetDetail['rules']['shares']): DatasetDraft['shares'] {
  const said = (share: number) => String(Number((share * 100).toFixed(2)))
  return { train: said(shares.train), validation: said(shares.validation), test: said(shares.test) }
}

/** A form filled in from the filter of the feedback page, as its address holds it. */
export function draftFromFilter(given: Record<string, string | string[] | undefined>): DatasetDraft {
  const one = (name: string) => {
    const value = given[name]
    return (Array.isArray(value) ? value.at(-1) : value) ?? ''
  }
  const state = keptStates.find(kept => kept === one('state'))
  return {
    ...empty,
    states: state ? [state] : keptStates,
    version: one('version'),
    confidenceFrom: one('confidenceFrom'),
    confidenceTo: one('confidenceTo'),
    from: one('from'),
    to: one('to'),
    text: one('text'),
    tag: one('tag'),
    simulated: one('simulated') === 'include',
  }
}

/** A form filled in from a saved dataset. */
export function draftOf({
  name,
  description,
  target,
  selection,
  rules,
  licence,
  consumers,
}: DatasetDetail): DatasetDraft {
  const said = (value: string | number | undefined) => (value === undefined ? '' : String(value))
  return {
    name,
    description,
    target,
    states: selection.states ?? keptStates,
    version: said(selection.version),
    confidenceFrom: said(selection.confidenceFrom),
    confidenceTo: said(selection.confidenceTo),
    from: said(selection.from),
    to: said(selection.to),
    text: said(selection.text),
    source: said(selection.source),
    queue: said(selection.queue),
    sample: selection.sample === 'include',
    simulated: selection.simulated === 'include',
    shares: hundredths(rules.shares),
    licence: licence ?? '',
    consumers,
    verdicts: selection.verdicts ?? empty.verdicts,
    tag: said(selection.tag),
    rules: ruleDraftOf(rules),
  }
}

function ruleDraftOf(rules: DatasetDetail['rules']): DatasetDraft['rules'] {
  const said = (value: string | number | undefined) => (value === undefined ? '' : String(value))
  const checks = Object.entries(rules.checks)
  return {
    splitBy: rules.splitBy,
    testRows: rules.testRows,
    clusters: rules.clusters,
    validationFrom: said(rules.validationFrom),
    testFrom: said(rules.testFrom),
    perPersonAtMost: said(rules.perPersonAtMost),
    influencedAtMost: said(rules.influencedAtMost),
    agreementFrom: said(rules.agreementFrom),
    balanceBy: rules.balance?.by ?? 'label',
    balanceTimes: said(rules.balance?.atMostTimes),
    keepDays: said(rules.keepDays),
    consentFrom: said(rules.consentFrom),
    licences: (rules.licences ?? []).join(', '),
    personalData: rules.personalData,
    levels: Object.fromEntries(checks.flatMap(([name, rule]) => (rule?.level ? [[name, rule.level]] : []))),
    limits: Object.fromEntries(
      checks.flatMap(([name, rule]) => (rule?.limit === undefined ? [] : [[name, String(rule.limit)]])),
    ),
    expectations: rules.expectations.map(one => ({
      kind: one.kind,
      field: 'field' in one ? one.field : 'value',
      share: String(one.share),
      takes:
        'words' in one
          ? one.words.join(', ')
          : 'values' in one
            ? one.values.join(', ')
            : 'withinDays' in one
              ? String(one.withinDays)
              : 'from' in one || 'to' in one
                ? `${said(one.from)}–${said(one.to)}`
                : '',
    })),
  }
}
