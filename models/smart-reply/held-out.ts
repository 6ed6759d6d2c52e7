import type { Embed } from './embeddings'
import { type Knowledge, knownMessages } from './pairs'
import { buildIndex, type Index, suggest } from './suggest'

/** One suggestion for a message whose whole block the model did not know. */
export interface HeldOutSuggestion {
  message: string
  fold: number
  reply: string
  intent: string
  /** Similarity 0–1 behind the confidence. */
  score: number
  isRule: boolean
}

// Confidence = score while measuring: a logistic with these numbers can be turned back exactly enough.
const asScore = { bias: 0, score: 1, rule: 0 }

/**
 * Suggestions for the first message of every block, made by a model that knows the blocks of the other nine folds
 * (block number modulo ten), so no paraphrase of the message is known.
 */
export async function heldOutByBlock(
  knowledge: Knowledge,
  vectors: Map<string, Float32Array> | null,
  embed: Embed | null,
): Promise<HeldOutSuggestion[]> {
  const suggestions: HeldOutSuggestion[] = []
  for (let fold = 0; fold < 10; fold++) {
    const known = { ...knowledge, blocks: knowledge.blocks.filter((_, i) => i % 10 !== fold) }
    const index = indexOf(known, vectors)
    for (const block of knowledge.blocks.filter((_, i) => i % 10 === fold))
      suggestions.push(...(await scoredSuggestions(index, block.messages[0] as string, fold, embed)))
  }
  return suggestions
}

/** An index whose confidences can be turned back into similarities by `scoredSuggestions`. */
export function indexOf(knowledge: Knowledge, vectors: Map<string, Float32Array> | null): Index {
  const rows = vectors && knownMessages(knowledge).map(({ message }) => vectors.get(message) as Float32Array)
  return buildIndex(knowledge, rows, asScore)
}

/** Suggestions of an index made by `indexOf`, with the similarity behind each. */
export async function scoredSuggestions(
  index: Index,
  message: string,
  fold: number,
  embed: Embed | null,
): Promise<HeldOutSuggestion[]> {
  const { candidates } = await suggest(index, message, embed)
  return candidates.map(({ value, intent, evidence, confidence }) => ({
    message,
    fold,
    reply: (value as { text: string }).text,
    intent,
    score: Math.round(Math.log(confidence / (1 - confidence)) * 1000) / 1000,
    isRule: evidence[0]?.kind === 'rule',
  }))
}
