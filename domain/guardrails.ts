import { z } from 'zod'

/** What one rule decided. `reason` is a sentence for the person who sees (or misses) the suggestion. */
export interface GuardrailResult {
  /** `pass`: nothing to object; `filter`: some candidates were taken out; `suppress`: nothing is shown. */
  verdict: 'pass' | 'suppress' | 'filter'
  rule: string
  reason: string
  /** JSON facts for the log: what was matched, how many were taken out, the threshold's measured quality. */
  detail?: Record<string, unknown>
}

/** A project's guardrail settings. Parse stored settings with this schema: an empty object gives the defaults. */
export const guardrailSettingsSchema = z.object({
  /** Candidates below this confidence (0–1) are held back. */
  confidenceThreshold: z.number().min(0).max(1).default(0.6),
  /** Words or phrases that no suggestion may contain; `*` stands for any run of characters inside a word. */
  blockedPatterns: z.array(z.string().trim().min(1).max(100)).max(500).default([]),
  /** Whether messages about grief, illness, law, anger and the like are left to the person. */
  blockSensitiveTopics: z.boolean().default(true),
  /** Longest suggestion in code points. */
  maxLength: z.number().int().min(1).max(5000).default(280),
  /** Languages (ISO 639-1) in which suggestions may be made. */
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/))
    .min(1)
    .max(50)
    .default(['en']),
  /** Limits of the task's own, by their id; where one is not set, the task says what holds. */
  limits: z.record(z.string().regex(/^[a-z][A-Za-z]{0,40}$/), z.number()).default({}),
})
export type GuardrailSettings = z.infer<typeof guardrailSettingsSchema>

/** A look at the input alone, before any candidate is considered. */
export interface InputRule<Payload = unknown> {
  rule: string
  /** A proposal on what this rule leaves to people counts as unsafe when a model is measured. */
  safety?: boolean
  check(payload: Payload, settings: GuardrailSettings): GuardrailResult
}

/** How good suggestions at or above a threshold were found to be. All shares 0–1, intervals 95 % Wilson. */
export interface ThresholdMeasure {
  threshold: number
  /** Share of shown suggestions that were usable, with interval, of `n` shown. Null when none was shown. */
  precision: { value: number; low: number; high: number; n: number } | null
  /** Share of messages that got at least one suggestion, with interval, of `n` messages. */
  coverage: { value: number; low: number; high: number; n: number }
}

/** What a model answered, as far as the guardrails look at it. */
export type GuardedPrediction<Candidate> =
  | { status: 'ok'; candidates: readonly Candidate[]; measured?: readonly ThresholdMeasure[] }
  /** With `none`, `detail` is a sentence that a person may read; else it is for the log. */
  | { status: 'slow' | 'down' | 'wrong-shape' | 'none'; detail?: string }

/** The part of a task type that the pipeline needs. */
export interface GuardedTask {
  guardrails: { version: string; rules: readonly InputRule[] }
  valueSchema: z.ZodType
  textOf(value: unknown): string
}

/** What is left after the guardrails; `results` in the order in which the rules ran, ending at the first `suppress`. */
export interface GuardrailOutcome<Candidate> {
  shown: boolean
  candidates: Candidate[]
  results: GuardrailResult[]
  /** Changes with any setting or with the task's rules. */
  policyVersion: string
  /** Changes with the confidence threshold only. */
  thresholdVersion: string
}

const modelReasons = {
  slow: 'No suggestion in time. Write your own.',
  down: 'The model is not answering. Write your own.',
  'wrong-shape': 'The model answered in a form that can’t be shown. Write your own.',
  none: 'No suggestion for this one.',
} as const

/**
 * Runs every guardrail in order: the task's rules on the input, then the model's state, schema, length, blocked
 * patterns and confidence. Pure: the same input and settings give the same outcome.
 */
export function runGuardrails<Candidate extends { value: unknown; confidence: number }>(
  task: GuardedTask,
  settings: GuardrailSettings,
  payload: unknown,
  prediction: GuardedPrediction<Candidate>,
): GuardrailOutcome<Candidate> {
  const results: GuardrailResult[] = []
  const versions = {
    policyVersion: shortHash({ ...settings, rules: task.guardrails.version }),
    thresholdVersion: shortHash({ confidenceThreshold: settings.confidenceThreshold }),
  }
  const suppressed = (): GuardrailOutcome<Candidate> => ({
    shown: false,
    candidates: [],
    results,
    ...versions,
  })

  for (const rule of task.guardrails.rules) {
    const result = rule.check(payload, settings)
    results.push(result)
    if (result.verdict === 'suppress') return suppressed()
  }

  if (prediction.status !== 'ok') {
    results.push({
      verdict: 'suppress',
      rule: `model-${prediction.status}`,
      // A model that proposes nothing says why in words for a person; a fault's detail is for the log.
      reason:
        prediction.status === 'none' && prediction.detail
          ? `${modelReasons.none} ${prediction.detail}`
          : modelReasons[prediction.status],
      ...(prediction.detail ? { detail: { detail: prediction.detail } } : {}),
    })
    return suppressed()
  }

  let left = [...prediction.candidates]
  for (const rule of outputRules(task, settings, prediction.measured)) {
    const kept = left.filter(rule.keeps)
    const taken = left.length - kept.length
    results.push({
      verdict: kept.length === 0 ? 'suppress' : taken > 0 ? 'filter' : 'pass',
      rule: rule.rule,
      reason: kept.length === 0 ? rule.suppressReason : taken > 0 ? rule.filterReason : rule.passReason,
      detail: { taken, kept: kept.length, ...rule.detail },
    })
    left = kept
    if (left.length === 0) return suppressed()
  }
  return { shown: true, candidates: left, results, ...versions }
}

