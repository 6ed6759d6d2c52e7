import {
  type Split,
  type SplitReason,
  type SplitShares,
  splitOf,
  splitReasons,
  splits,
} from './dataset-split'
import type { LeftOutReason } from './dataset-words'

/**
 * What placing knows of the rows of a version, column by column, so that a million of them fit: rows in the order of
 * when they were decided, groups by number.
 */
export interface PlaceFacts {
  rows: number
  /** Group of each row, from 0. */
  group: Int32Array
  /** Cluster of near-duplicates of each row, from 0; -1 where it has none. */
  cluster: Int32Array
  /** When each was decided, in microseconds, never descending. */
  decided: Float64Array
  /** 1 where the author could see a suggestion. */
  influenced: Uint8Array
  /** 1 where it is fit to measure: chance selected it, and no suggestion had a part in it. */
  unbiased: Uint8Array
  /** Authors of row `n`: `people[peopleFrom[n]]` up to `people[peopleFrom[n + 1]]`, exclusive. */
  peopleFrom: Int32Array
  people: Int32Array
  /** Class by which train is balanced, from 0; -1 where the row has none. */
  kind: Int32Array
  /** Where a hash of its key puts each row: what thinning goes by, never chance. */
  draw: Uint32Array
  groups: {
    /** Between 0 and 1, by key. */
    position: Float64Array
    /** Another number drawn from the key: the lowest of a component speaks for it. */
    rank: Float64Array
    /** Index in `splits` of what the first frozen version gave it; -1 where none holds it. */
    first: Int8Array
  }
}

export interface PlaceRules {
  shares: SplitShares
  splitBy: 'group' | 'time' | 'both'
  /** First moments of validation and test in microseconds; what is null the shares say. */
  cuts: { validationFrom: number | null; testFrom: number | null }
  testRows: 'any' | 'unbiased-if-any' | 'unbiased'
  clusters: boolean
  perPersonAtMost: number | null
  influencedAtMost: number | null
  /** No class has more than so many times the rows of the rarest one in train. */
  balanceAtMostTimes: number | null
}

/** Why a row stands where it stands: its split's reason, or why it is left out. */
export const placeReasons = [
  ...splitReasons,
  'near-test',
  'across-time',
  'not-blind',
  'over-cap',
  'balance',
  'influenced',
] as const satisfies readonly (SplitReason | LeftOutReason)[]
export type PlaceReason = (typeof placeReasons)[number]

export interface Places {
  /** Index in `splits`; -1 where the row is left out. */
  split: Int8Array
  /** Index in `placeReasons`. */
  reason: Uint8Array
  /** How likely a rule that thins rows out kept it; 1 where none did. */
  kept: Float64Array
  /** Where time parts the splits, in microseconds. */
  cuts: { validationFrom: number; testFrom: number } | null
  /** Whether only rows fit to measure may be test. */
  unbiasedOnly: boolean
}

/** Later than anything: where no row is to be test by time. */
export const neverMicros = Date.UTC(9999, 11, 31) * 1000

const [train, validation, test] = [0, 1, 2] as const
const leftOut = -1
const reasonAt = Object.fromEntries(placeReasons.map((reason, at) => [reason, at])) as Record<
  PlaceReason,
  number
>
const indexOf = (split: Split) => splits.indexOf(split)
/** Between two of these the caller may let others work. */
const rowsPerStep = 20_000

/**
 * Gives each row its split, or the reason why it is in none.
 *
 * What is parted are components: groups that near-duplicates join. A group that was test stays test for ever, one that
 * somebody may have learned from never becomes test, and where both lie in one component the learned ones are left out.
 * Where time parts the splits, a row is never put into another split than that of its time: what would have to be is
 * left out; of a component that lies on both sides of a border the later side stays. Then train (and for people
 * validation too) is thinned by hash. Test never is.
 *
 * Yields now and then, so that whoever runs it can let others work; returns the places.
 */
export function* placeRows(facts: PlaceFacts, rules: PlaceRules): Generator<void, Places> {
  const places: Places = {
    split: new Int8Array(facts.rows).fill(leftOut),
    reason: new Uint8Array(facts.rows),
    kept: new Float64Array(facts.rows).fill(1),
    cuts: rules.splitBy === 'group' ? null : cutsOf(facts, rules),
    unbiasedOnly: false,
  }
  const parts = yield* componentsOf(facts, rules.clusters)
  if (places.cuts) yield* placeByTime(facts, rules, parts, places, places.cuts)
  else yield* placeByGroup(facts, rules, parts, places)
  yield* thin(facts, rules, places)
  return places
}

