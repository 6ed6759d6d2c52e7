import { z } from 'zod'
import { longestProse, type ProseField, proseFields, proseWords } from './card-words'
import { type SplitReason, splits } from './dataset-split'
import {
  datasetTargets,
  type LeftOutReason,
  leftOutReasons,
  leftOutWords,
  overtakenReasons,
} from './dataset-words'
import { enough } from './interval'

const count = z.number().int().min(0)
const text = z.string().max(longestProse)

/** What people wrote on a card; a part that is null was not said here. */
export const cardProseSchema = z
  .object(
    Object.fromEntries(proseFields.map(field => [field, text.nullable()])) as Record<
      ProseField,
      z.ZodNullable<z.ZodString>
    >,
  )
  .partial()
  .strict()
export type CardProse = z.output<typeof cardProseSchema>

const named = z.object({ name: z.string(), rows: count })

/** What a card tells of a version: facts that the database holds of it, and what people wrote beside them. */
export const datasetCardSchema = z.object({
  project: z.string(),
  projectName: z.string(),
  taskType: z.string(),
  dataset: z.string(),
  name: z.string(),
  description: z.string(),
  version: count,
  target: z.enum(datasetTargets),
  /** What counts as truth, as a sentence. */
  truth: z.string(),
  contentSha256: z.string().nullable(),
  rowsHash: z.string().nullable(),
  contentBytes: count.nullable(),
  /** The moment up to which the ledger was read. */
  readAt: z.string().nullable(),
  frozenAt: z.string().nullable(),
  frozenBy: z.string().nullable(),
  parentVersion: count.nullable(),
  overtaken: z.enum(overtakenReasons).nullable(),
  tombstoned: z.object({ at: z.string(), erasedRows: count, successorVersion: count.nullable() }).nullable(),
  rows: count,
  groups: count,
  clusters: count.nullable(),
  selection: z.array(z.string()),
  rules: z.array(z.string()),
  /** How it was parted, as a sentence. */
  parted: z.string(),
  cuts: z.object({ validationFrom: z.string(), testFrom: z.string() }).nullable(),
  splits: z.array(
    z.object({
      split: z.enum(splits),
      rows: count,
      /** Rows whose author could see a suggestion before. */
      influenced: count,
      /** Rows judged without seeing one, or before it was revealed. */
      blind: count,
      /** Rows selected by chance with a known probability and not influenced: what measures without bias. */
      unbiased: count,
      /** Rows by why they are here; empty in versions of before. */
      reasons: z.record(z.string(), count),
    }),
  ),
  sources: z.array(
    z.object({
      /** State of a decision, or source of a resolution. */
      label: z.string(),
      strategy: z.string(),
      rows: count,
      /** Rows of which nobody knows how likely they were selected. */
      unknownProbability: count,
      probabilityFrom: z.number().nullable(),
      probabilityTo: z.number().nullable(),
    }),
  ),
  /** Mean share of answers that agree, with a 95 % interval over groups; `low` is null where n is too small to tell. */
  agreement: z
    .object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable(), n: count })
    .nullable(),
  corrected: z.object({ rows: count, of: count }).nullable(),
  annotators: count,
  /** Rows of whoever said most. */
  mostOfOne: count,
  from: z.string().nullable(),
  to: z.string().nullable(),
  slices: z.array(z.object({ slice: z.string(), values: z.array(named.extend({ test: count })) })),
  /** Values of a slice with less than half of an even share of the rows, fewest first. */
  weakSpots: z.array(z.object({ slice: z.string(), name: z.string(), rows: count, test: count })),
  languages: z.array(named),
  leftOut: z.record(z.string(), count),
  consents: z.array(z.object({ version: count.nullable(), rows: count })),
  licence: z.string().nullable(),
  licences: z.array(z.object({ name: z.string().nullable(), rows: count })),
  specifications: z.array(z.object({ version: count.nullable(), rows: count })),
  /** Models whose suggestions were seen before somebody decided. */
  modelsSeen: z.array(z.object({ model: z.string(), version: z.string(), rows: count })),
  personalData: z.object({
    redactedRows: count,
    kinds: z.array(named),
    detectors: z.array(z.string()),
    /** Rows in which the check found some; null where it did not run. */
    foundRows: count.nullable(),
  }),
  checks: z.array(
    z.object({
      name: z.string(),
      level: z.enum(['blocking', 'warning']),
      outcome: z.enum(['passed', 'found', 'not-applicable']),
      value: z.number().nullable(),
      of: count.nullable(),
      limit: z.number().nullable(),
      findings: count,
      waivedBy: z.string().nullable(),
      waivedAt: z.string().nullable(),
      waiver: z.string().nullable(),
    }),
  ),
  consumers: z.array(z.object({ name: z.string(), purpose: z.string() })),
  /** What follows from the facts and limits the use, as sentences. */
  limits: z.array(z.string()),
  prose: z.record(
    z.enum(proseFields),
    z.object({
      text: z.string(),
      /** Whether it was written for this version alone or for the dataset; null where nobody wrote it. */
      of: z.enum(['version', 'dataset']).nullable(),
    }),
  ),
})
export interface DatasetCard extends z.output<typeof datasetCardSchema> {}

