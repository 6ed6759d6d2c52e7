import type { MeasuredShare } from '../model'
import { seeded, wilson } from '../statistics'
import { dot } from './embeddings'
import type { Knowledge } from './pairs'
import { learnTfIdf, sparseDot } from './tfidf'

type Similarity = (a: string, b: string) => number

/** Weighs embeddings against words: 0 words alone, 1 embeddings alone. */
export function similarityOf(
  texts: readonly string[],
  vectors: Map<string, Float32Array>,
  embeddingShare: number,
): Similarity {
  const tfidf = learnTfIdf(texts)
  const terms = new Map(texts.map(text => [text, tfidf.vector(text)]))
  const unknown = new Float32Array(0)
  return (a, b) => {
    const byTerms = sparseDot(terms.get(a) ?? new Map(), terms.get(b) ?? new Map())
    const byMeaning = Math.max(0, dot(vectors.get(a) ?? unknown, vectors.get(b) ?? unknown))
    return embeddingShare * byMeaning + (1 - embeddingShare) * byTerms
  }
}

/**
 * Recall@3 of 100: how often a message's own reply is among the best three of 100, the other 99 drawn from replies of
 * other blocks. A reply's score is its similarity to replies of the ten nearest known messages, weighed by how near
 * they are. Ten folds; `groupBy` block keeps paraphrases of a test message out of what is known, message does not.
 */
export function recallAt3Of100(
  knowledge: Knowledge,
  similar: Similarity,
  groupBy: 'block' | 'message',
): MeasuredShare {
  const rows = knowledge.blocks.flatMap((block, blockIndex) =>
    block.messages.map(message => ({ message, block, blockIndex })),
  )
  const everyReply = [...new Set(knowledge.blocks.flatMap(block => block.replies.map(reply => reply.text)))]
  const random = seeded(20_261_123)
  let hits = 0
  rows.forEach((row, i) => {
    const fold = (groupBy === 'block' ? row.blockIndex : i) % 10
    const own = row.block.replies.map(reply => reply.text)
    const truth = own[i % own.length] as string
    const others = shuffled(
      everyReply.filter(text => !own.includes(text)),
      random,
    ).slice(0, 99)
    const nearest = rows
      .filter((_, j) => (groupBy === 'block' ? (rows[j] as typeof row).blockIndex : j) % 10 !== fold)
      .map(known => ({ known, near: similar(row.message, known.message) }))
      .sort((a, b) => b.near - a.near)
      .slice(0, 10)
    const scoreOf = (reply: string) =>
      Math.max(
        ...nearest.flatMap(({ known, near }) =>
          known.block.replies.map(({ text }) => near * similar(reply, text)),
        ),
      )
    const truthScore = scoreOf(truth)
    const better = others.filter(reply => scoreOf(reply) >= truthScore).length
    if (better < 3) hits++
  })
  return wilson(hits, rows.length) as MeasuredShare
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const copy = [...values]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j] as T, copy[i] as T]
  }
  return copy
}