/** Runs a placing to its end in one go: for as many rows as nobody waits for. */
export function finish<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

interface Components {
  /** Component of each group: the number of one of its groups. */
  of: Int32Array
  /** By component: the group that speaks for it, how many groups it has, and what they were before. */
  speaker: Int32Array
  size: Int32Array
  wasTest: Uint8Array
  /** 0, or one more than the index of the split that it was learned in; train comes before validation. */
  learned: Uint8Array
}

function* componentsOf(facts: PlaceFacts, clusters: boolean): Generator<void, Components> {
  const { position, rank, first } = facts.groups
  const count = position.length
  const of = Int32Array.from({ length: count }, (_, at) => at)
  const rootOf = (group: number) => {
    let root = group
    while (of[root] !== root) {
      of[root] = of[of[root] as number] as number
      root = of[root] as number
    }
    return root
  }
  if (clusters) {
    const met = new Map<number, number>()
    for (let row = 0; row < facts.rows; row++) {
      if (row % rowsPerStep === 0) yield
      const cluster = facts.cluster[row] as number
      if (cluster < 0) continue
      const group = facts.group[row] as number
      const other = met.get(cluster)
      if (other === undefined) met.set(cluster, group)
      else of[Math.max(rootOf(group), rootOf(other))] = Math.min(rootOf(group), rootOf(other))
    }
  }
  const parts: Components = {
    of,
    speaker: new Int32Array(count).fill(-1),
    size: new Int32Array(count),
    wasTest: new Uint8Array(count),
    learned: new Uint8Array(count),
  }
  for (let group = 0; group < count; group++) {
    if (group % rowsPerStep === 0) yield
    const root = rootOf(group)
    of[group] = root
    const speaker = parts.speaker[root] as number
    if (speaker < 0 || (rank[group] as number) < (rank[speaker] as number)) parts.speaker[root] = group
    parts.size[root] = (parts.size[root] as number) + 1
    const was = first[group] as number
    if (was === test) parts.wasTest[root] = 1
    else if (was >= 0 && parts.learned[root] !== train + 1) parts.learned[root] = was + 1
  }
  return parts
}

interface Placing {
  put(row: number, split: number, reason: PlaceReason): void
  leave(row: number, reason: PlaceReason): void
}

const placing = ({ split, reason }: Places): Placing => ({
  put(row, where, why) {
    split[row] = where
    reason[row] = reasonAt[why]
  },
  leave(row, why) {
    split[row] = leftOut
    reason[row] = reasonAt[why]
  },
})

const isLearned = (facts: PlaceFacts, group: number) => {
  const first = facts.groups.first[group] as number
  return first === train || first === validation
}

/** Whether only rows fit to measure may be test, and by component whether it has one in test position. */
function* measuring(
  facts: PlaceFacts,
  { testRows }: PlaceRules,
  parts: Components,
  inTestPosition: (row: number) => boolean,
): Generator<void, { only: boolean; fit: Uint8Array }> {
  const fit = new Uint8Array(parts.of.length)
  let any = false
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    if (facts.unbiased[row] !== 1 || !inTestPosition(row)) continue
    any = true
    fit[parts.of[facts.group[row] as number] as number] = 1
  }
  return { only: testRows === 'unbiased' || (testRows === 'unbiased-if-any' && any), fit }
}

function* placeByGroup(
  facts: PlaceFacts,
  rules: PlaceRules,
  parts: Components,
  places: Places,
): Generator<void, void> {
  const { position, first } = facts.groups
  const natural = (group: number) =>
    indexOf(
      splitOf(position[parts.speaker[parts.of[group] as number] as number] as number, rules.shares, null),
    )
  const inTestPosition = (row: number) => {
    const group = facts.group[row] as number
    const part = parts.of[group] as number
    if (parts.wasTest[part] === 1) return !isLearned(facts, group)
    return parts.learned[part] === 0 && natural(group) === test
  }
  const { only, fit } = yield* measuring(facts, rules, parts, inTestPosition)
  places.unbiasedOnly = only
  const { put, leave } = placing(places)
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    const group = facts.group[row] as number
    const part = parts.of[group] as number
    const wasTest = parts.wasTest[part] === 1
    const learnedIn = (parts.learned[part] as number) - 1
    if (wasTest && isLearned(facts, group)) {
      leave(row, 'near-test')
      continue
    }
    const byPlace = natural(group)
    let split: number = byPlace
    if (wasTest) split = test
    else if (byPlace === test && learnedIn >= 0) split = learnedIn
    if (split === test && only) {
      if (fit[part] === 0 && !wasTest) {
        put(row, train, 'not-unbiased')
        continue
      }
      if (facts.unbiased[row] !== 1) {
        leave(row, 'not-blind')
        continue
      }
    }
    const own = indexOf(splitOf(position[group] as number, rules.shares, null))
    if (own === split) put(row, split, 'hash')
    else if (byPlace === split) put(row, split, 'cluster')
    else if (split === test) put(row, split, first[group] === test ? 'was-test' : 'cluster')
    else put(row, split, 'was-trained-on')
  }
}

