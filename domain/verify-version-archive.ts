import { positionOf, type Split, type SplitShares, splitOf } from './dataset-split'
import { type DecisionProjection, projectDecision } from './decision'
import { aggregations, type EntryPolicy, foldEntry } from './review'
import {
  type ArchiveChecks,
  type ArchiveEvent,
  type ArchiveFile,
  type ArchiveGround,
  type ArchiveLine,
  type ArchiveManifest,
  type ArchivePerson,
  type ArchiveRow,
  type ArchiveSplit,
  type ArchiveValue,
  archiveFiles,
  archiveFormat,
  optionalFiles,
} from './version-archive'

/** The first thing that is wrong: in which file, at which row or line, and what. */
export interface ArchiveFault {
  file: string
  row: number | null
  what: string
}

/** Hashes and canonical JSON (RFC 8785), brought by whoever may ask the machine for them. */
export interface ArchiveHashing {
  sha256(text: string): string
  canonical(value: unknown): string
  /** Salt in hex. */
  salted(salt: string, value: unknown): string
}

const fault = (file: ArchiveFile | string, row: number | null, what: string): ArchiveFault => ({
  file,
  row,
  what,
})

/** Sources of a truth that no event of ours stands behind. */
const unaidedSources = ['import', 'outcome']

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

/** Whether a manifest says what an archive must say, and names exactly the files that may be there. */
export function checkManifest(manifest: ArchiveManifest): ArchiveFault | null {
  const wrong = (what: string) => fault('manifest.json', null, what)
  if (manifest?.format !== archiveFormat.name) return wrong('this is no archive of a dataset version')
  if (manifest.formatVersion !== archiveFormat.version)
    return wrong(`format ${manifest.formatVersion} is not known here; take a newer Amend to verify it`)
  const { version, dataset, files } = manifest
  if (!version || !dataset || !Array.isArray(files) || !version.definition || !version.counts)
    return wrong('it lacks the dataset, the version or the list of files')
  if (!isHash(version.rowsHash) || !isHash(version.contentSha256))
    return wrong('it lacks the hashes of the version')
  const named = files.map(one => one?.name)
  const missing = archiveFiles.slice(1).find(name => !named.includes(name) && !optionalFiles.includes(name))
  if (missing) return wrong(`it does not name ${missing}`)
  const strange = named.find(
    (name, at) => !archiveFiles.slice(1).includes(name as ArchiveFile) || named.indexOf(name) !== at,
  )
  if (strange !== undefined) return wrong(`it names ${JSON.stringify(strange)}, which does not belong there`)
  if (files.some(one => !isHash(one.sha256) || !Number.isSafeInteger(one.bytes) || one.bytes < 0))
    return wrong('a file has no hash or no length')
  return null
}

/** SHA-256 over a row as the version hashed it. */
export function archiveRowHash(row: ArchiveRow, { sha256, canonical }: ArchiveHashing): string {
  const { number, itemId, itemContentId, inputHash, groupKey, split, values, facts, exposureId, entryId } =
    row
  const { rejected, clusterKey } = row
  return sha256(
    canonical({
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
      ...(rejected.length > 0 ? { rejected } : {}),
      ...(clusterKey === null ? {} : { clusterKey }),
    }),
  )
}