interface OutputRule {
  rule: string
  keeps(candidate: { value: unknown; confidence: number }): boolean
  passReason: string
  filterReason: string
  suppressReason: string
  detail?: Record<string, unknown>
}

function outputRules(
  task: GuardedTask,
  settings: GuardrailSettings,
  measured: readonly ThresholdMeasure[] | undefined,
): OutputRule[] {
  return [
    {
      rule: 'schema',
      keeps: candidate => task.valueSchema.safeParse(candidate.value).success,
      passReason: 'Every suggestion has the right form.',
      filterReason: 'A suggestion in the wrong form was left out.',
      suppressReason: modelReasons['wrong-shape'],
    },
    {
      rule: 'length',
      keeps: candidate => [...task.textOf(candidate.value)].length <= settings.maxLength,
      passReason: 'Every suggestion is short enough.',
      filterReason: 'A suggestion was longer than this project allows.',
      suppressReason: 'No suggestion for this one. Each was longer than this project allows.',
      detail: { maxLength: settings.maxLength },
    },
    {
      rule: 'blocked-pattern',
      keeps: candidate =>
        matchBlockedPattern(settings.blockedPatterns, task.textOf(candidate.value)) === null,
      passReason: 'No suggestion holds a blocked word.',
      filterReason: 'A suggestion held a word that this project blocks.',
      suppressReason: 'No suggestion for this one. It would have held a word that this project blocks.',
      detail: { patterns: settings.blockedPatterns.length },
    },
    {
      rule: 'confidence',
      keeps: candidate => candidate.confidence >= settings.confidenceThreshold,
      passReason: 'The model is sure enough.',
      filterReason: 'A suggestion that the model was unsure of was left out.',
      suppressReason: 'No suggestion for this one. The model is not sure enough.',
      detail: {
        threshold: settings.confidenceThreshold,
        measured: measureAt(measured, settings.confidenceThreshold) ?? 'not measured yet',
      },
    },
  ]
}

/**
 * The measurement that speaks for a threshold: that of the highest measured threshold not above it, so that it never
 * promises more than was seen. Null when nothing was measured at or below it.
 */
export function measureAt(
  measured: readonly ThresholdMeasure[] | undefined,
  threshold: number,
): ThresholdMeasure | null {
  let best: ThresholdMeasure | null = null
  for (const row of measured ?? [])
    if (row.threshold <= threshold + 1e-9 && (best === null || row.threshold > best.threshold)) best = row
  return best
}

/**
 * The first pattern found in a text, or null. Case and punctuation are ignored; a pattern matches whole words in
 * sequence, and `*` stands for any run of characters inside one word. No regular expression of a user is ever run,
 * so no pattern can stall the server: time grows with pattern length × text length.
 */
export function matchBlockedPattern(patterns: readonly string[], text: string): string | null {
  const words = splitWords(text, false)
  const places = new Map<string, number[]>()
  words.forEach((word, place) => {
    const known = places.get(word)
    if (known) known.push(place)
    else places.set(word, [place])
  })
  for (const pattern of patterns) {
    const [first, ...rest] = splitWords(pattern, true)
    if (first === undefined || [first, ...rest].every(word => /^\*+$/.test(word))) continue
    const starts = first.includes('*')
      ? [...places].flatMap(([word, at]) => (globMatches(first, word) ? at : []))
      : (places.get(first) ?? [])
    for (const start of starts)
      if (rest.every((glob, offset) => globMatches(glob, words[start + 1 + offset] ?? ''))) return pattern
  }
  return null
}

function splitWords(text: string, keepStars: boolean): string[] {
  const folded = text.normalize('NFKC').toLowerCase().replace(/[’‘]/g, "'")
  return folded.split(keepStars ? /[^\p{L}\p{N}\p{M}'*]+/u : /[^\p{L}\p{N}\p{M}']+/u).filter(Boolean)
}

function globMatches(glob: string, word: string): boolean {
  let g = 0
  let w = 0
  let star = -1
  let resume = 0
  while (w < word.length) {
    if (glob[g] === '*') {
      star = g++
      resume = w
    } else if (glob[g] === word[w]) {
      g++
      w++
    } else if (star >= 0) {
      g = star + 1
      w = ++resume
    } else return false
  }
  while (glob[g] === '*') g++
  return g === glob.length
}

/** FNV-1a, 64 bit, over JSON with sorted keys, as 12 hex digits: names a settings version, protects nothing. */
export function shortHash(value: unknown): string {
  return fnv1a64(sortedJson(value)).toString(16).padStart(16, '0').slice(0, 12)
}

/** FNV-1a 64 bit of the UTF-8 bytes of a text (Fowler, Noll, Vo). */
export function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  )
}