/** Where time parts the splits: what is said, else what the shares make of the rows that are there. */
function cutsOf({ rows, decided }: PlaceFacts, { cuts, shares }: PlaceRules) {
  const at = (share: number) => {
    const row = Math.round(share * rows)
    return row < rows ? (decided[row] as number) : neverMicros
  }
  const testFrom = cuts.testFrom ?? (shares.test === 0 ? neverMicros : at(shares.train + shares.validation))
  const validationFrom = cuts.validationFrom ?? (shares.validation === 0 ? testFrom : at(shares.train))
  return { validationFrom: Math.min(validationFrom, testFrom), testFrom }
}

function* placeByTime(
  facts: PlaceFacts,
  rules: PlaceRules,
  parts: Components,
  places: Places,
  cuts: { validationFrom: number; testFrom: number },
): Generator<void, void> {
  const zoneOf = (row: number) => {
    const decided = facts.decided[row] as number
    return decided < cuts.validationFrom ? train : decided < cuts.testFrom ? validation : test
  }
  const partOf = (row: number) => parts.of[facts.group[row] as number] as number
  const inTestPosition = (row: number) =>
    zoneOf(row) === test &&
    (parts.wasTest[partOf(row)] === 1
      ? !isLearned(facts, facts.group[row] as number)
      : parts.learned[partOf(row)] === 0)
  const { only, fit } = yield* measuring(facts, rules, parts, inTestPosition)
  places.unbiasedOnly = only
  /** By component: one more than the latest split that its rows reach; 0 where none does. */
  const reach = new Uint8Array(parts.of.length)
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    const part = partOf(row)
    const zone = zoneOf(row)
    if (zone === test && (!inTestPosition(row) || (only && fit[part] === 0))) continue
    reach[part] = Math.max(reach[part] as number, zone + 1)
  }
  const { put, leave } = placing(places)
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    const group = facts.group[row] as number
    const part = parts.of[group] as number
    const zone = zoneOf(row)
    const last = (reach[part] as number) - 1
    const wasTest = parts.wasTest[part] === 1
    if (wasTest && isLearned(facts, group)) leave(row, 'near-test')
    else if (zone === test) {
      if (!inTestPosition(row)) leave(row, 'across-time')
      else if (only && facts.unbiased[row] !== 1) leave(row, 'not-blind')
      else put(row, test, 'time')
    } else if (wasTest || last === test) leave(row, 'across-time')
    else if (zone < last && (rules.splitBy === 'both' || (parts.size[part] as number) > 1))
      leave(row, 'across-time')
    else put(row, zone, 'time')
  }
}

