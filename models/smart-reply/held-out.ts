import type { Embed } from './embeddings'
import { type Knowledge, knownMessages } from './pairs'
import { buildIndex, type Calibration, type Index, type Source, suggest } from './suggest'

/** One suggestion for a message whose whole block the model did not know. */
export interface HeldOutSuggestion {
  message: string
  reply: string
  intent: string
  /** Similarity 0–1 behind the confidence. */
  score: number
  source: Source
}

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
      suggestions.push(...(await scoredSuggestions(index, block.messages[0] as string, embed)))
  }
  return suggestions
}

// Confidences don't matter while similarities are collected.
const unfitted: Calibration = { bias: 0, score: 1, decision: 0, question: 0 }

/** An index of what is known, for collecting suggestions with their similarities. */
export function indexOf(knowledge: Knowledge, vectors: Map<string, Float32Array> | null): Index {
  const rows = vectors && knownMessages(knowledge).map(({ message }) => vectors.get(message) as Float32Array)
  return buildIndex(knowledge, rows, unfitted)
}

/** Suggestions of an index with the similarity and source behind each. */
export async function scoredSuggestions(
  index: Index,
  message: string,
  embed: Embed | null,
): Promise<HeldOutSuggestion[]> {
  const { candidates } = await suggest(index, message, embed)
  return candidates.map(({ value, intent, score, source }) => ({
    message,
    reply: (value as { text: string }).text,
    intent,
    score,
    source,
  }))
}