const said = (n: number) => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')
const rowsOf = (n: number) => `${said(n)} ${n === 1 ? 'row' : 'rows'}`
const share = (part: number, whole: number) => (whole === 0 ? '0%' : `${((100 * part) / whole).toFixed(1)}%`)
const two = (value: number) => value.toFixed(2)
const day = (instant: string) => instant.slice(0, 10)

/** What somebody typed into a line of their own, so that it ends no table and begins no heading. */
const cell = (value: string) =>
  value
    .replace(/\s+/g, ' ')
    .replace(/[\\|<>*_`[\]#]/g, '\\$&')
    .trim()

const splitReasonWords: Record<SplitReason, string> = {
  hash: 'by the hash of the group',
  time: 'by time',
  'was-test': 'were test before, for ever',
  'was-trained-on': 'would be test, and somebody may have learned from their group',
  cluster: 'with their near-duplicates',
  'not-unbiased': 'would be test, and are not fit to measure',
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}

const list = (items: readonly string[]) => items.map(item => `- ${item}`).join('\n')

/**
 * A card as Markdown, in the sections of Datasheets for Datasets (Gebru et al. 2021). The same card gives the same
 * bytes: nothing in it is read from a clock, a locale or an order that isn't the card's own.
 */
export function cardMarkdown(card: DatasetCard): string {
  const prose = (field: ProseField) => {
    const written = card.prose[field]?.text.trim()
    return written ? [`${written}\n`] : []
  }
  const parts: string[] = [
    `# ${cell(card.name)}, version ${card.version}`,
    ...(card.description ? [cell(card.description)] : []),
    table(
      ['', ''],
      [
        ['Rows', said(card.rows)],
        ['Groups', said(card.groups)],
        ['Licence', card.licence ? cell(card.licence) : 'nobody said'],
        [
          'Frozen',
          card.frozenAt ? `${card.frozenAt}${card.frozenBy ? `, by ${cell(card.frozenBy)}` : ''}` : 'not yet',
        ],
        ['Read up to', card.readAt ?? 'unknown'],
        ['SHA-256 of the JSON Lines', card.contentSha256 ? `\`${card.contentSha256}\`` : 'none yet'],
        ['SHA-256 over its rows', card.rowsHash ? `\`${card.rowsHash}\`` : 'none yet'],
        ['Version before it', card.parentVersion === null ? 'none' : `v${card.parentVersion}`],
      ],
    ),
    ...(card.tombstoned
      ? [
          `> ${rowsOf(card.tombstoned.erasedRows)} ${card.tombstoned.erasedRows === 1 ? 'was' : 'were'} erased on ${day(card.tombstoned.at)} and can't be read.${
            card.tombstoned.successorVersion === null
              ? ''
              : ` Version ${card.tombstoned.successorVersion} holds the rest.`
          }`,
        ]
      : []),
    '## Motivation',
    ...prose('motivation'),
    card.truth,
    ...(card.consumers.length > 0
      ? [`Declared users: ${card.consumers.map(one => `${cell(one.name)} (${one.purpose})`).join(', ')}.`]
      : ['Nobody has declared a use yet.']),
    '## Composition',
    ...prose('composition'),
    `Task: ${card.taskType}. ${rowsOf(card.rows)} in ${said(card.groups)} groups${
      card.clusters === null ? '' : `, ${said(card.clusters)} clusters of near-duplicates`
    }.`,
    table(
      ['Split', 'Rows', 'Saw a suggestion', 'Judged blind', 'By chance and uninfluenced'],
      card.splits.map(one => [
        one.split,
        said(one.rows),
        `${said(one.influenced)} (${share(one.influenced, one.rows)})`,
        `${said(one.blind)} (${share(one.blind, one.rows)})`,
        `${said(one.unbiased)} (${share(one.unbiased, one.rows)})`,
      ]),
    ),
    `Parted ${card.parted}.`,
    ...(card.cuts ? [`Validation begins ${card.cuts.validationFrom}, test ${card.cuts.testFrom}.`] : []),
    ...splitReasonLines(card),
    ...(card.languages.length > 0
      ? [`Languages: ${card.languages.map(one => `${cell(one.name)} (${said(one.rows)})`).join(', ')}.`]
      : []),
    ...card.slices.map(
      ({ slice, values }) =>
        `### By ${cell(slice)}\n\n${table(
          ['Value', 'Rows', 'Of them test'],
          values.map(one => [cell(one.name), said(one.rows), said(one.test)]),
        )}`,
    ),
    ...(card.weakSpots.length > 0
      ? [
          `Weak spots, with less than half of an even share: ${card.weakSpots
            .map(one => `${cell(one.slice)} ${cell(one.name)}, ${share(one.rows, card.rows)} of rows`)
            .join('; ')}.`,
        ]
      : []),
    '## Collection process',
    ...prose('collection'),
    ...(card.from && card.to ? [`Decided between ${card.from} and ${card.to}.`] : []),
    `${said(card.annotators)} ${card.annotators === 1 ? 'person' : 'people'} decided or answered; the one who said most is behind ${share(card.mostOfOne, card.rows)} of the rows.`,
    agreementSentence(card),
    table(
      ['What was said', 'How it was selected', 'Rows', 'Inclusion probability'],
      card.sources.map(one => [cell(one.label), cell(one.strategy), said(one.rows), probabilityWords(one)]),
    ),
    card.modelsSeen.length > 0
      ? `Models whose suggestions were seen before somebody decided: ${card.modelsSeen
          .map(one => `${cell(one.model)} ${cell(one.version)} (${rowsOf(one.rows)})`)
          .join(', ')}.`
      : 'No row was decided after a suggestion of a model was seen.',
    `Specification: ${card.specifications
      .map(one => `${one.version === null ? 'none' : `version ${one.version}`} (${rowsOf(one.rows)})`)
      .join(', ')}.`,
    `Consent: ${card.consents
      .map(
        one => `${one.version === null ? 'not asked for' : `version ${one.version}`} (${rowsOf(one.rows)})`,
      )
      .join(', ')}.`,
    '## Preprocessing, cleaning, labelling',
    'Which rows:',
    list(card.selection.map(cell)),
    'Rules:',
    list(card.rules.map(cell)),
    ...leftOutLines(card),
    personalSentence(card),
    ...checkLines(card),
    '## Uses',
    ...prosePart(card, 'goodFor'),
    ...prosePart(card, 'notFor'),
    ...(card.limits.length > 0 ? ['### Known limits', list(card.limits)] : []),
    '## Distribution',
    `Licence of the dataset: ${card.licence ? cell(card.licence) : 'nobody said'}.`,
    `Licences of its items: ${card.licences
      .map(one => `${one.name === null ? 'nobody said' : cell(one.name)} (${rowsOf(one.rows)})`)
      .join(', ')}.`,
    '## Maintenance',
    ...prose('maintenance'),
    'A frozen version never changes. What is erased becomes unreadable in it, and a successor is made without those rows.',
  ]
  return `${parts.map(part => part.trim()).join('\n\n')}\n`
}