/** Another number from the same draw, so that what one rule kept says nothing of what the next one keeps. */
function mixed(draw: number, rule: number): number {
  let x = (draw ^ Math.imul(rule, 0x9e3779b1)) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

interface Cutoff {
  draw: number
  row: number
}

const bucketBits = 16

/** The last of the `most` of these rows that stand lowest by their mixed draws. */
function* cutoffOf(
  rows: readonly number[],
  draws: Uint32Array,
  rule: number,
  most: number,
): Generator<void, Cutoff> {
  if (most === 0) return { draw: -1, row: -1 }
  const buckets = new Uint32Array(1 << bucketBits)
  const drawOf = (at: number) => mixed(draws[rows[at] as number] as number, rule)
  for (let at = 0; at < rows.length; at++) {
    if (at % rowsPerStep === 0) yield
    const bucket = drawOf(at) >>> (32 - bucketBits)
    buckets[bucket] = (buckets[bucket] as number) + 1
  }
  let bucket = 0
  let before = 0
  while (before + (buckets[bucket] as number) < most) before += buckets[bucket++] as number
  const inside: Cutoff[] = []
  for (let at = 0; at < rows.length; at++) {
    if (at % rowsPerStep === 0) yield
    const draw = drawOf(at)
    if (draw >>> (32 - bucketBits) === bucket) inside.push({ draw, row: rows[at] as number })
  }
  inside.sort((a, b) => a.draw - b.draw || a.row - b.row)
  return inside[most - before - 1] as Cutoff
}

const isKept = (draw: number, row: number, cut: Cutoff) =>
  draw < cut.draw || (draw === cut.draw && row <= cut.row)

function* thin(facts: PlaceFacts, rules: PlaceRules, places: Places): Generator<void, void> {
  if (rules.perPersonAtMost !== null) yield* capPeople(facts, rules.perPersonAtMost, places)
  // What one of them takes away may break what the other one holds, so they take turns until both hold.
  for (let turn = 0; ; turn += 2) {
    let taken = 0
    if (rules.balanceAtMostTimes !== null)
      taken += yield* balance(facts, rules.balanceAtMostTimes, places, turn + 2)
    if (rules.influencedAtMost !== null)
      taken += yield* limitInfluenced(facts, rules.influencedAtMost, places, turn + 3)
    if (taken === 0) return
  }
}

/** Of each person at most so many rows outside of test. A row of several people needs the room of all of them. */
function* capPeople(facts: PlaceFacts, most: number, places: Places): Generator<void, void> {
  const { peopleFrom, people, draw } = facts
  const counts = new Map<number, number>()
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    const split = places.split[row] as number
    if (split === leftOut || split === test) continue
    for (let at = peopleFrom[row] as number; at < (peopleFrom[row + 1] as number); at++)
      counts.set(people[at] as number, (counts.get(people[at] as number) ?? 0) + 1)
  }
  const over = [...counts].filter(([, count]) => count > most)
  if (over.length === 0) return
  // Rows of those alone, each person's beside another, so that each is looked at once.
  const rowsOf = new Map<number, number[]>(over.map(([person]) => [person, []]))
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    const split = places.split[row] as number
    if (split === leftOut || split === test) continue
    for (let at = peopleFrom[row] as number; at < (peopleFrom[row + 1] as number); at++)
      rowsOf.get(people[at] as number)?.push(row)
  }
  const { leave } = placing(places)
  const dropped: number[] = []
  for (const [person, count] of over) {
    const own = rowsOf.get(person) ?? []
    const cut = yield* cutoffOf(own, draw, 1, most)
    for (let at = 0; at < own.length; at++) {
      if (at % rowsPerStep === 0) yield
      const row = own[at] as number
      if (!isKept(mixed(draw[row] as number, 1), row, cut)) dropped.push(row)
      else places.kept[row] = Math.min(places.kept[row] as number, most / count)
    }
  }
  for (const row of dropped) leave(row, 'over-cap')
}

/** Leaves out what these rows of train have beyond `most`; says how many that were. */
function* thinRows(
  { draw }: PlaceFacts,
  places: Places,
  rows: readonly number[],
  { rule, most, reason }: { rule: number; most: number; reason: PlaceReason },
): Generator<void, number> {
  const { leave } = placing(places)
  const cut = yield* cutoffOf(rows, draw, rule, most)
  for (let at = 0; at < rows.length; at++) {
    if (at % rowsPerStep === 0) yield
    const row = rows[at] as number
    if (isKept(mixed(draw[row] as number, rule), row, cut))
      places.kept[row] = (places.kept[row] as number) * (most / rows.length)
    else leave(row, reason)
  }
  return rows.length - most
}

function* balance(facts: PlaceFacts, times: number, places: Places, rule: number): Generator<void, number> {
  const rowsOf = new Map<number, number[]>()
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    const kind = facts.kind[row] as number
    if (places.split[row] !== train || kind < 0) continue
    const own = rowsOf.get(kind)
    if (own) own.push(row)
    else rowsOf.set(kind, [row])
  }
  let rarest = Number.POSITIVE_INFINITY
  for (const own of rowsOf.values()) rarest = Math.min(rarest, own.length)
  const most = Math.floor(rarest * times)
  let taken = 0
  for (const own of rowsOf.values())
    if (own.length > most) taken += yield* thinRows(facts, places, own, { rule, most, reason: 'balance' })
  return taken
}

function* limitInfluenced(
  facts: PlaceFacts,
  share: number,
  places: Places,
  rule: number,
): Generator<void, number> {
  const influenced: number[] = []
  let free = 0
  for (let row = 0; row < facts.rows; row++) {
    if (row % rowsPerStep === 0) yield
    if (places.split[row] !== train) continue
    if (facts.influenced[row] === 1) influenced.push(row)
    else free++
  }
  if (share >= 1) return 0
  // A hair is added, since 0.3 / 0.7 · 7 is a little less than 3.
  const most = Math.floor((share / (1 - share)) * free + 1e-9)
  if (influenced.length <= most) return 0
  return yield* thinRows(facts, places, influenced, { rule, most, reason: 'influenced' })
}