/** Everything that a row's line must repeat of the row, without the words. */
function skeletonOf(row: ArchiveRow, lineFormat: number): Record<string, unknown> {
  const { facts } = row
  const value = ({ origin, candidateId, verdict }: ArchiveValue) => ({
    origin,
    candidate_id: candidateId,
    verdict,
  })
  return {
    number: row.number,
    split: row.split,
    item_id: row.itemId,
    group_key: row.groupKey,
    values: row.values.map(value),
    suggestions: facts.suggestions.map(one => ({
      candidate_id: one.candidateId,
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
    ...(lineFormat < 2
      ? {}
      : {
          cluster: row.clusterKey,
          split_reason: facts.splitReason ?? null,
          rejected: row.rejected.map(value),
          kept_probability: facts.keptProbability ?? 1,
          licence: facts.licence ?? null,
          slices: facts.slices ?? {},
          redacted: facts.redacted?.kinds ?? [],
        }),
  }
}

const listOf = (value: unknown) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : [])

/** The field of a line that does not say what its row says, if any. */
function strayField(line: ArchiveLine, row: ArchiveRow, lineFormat: number, { canonical }: ArchiveHashing) {
  const expected = skeletonOf(row, lineFormat)
  const wordless = (value: unknown) => listOf(value).map(({ value: _, ...one }) => one)
  const told: Record<string, unknown> = {
    ...line,
    values: wordless(line.values),
    suggestions: wordless(line.suggestions),
    ...(lineFormat < 2 ? {} : { rejected: wordless(line.rejected) }),
  }
  const words = ['erased', 'external_id', 'group_id', 'input']
  const names = new Set(
    [...Object.keys(expected), ...Object.keys(told)].filter(name => !words.includes(name)),
  )
  return [...names].find(name => canonical(told[name] ?? null) !== canonical(expected[name] ?? null)) ?? null
}

/** What of a row is looked at together. */
export interface RowEvidence {
  line: ArchiveLine
  row: ArchiveRow
  grounds: readonly ArchiveGround[]
  events: readonly ArchiveEvent[]
}

interface Tally {
  rows: number
  erased: number
  unhashed: number
  imported: number
  splits: Record<Split, number>
  influenced: Record<Split, number>
  labels: Map<string, number>
  people: Map<string, number>
  unknownInclusion: number
}

/**
 * Goes through an archive row by row and names the first thing that does not fit: a value and its hash, the log and what
 * the row claims of it, consent, splits; at the end what was counted. Keeps a little of each group and cluster, no rows.
 */
export class VersionArchiveCheck {
  private readonly tally: Tally = {
    rows: 0,
    erased: 0,
    unhashed: 0,
    imported: 0,
    splits: { train: 0, validation: 0, test: 0 },
    influenced: { train: 0, validation: 0, test: 0 },
    labels: new Map(),
    people: new Map(),
    unknownInclusion: 0,
  }
  private readonly people = new Map<string, ArchivePerson>()
  private readonly groups = new Map<string, ArchiveSplit & { seen: boolean }>()
  private readonly clusters = new Map<string, Split>()

  constructor(
    private readonly manifest: ArchiveManifest,
    private readonly hashing: ArchiveHashing,
  ) {}

  person(one: ArchivePerson): ArchiveFault | null {
    if (this.people.has(one.pseudonym))
      return fault('people.jsonl', null, `${one.pseudonym} stands there twice`)
    this.people.set(one.pseudonym, one)
    return null
  }

  group(one: ArchiveSplit): ArchiveFault | null {
    const wrong = (what: string) => fault('splits.jsonl', null, `group ${one.groupKey.slice(0, 12)}… ${what}`)
    if (this.groups.has(one.groupKey)) return wrong('stands there twice')
    if (one.splits.length !== 1 && this.rules.splitBy !== 'time')
      return wrong(`is in ${one.splits.join(' and ')}`)
    if (!one.first) return wrong('is in no ledger: nobody knows where it was first')
    // Where time alone parts, rows of one group may lie on both sides in the version that places it.
    const here =
      this.rules.splitBy === 'time' &&
      one.first.dataset === this.manifest.dataset.slug &&
      one.first.version === this.manifest.version.number
    if (here) {
      this.groups.set(one.groupKey, { ...one, seen: false })
      return null
    }
    if (one.first.split === 'test' && one.splits.some(split => split !== 'test'))
      return wrong(
        `was test in ${one.first.dataset} version ${one.first.version} and is ${one.splits.join(', ')} here`,
      )
    if (one.first.split !== 'test' && one.splits.includes('test'))
      return wrong(
        `was ${one.first.split} in ${one.first.dataset} version ${one.first.version} and is test here`,
      )
    this.groups.set(one.groupKey, { ...one, seen: false })
    return null
  }

  private get rules() {
    return (this.manifest.version.definition.rules ?? {}) as {
      shares?: SplitShares
      splitBy?: string
      clusters?: boolean
    }
  }

  row(evidence: RowEvidence): ArchiveFault | null {
    const { line, row } = evidence
    const { lineFormat } = this.manifest.version
    const inData = (what: string) => fault('data.jsonl', row.number, what)
    if (line.number !== row.number) return inData(`the line is of row ${line.number}`)
    const stray = strayField(line, row, lineFormat, this.hashing)
    if (stray) return inData(`its ${stray} is not what rows.jsonl says of it`)
    const found =
      this.checkWords(evidence) ??
      this.checkGround(evidence) ??
      this.checkConsent(row) ??
      this.checkSplit(row)
    if (!found) this.count(evidence)
    return found
  }

  private checkWords({ line, row }: RowEvidence): ArchiveFault | null {
    const { salted, sha256 } = this.hashing
    const wrong = (what: string) => fault('data.jsonl', row.number, what)
    const wanted = [
      row.itemContentId,
      row.facts.suggestionContentId,
      ...[...row.values, ...row.rejected].map(value => value.contentId),
    ].filter(id => id !== null)
    const readable = wanted.every(id => row.salts[id] !== undefined)
    if (line.erased) {
      if (readable) return wrong('it is said to be erased, and rows.jsonl holds the salts of its words')
      if (!this.manifest.tombstoned && this.manifest.overtaken?.reason !== 'erased')
        return wrong('it is erased, and the manifest does not say that anything was')
      const left =
        line.input !== null ||
        [...listOf(line.values), ...listOf(line.rejected)].some(one => one.value !== null)
      return left ? wrong('it is said to be erased, and words of it are there') : null
    }
    const without = wanted.find(id => row.salts[id] === undefined)
    if (without) return fault('rows.jsonl', row.number, `the salt of content ${without} is missing`)
    const group = typeof line.group_id === 'string' ? `group ${line.group_id}` : `item ${row.itemId}`
    if (sha256(`${this.manifest.projectId}\n${group}`) !== row.groupKey)
      return wrong('its group is not the one that its group key was made of')
    if (isRedacted(row)) this.tally.unhashed++
    if (
      row.input === 'as-brought' &&
      salted(row.salts[row.itemContentId] ?? '', line.input) !== row.inputHash
    )
      return wrong('its input is not the text that was hashed when it was brought')
    const kinds: [string, unknown, readonly { contentId: string | null; hash: string }[]][] = [
      ['value', line.values, row.values],
      ['rejected value', line.rejected, row.rejected],
      [
        'suggestion',
        line.suggestions,
        row.facts.suggestions.map(({ hash }) => ({ hash, contentId: row.facts.suggestionContentId })),
      ],
    ]
    for (const [kind, told, stored] of kinds)
      for (const [at, { contentId, hash }] of stored.entries())
        if (salted(row.salts[contentId ?? ''] ?? '', listOf(told)[at]?.value) !== hash)
          return wrong(`${kind} ${at + 1} is not the text that was hashed when it was recorded`)
    return null
  }

  private checkGround({ row, grounds, events }: RowEvidence): ArchiveFault | null {
    const { exposureId, entryId, facts } = row
    if (exposureId === null && entryId === null) {
      if (unaidedSources.includes(facts.source ?? '')) return null
      return fault('rows.jsonl', row.number, 'it rests on no decision and on no review')
    }
    const id = exposureId ?? entryId ?? ''
    const ground = grounds.find(one => one.id === id)
    const kind = exposureId === null ? 'entry' : 'exposure'
    if (ground?.kind !== kind)
      return fault('exposures.jsonl', row.number, `the ${kind} that it rests on is not there`)
    if (ground.itemId !== row.itemId)
      return fault('exposures.jsonl', row.number, `the ${kind} that it rests on is about another item`)
    const log = events.filter(event => event.on === id)
    return ground.kind === 'exposure'
      ? this.checkDecision(row, ground, log)
      : this.checkReview(row, ground, log)
  }

  private checkDecision(
    row: ArchiveRow,
    exposure: ArchiveGround & { kind: 'exposure' },
    log: readonly ArchiveEvent[],
  ): ArchiveFault | null {
    const { facts } = row
    const wrong = (what: string) => fault('events.jsonl', row.number, what)
    const feedback = log.filter(event => event.of === 'feedback')
    const claimed = facts.eventIds[0] ?? ''
    if (!feedback.some(event => event.id === claimed))
      return wrong(`event ${claimed}, its ground, is not there`)
    const decision = projectDecision(feedback, exposure.shown)
    if (decision.standing.get(claimed) === 'undone')
      return wrong(`event ${claimed}, its ground, had been taken back when the version was frozen`)
    if (decision.eventId !== claimed || (facts.state !== null && decision.state !== facts.state))
      return wrong(
        `replaying the events gives ${toldOf(decision)}; the row claims ${facts.state ?? 'another'}`,
      )
    if (decision.decidedAtMicros !== microsOf(facts.decidedAt))
      return wrong('its decision was made at another moment than the row claims')
    const influenced = (exposure.shown && !exposure.blind) || decision.revealed
    if (facts.modelInfluenced !== influenced || facts.blind !== exposure.blind)
      return fault(
        'exposures.jsonl',
        row.number,
        'whether a suggestion could be seen is not what the row claims',
      )
    if (!facts.annotators.includes(exposure.by))
      return fault('exposures.jsonl', row.number, 'it was made for somebody whom the row does not name')
    // What was taken out of a text is not what the log recorded: only its own hash tells of it.
    if (isRedacted(row)) return null
    const candidates = new Map(exposure.candidates.map(one => [one.id, one]))
    for (const one of exposure.shown ? facts.suggestions : []) {
      const shown = candidates.get(one.candidateId)
      if (shown?.valueHash !== one.hash || shown.rank !== one.rank || shown.propensity !== one.propensity)
        return fault('exposures.jsonl', row.number, `suggestion ${one.rank} is not the one that was shown`)
    }
    return this.checkKept(
      row,
      exposure,
      decision,
      feedback.find(event => event.id === claimed)?.afterHash ?? null,
    )
  }

  /** The value against what the log recorded of it. */
  private checkKept(
    row: ArchiveRow,
    exposure: ArchiveGround & { kind: 'exposure' },
    decision: DecisionProjection,
    writtenHash: string | null,
  ): ArchiveFault | null {
    const wrong = (what: string) => fault('rows.jsonl', row.number, what)
    const hashOf = (candidateId: string | null) =>
      exposure.candidates.find(one => one.id === candidateId)?.valueHash
    for (const value of [...row.values, ...row.rejected])
      if (value.origin === 'suggestion' && hashOf(value.candidateId) !== value.hash)
        return wrong('a value that was suggested is not among what was shown')
    const [kept] = row.values
    if (decision.state === 'accepted' && kept?.candidateId !== decision.candidateId)
      return wrong('its value is not the suggestion that was accepted')
    if (decision.afterContentId !== null && kept?.origin === 'written')
      if (kept.contentId !== decision.afterContentId || kept.hash !== writtenHash)
        return wrong('its value is not the text that was recorded with its event')
    return null
  }

  private checkReview(
    row: ArchiveRow,
    entry: ArchiveGround & { kind: 'entry' },
    log: readonly ArchiveEvent[],
  ): ArchiveFault | null {
    const { facts } = row
    const wrong = (what: string) => fault('events.jsonl', row.number, what)
    const review = log.flatMap(event =>
      event.of === 'review' ? [{ ...event, actorId: event.by ?? '' }] : [],
    )
    const missing = facts.answerEventIds.find(id => !review.some(event => event.id === id))
    if (missing) return wrong(`answer ${missing}, a ground of it, is not there`)
    // With as many answers as it rests on: how many its queue asks for may have changed since.
    const fold = (aggregation: EntryPolicy['aggregation']) =>
      foldEntry(review, {
        kind: 'review',
        overlap: facts.answerEventIds.length,
        aggregation,
        agreementFloor: null,
      })
    const folded = fold('majority')
    const undone = facts.answerEventIds.find(id => folded.acts.get(id)?.standing !== 'active')
    if (undone)
      return wrong(`answer ${undone}, a ground of it, had been taken back when the version was frozen`)
    const aside = facts.answerEventIds.find(id => folded.setAside.includes(id))
    if (aside) return wrong(`answer ${aside}, a ground of it, had been sent back when the version was frozen`)
    if (facts.strategy !== entry.strategy || facts.inclusionProbability !== entry.inclusionProbability)
      return fault('exposures.jsonl', row.number, 'how its item was selected is not what the row claims')
    if (this.manifest.version.definition.target !== 'resolution') return null
    const same = aggregations.some(aggregation => {
      const { resolution } = aggregation === 'majority' ? folded : fold(aggregation)
      return (
        resolution !== null &&
        resolution.source === facts.source &&
        sameSet(resolution.answerEventIds, facts.answerEventIds) &&
        resolution.agreement === facts.agreement &&
        resolution.resolvedMicros === microsOf(facts.decidedAt) &&
        sameSet(
          resolution.values.map(value =>
            value.origin === 'written'
              ? `${value.contentId} ${value.index}`
              : `${value.candidateId} ${value.verdict}`,
          ),
          row.values.map(value =>
            value.origin === 'written'
              ? `${value.contentId} ${value.index}`
              : `${value.candidateId} ${value.verdict}`,
          ),
        )
      )
    })
    return same ? null : wrong('replaying the answers gives another resolution than the row claims')
  }

  private checkConsent(row: ArchiveRow): ArchiveFault | null {
    // Whoever spoke in an imported file is known there, and not here; what came of an item nobody said.
    if (unaidedSources.includes(row.facts.source ?? '')) return null
    for (const pseudonym of row.facts.annotators) {
      const person = this.people.get(pseudonym)
      if (!person)
        return fault('people.jsonl', row.number, `${pseudonym} is not there, and said what the row holds`)
      if (!person.trainingAllowed)
        return fault(
          'people.jsonl',
          row.number,
          `${pseudonym} had opted out of training when the version was frozen`,
        )
    }
    return null
  }

  private checkSplit(row: ArchiveRow): ArchiveFault | null {
    const wrong = (what: string) => fault('rows.jsonl', row.number, what)
    const { shares, clusters } = this.rules
    const group = this.groups.get(row.groupKey)
    if (!group) return fault('splits.jsonl', row.number, 'its group is not there')
    group.seen = true
    if (!group.splits.includes(row.split))
      return wrong(`it is ${row.split}, and its group is ${group.splits.join(', ')}`)
    if (row.clusterKey !== null && clusters !== false) {
      const other = this.clusters.get(row.clusterKey)
      if (other !== undefined && other !== row.split)
        return wrong(`it is ${row.split}, and a near-duplicate of it is ${other}`)
      this.clusters.set(row.clusterKey, row.split)
    }
    const { splitReason, decidedAt } = row.facts
    if (splitReason === 'hash' && shares && splitOf(positionOf(row.groupKey), shares, null) !== row.split)
      return wrong(`it is ${row.split}, and the hash of its group says otherwise`)
    const cuts = this.manifest.version.counts.cuts as { validationFrom: string; testFrom: string } | undefined
    if (splitReason === 'time' && cuts) {
      const at = microsOf(decidedAt)
      const due =
        at >= microsOf(cuts.testFrom) ? 'test' : at >= microsOf(cuts.validationFrom) ? 'validation' : 'train'
      if (due !== row.split) return wrong(`it is ${row.split}, and by its time it would be ${due}`)
    }
    return null
  }

  private count({ line, row }: RowEvidence): void {
    const { tally } = this
    const { split, facts } = row
    tally.rows++
    if (line.erased) tally.erased++
    if (unaidedSources.includes(facts.source ?? '')) tally.imported++
    tally.splits[split]++
    if (facts.modelInfluenced) tally.influenced[split]++
    if (facts.inclusionProbability === null) tally.unknownInclusion++
    const label = facts.state ?? facts.source ?? ''
    tally.labels.set(label, (tally.labels.get(label) ?? 0) + 1)
    for (const pseudonym of facts.annotators)
      tally.people.set(pseudonym, (tally.people.get(pseudonym) ?? 0) + 1)
  }

  /** What only all rows together tell, and what is said of the whole when nothing is wrong. */
  end(checks: ArchiveChecks): ArchiveFault | { notes: string[] } {
    const { tally, manifest, hashing } = this
    const unused = [...this.groups.values()].find(group => !group.seen)
    if (unused) return fault('splits.jsonl', null, `group ${unused.groupKey.slice(0, 12)}… has no row`)
    const counted: Record<string, unknown> = {
      rows: tally.rows,
      groups: this.groups.size,
      splits: tally.splits,
      states: Object.fromEntries(tally.labels),
      influenced: tally.influenced,
    }
    for (const [name, value] of Object.entries(counted))
      if (hashing.canonical(manifest.version.counts[name]) !== hashing.canonical(value))
        return fault('manifest.json', null, `it counts ${name} otherwise than the rows do`)
    return this.recount(checks) ?? { notes: this.notes(checks) }
  }

  /** Checks that can be counted again from the rows alone. */
  private recount({ checks }: ArchiveChecks): ArchiveFault | null {
    const { tally } = this
    const train = tally.splits.train
    const again: Record<string, number | null> = {
      'inclusion-probability': tally.unknownInclusion,
      influenced: train === 0 ? null : tally.influenced.train / train,
    }
    for (const { name, level, outcome, value, limit, waived } of checks) {
      if (outcome === 'found' && level === 'blocking' && !waived)
        return fault('checks.json', null, `${name} is blocking, found something, and nobody waived it`)
      if (outcome === 'passed' && value !== null && limit !== null && value > limit)
        return fault(
          'checks.json',
          null,
          `${name} is said to have passed with ${value}, over its limit of ${limit}`,
        )
      const counted = again[name]
      if (outcome !== 'not-applicable' && counted !== undefined && counted !== null && value !== null)
        if (Math.abs(counted - value) > 1e-9)
          return fault('checks.json', null, `${name} says ${value}, and the rows say ${counted}`)
    }
    return null
  }

  private notes({ checks }: ArchiveChecks): string[] {
    const { overtaken, tombstoned, version } = this.manifest
    const { erased, unhashed, imported } = this.tally
    const notes: string[] = []
    if (tombstoned)
      notes.push(
        `Version ${version.number} is tombstoned since ${tombstoned.at}: rows of it were erased. ${tombstoned.successor === null ? 'Its successor is not made yet' : `Version ${tombstoned.successor} is its successor`}.`,
      )
    if (overtaken && !(tombstoned && overtaken.reason === 'erased'))
      notes.push(`Version ${version.number} was overtaken on ${overtaken.at}: ${overtaken.reason}.`)
    if (erased > 0)
      notes.push(
        `${erased} of ${version.rows} rows were erased; of those only the skeleton is there, and the hash of the content as frozen can't be made again.`,
      )
    if (unhashed > 0)
      notes.push(
        `${unhashed} rows were redacted: what stands there can't be held against what the log recorded.`,
      )
    if (imported > 0)
      notes.push(
        `${imported} values were brought by a file or came true: there is no event of ours behind them.`,
      )
    const waived = checks.filter(check => check.waived).map(check => check.name)
    if (waived.length > 0) notes.push(`Waived when it was frozen: ${waived.join(', ')}.`)
    return notes
  }

  /** How many rows can't be read any more. */
  get erasedRows(): number {
    return this.tally.erased
  }
}

const isRedacted = (row: ArchiveRow) => (row.facts.redacted?.kinds.length ?? 0) > 0

const toldOf = (decision: DecisionProjection) =>
  decision.eventId === null ? 'no decision' : `${decision.state} by event ${decision.eventId}`

const sameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.toSorted().join('\n') === b.toSorted().join('\n')

/** Microseconds since the epoch of a UTC text with up to six digits of a second. */
function microsOf(utc: string): number {
  const [, whole = '', digits = ''] = /^([^.Z]+)(?:\.(\d{1,6}))?Z?/.exec(utc) ?? []
  return Date.parse(`${whole}Z`) * 1000 + Number(digits.padEnd(6, '0'))
}
