import type { Candidate } from '../model'
import { dot, type Embed } from './embeddings'
import {
  coreOf,
  type DecisionKind,
  decisionKindOf,
  formOf,
  type MessageForm,
  sentencesOf,
} from './message-form'
import { type Block, type Intent, type Knowledge, knownMessages } from './pairs'
import { learnTfIdf, type SparseVector, sparseDot, type TfIdf } from './tfidf'

/** Where a suggestion comes from: an example, or a plain reply to any decision, or to any question. */
export type Source = 'example' | 'decision' | 'question'

/** Numbers fitted in training: P(usable) = 1 / (1 + exp(-(bias + score·x + decision or question, where it is one))). */
export interface Calibration {
  bias: number
  score: number
  decision: number
  question: number
}

interface Known {
  message: string
  form: MessageForm
  kind: DecisionKind | null
  block: Block | null
  silentTopic: string | null
  terms: SparseVector
  embedding: Float32Array | null
}

/** Everything needed to answer, built once at start. */
export interface Index {
  known: Known[]
  tfidf: TfIdf
  calibration: Calibration
}

// Half each, as measured: either alone finds fewer of the right replies.
const embeddingShare = 0.5
// A question of another form is a poor example even when the words are close.
const otherFormFactor = 0.82
// Asking for leave and asking for help are both decisions, but “Yes, please do” answers only one of them.
const otherDecisionFactor = 0.92
// Replies from examples this much further than the nearest are about something else.
const neighbourSlack = 0.12
// Below this an example is too far for its words; where a decision is asked a rule's plain reply is used instead.
const exampleFloor = 0.52
// The same for questions about facts, where a plain reply is to look it up.
const questionFloor = 0.5
// One sentence says less than the message around it.
const sentenceFactor = 0.96
const longestWholeWords = 60

/** Builds the index; `embeddings` in the order of `knownMessages`, or null to use TF-IDF alone. */
export function buildIndex(
  knowledge: Knowledge,
  embeddings: Float32Array[] | null,
  calibration: Calibration,
): Index {
  const messages = knownMessages(knowledge)
  if (embeddings && embeddings.length !== messages.length)
    throw new Error(`${embeddings.length} embeddings for ${messages.length} known messages: learn again`)
  const tfidf = learnTfIdf(messages.map(({ message }) => message))
  const known = messages.map(({ message, block, silentTopic }, row) => ({
    message,
    ...formAndKind(message),
    block,
    silentTopic,
    terms: tfidf.vector(message),
    embedding: embeddings?.[row] ?? null,
  }))
  return { known, tfidf, calibration }
}

/** The form of a message, and how it asks where it asks for a decision. */
export function formAndKind(message: string): { form: MessageForm; kind: DecisionKind | null } {
  const { form, sentence } = formOf(message)
  return { form, kind: form === 'decision' ? decisionKindOf(sentence) : null }
}

/** How well a known message's form suits the one asked with: 1, or less where it asks for something else. */
export function formFactor(
  known: Pick<Known, 'form' | 'kind'>,
  form: MessageForm,
  kind: DecisionKind | null,
): number {
  if (known.form !== form) return otherFormFactor
  return known.kind === kind ? 1 : otherDecisionFactor
}

/** A candidate with what its confidence was computed from: similarity 0–1 and source. */
export interface ScoredCandidate extends Candidate {
  score: number
  source: Source
}

/** What the model proposes for a text; `silence` says why when it proposes nothing. */
export interface Suggestions {
  candidates: ScoredCandidate[]
  silence?: string
  /** Grief, illness, law and the like: nothing is proposed on purpose. */
  leftToPerson?: boolean
  /** The embedding of the whole message, where there is one. */
  vector?: Float32Array | undefined
}

/** At most three replies with three intents, best first. The same text gives the same replies. */
export async function suggest(index: Index, text: string, embed: Embed | null): Promise<Suggestions> {
  const core = coreOf(text)
  const { form, sentence } = formOf(core)
  const kind = form === 'decision' ? decisionKindOf(sentence) : null
  const segments = segmentsOf(core, sentence, form)
  if (segments.length === 0) return { candidates: [], silence: 'The message has no words.' }
  const embedded = embed ? await embed(segments) : null
  const vector = embedded?.[0]
  const queries = segments.map((segment, i) => ({
    terms: index.tfidf.vector(segment),
    embedding: embedded?.[i] ?? null,
    factor: i === 0 ? 1 : sentenceFactor,
  }))

  const scored = index.known
    .map((known, row) => {
      const near = Math.max(...queries.map(query => query.factor * similarity(query, known)))
      return { known, row, score: known.silentTopic === null ? near * formFactor(known, form, kind) : near }
    })
    .sort((a, b) => b.score - a.score || a.row - b.row)

  const nearest = scored[0]
  if (!nearest || nearest.score <= 0)
    return { candidates: [], silence: 'The model knows nothing like this message.', vector }
  if (nearest.known.silentTopic !== null)
    return {
      candidates: [],
      silence: `The closest known message is about ${nearest.known.silentTopic}, which is left to you.`,
      leftToPerson: true,
      vector,
    }

  const replies = scored.flatMap(({ known, score }) =>
    known.block ? known.block.replies.map(reply => ({ ...reply, known, score })) : [],
  )
  const chosen =
    kind !== null
      ? chooseForDecision(replies, kind)
      : form !== 'statement' && nearest.score < questionFloor
        ? plainChoices('question', nearest.score)
        : chooseDiverse(replies, nearest.score - neighbourSlack)
  return { candidates: chosen.map(choice => toCandidate(choice, index.calibration)), vector }
}