function prosePart(card: DatasetCard, field: ProseField): string[] {
  const written = card.prose[field]?.text.trim()
  return written ? [`### ${proseWords[field].label}`, written] : []
}

function splitReasonLines(card: DatasetCard): string[] {
  const lines = card.splits.flatMap(({ split, reasons }) =>
    Object.entries(reasons).map(
      ([reason, n]) => `${split}: ${said(n)} ${splitReasonWords[reason as SplitReason] ?? cell(reason)}`,
    ),
  )
  return lines.length > 0 ? [list(lines)] : []
}

function probabilityWords(one: DatasetCard['sources'][number]): string {
  if (one.probabilityFrom === null || one.probabilityTo === null) return 'unknown'
  const known =
    one.probabilityFrom === one.probabilityTo
      ? String(one.probabilityFrom)
      : `${one.probabilityFrom} to ${one.probabilityTo}`
  return one.unknownProbability > 0 ? `${known}; unknown of ${said(one.unknownProbability)}` : known
}

/** Agreement in one sentence: with its interval, or that there is too little to tell. */
export function agreementSentence({ agreement }: Pick<DatasetCard, 'agreement'>): string {
  if (!agreement) return 'No row has two answers, so nothing is known of agreement.'
  if (agreement.n < enough || agreement.low === null || agreement.high === null)
    return `${rowsOf(agreement.n)} ${agreement.n === 1 ? 'has' : 'have'} two answers or more: too few to tell how far people agree.`
  return `Of ${rowsOf(agreement.n)} with two answers or more, ${two(agreement.value)} of the answers agree (95% interval ${two(agreement.low)} to ${two(agreement.high)}).`
}