interface Choice {
  intent: Intent
  text: string
  score: number
  known: Known | null
  /** Set for a plain reply: what it is a reply to. */
  plain?: PlainKind
}

type PlainKind = DecisionKind | 'question'

function chooseForDecision(replies: (Choice & { known: Known })[], kind: DecisionKind): Choice[] {
  const fitting = replies
    .filter(({ known, score }) => score >= exampleFloor && isDecisionBlock(known.block))
    .sort((a, b) => b.score - a.score)
  const taken = new Set<string>()
  return plainChoices(kind, fitting[0]?.score ?? replies[0]?.score ?? 0).map(plain => {
    const example = fitting.find(reply => reply.intent === plain.intent && !taken.has(reply.text))
    taken.add(example?.text ?? plain.text)
    return example ?? plain
  })
}

function plainChoices(kind: PlainKind, score: number): Choice[] {
  return plainReplies[kind].map(([intent, text]) => ({ intent, text, score, known: null, plain: kind }))
}

function chooseDiverse(replies: (Choice & { known: Known })[], floor: number): Choice[] {
  const chosen: Choice[] = []
  for (const reply of [...replies].sort((a, b) => b.score - a.score)) {
    if (reply.score < floor || chosen.length === 3) break
    const clashes = chosen.some(other => other.intent === reply.intent || other.text === reply.text)
    if (!clashes) chosen.push(reply)
  }
  return chosen
}

function isDecisionBlock(block: Block | null): boolean {
  const intents = new Set(block?.replies.map(reply => reply.intent))
  return intents.has('agree') && intents.has('decline')
}

/** Replies that fit nearly any message of a kind, for when no example is near. */
const plainReplies: Record<PlainKind, readonly [Intent, string][]> = {
  choice: [
    ['agree', "The first one, I'd say."],
    ['decline', "I'd rather go for the second."],
    ['ask-back', 'What would you suggest?'],
  ],
  request: [
    ['agree', 'Sure, I can do that.'],
    ['decline', "Sorry, I can't do that right now."],
    ['ask-back', 'Could you tell me a bit more first?'],
  ],
  permission: [
    ['agree', "Yes, that's fine with me."],
    ['decline', "I'd rather not, sorry."],
    ['ask-back', 'Could you tell me a bit more first?'],
  ],
  invitation: [
    ['agree', "Yes, I'd like that."],
    ['decline', "Thanks, but I can't this time."],
    ['ask-back', 'Could I let you know a bit later?'],
  ],
  proposal: [
    ['agree', 'Yes, that works for me.'],
    ['decline', "Sorry, that doesn't work for me."],
    ['ask-back', 'Is there another option?'],
  ],
  question: [
    ['inform', 'Let me check and get back to you.'],
    ['ask-back', 'When do you need to know?'],
    ['decline', "Sorry, I don't know."],
  ],
}

const plainNames: Record<PlainKind, string> = {
  choice: 'a choice between two',
  request: 'a request',
  permission: 'a question for permission',
  invitation: 'an invitation',
  proposal: 'a proposal',
  question: 'a question',
}

/** Confidence of a suggestion under a calibration, 0–1. */
export function confidenceOf(calibration: Calibration, score: number, source: Source): number {
  const x = calibration.bias + calibration.score * score + (source === 'example' ? 0 : calibration[source])
  return 1 / (1 + Math.exp(-x))
}

function toCandidate(
  { intent, text, score, known, plain }: Choice,
  calibration: Calibration,
): ScoredCandidate {
  const source = plain === undefined ? 'example' : plain === 'question' ? 'question' : 'decision'
  return {
    value: { text },
    confidence: Math.round(confidenceOf(calibration, score, source) * 1000) / 1000,
    intent,
    evidence: [
      known
        ? {
            kind: 'example',
            text: `Learned from the example reply to “${known.message}”`,
            message: known.message,
            reply: text,
            pairId: known.block?.id ?? '',
          }
        : {
            kind: 'rule',
            text: `A plain reply to ${plainNames[plain ?? 'question']}: no example was close enough.`,
          },
    ],
    score,
    source,
  }
}

/** Likeness of two texts, 0–1: embedding and words, half each; words alone where an embedding is missing. */
export function similarity(
  query: { terms: SparseVector; embedding: Float32Array | null },
  known: { terms: SparseVector; embedding: Float32Array | null },
): number {
  const byTerms = sparseDot(query.terms, known.terms)
  if (!query.embedding || !known.embedding) return byTerms
  return embeddingShare * Math.max(0, dot(query.embedding, known.embedding)) + (1 - embeddingShare) * byTerms
}

/** A message without salutation and closing, cut when long: what is embedded of it. */
export function wholeOf(core: string): string {
  return core.split(/\s+/).filter(Boolean).slice(0, longestWholeWords).join(' ')
}

/** The whole message first, then the sentence that asks, and the first sentence of a statement. */
function segmentsOf(core: string, asking: string, form: MessageForm): string[] {
  const whole = wholeOf(core)
  const sentences = sentencesOf(core)
  const single = form === 'statement' ? sentences[0] : asking
  return [...new Set([whole, single ?? ''])].filter(segment => /[\p{L}\p{N}]/u.test(segment))
}