function leftOutLines(card: DatasetCard): string[] {
  const reasons = leftOutReasons.filter(reason => (card.leftOut[reason] ?? 0) > 0)
  if (reasons.length === 0) return ['Nothing that the selection reaches was left out.']
  return [
    'Left out:',
    list(
      reasons.map((reason: LeftOutReason) => `${said(card.leftOut[reason] ?? 0)} ${leftOutWords[reason]}`),
    ),
  ]
}

function personalSentence({ personalData }: DatasetCard): string {
  const { redactedRows, kinds, detectors, foundRows } = personalData
  const found =
    foundRows === null
      ? 'Personal data was not looked for.'
      : `Personal data was found in ${rowsOf(foundRows)}.`
  if (redactedRows === 0) return found
  return `${found} It is taken out of ${rowsOf(redactedRows)}: ${kinds
    .map(one => `${cell(one.name)} (${said(one.rows)})`)
    .join(', ')}; detector ${detectors.map(cell).join(', ')}.`
}

function checkLines(card: DatasetCard): string[] {
  if (card.checks.length === 0) return ['No check ran on this version.']
  return [
    table(
      ['Check', 'Outcome', 'Number', 'Limit', 'Waived'],
      card.checks.map(one => [
        one.name,
        one.outcome === 'not-applicable' ? 'does not apply' : one.outcome,
        one.value === null ? '' : `${one.value}${one.of === null ? '' : ` of ${said(one.of)}`}`,
        one.limit === null ? '' : String(one.limit),
        one.waivedAt === null
          ? ''
          : cell(
              `by ${one.waivedBy ?? 'somebody who left'}, ${day(one.waivedAt)}${one.waiver ? `: ${one.waiver}` : ''}`,
            ),
      ]),
    ),
  ]
}
