import { z } from 'zod'

/** What a reply does. No two suggestions under one message share an intent. */
export const intentSchema = z.enum(['agree', 'decline', 'ask-back', 'inform', 'thank', 'greet'])
export type Intent = z.infer<typeof intentSchema>

/** Messages that the same replies answer. `id` is the block's place in the file. */
export interface Block {
  id: string
  topic: string
  messages: string[]
  replies: { intent: Intent; text: string }[]
}

/** Messages that are better left to the person, by topic. */
export interface SilentExample {
  topic: string
  message: string
}

/** What the model knows: every message of a block goes with every reply of that block. */
export interface Knowledge {
  blocks: Block[]
  silent: SilentExample[]
}

/**
 * Reads the knowledge file: `# topic` starts a topic, `> message` adds a message to a block, `intent: reply` a reply,
 * an empty line ends the block. Under `# silent: topic` messages stand alone. Throws with the line number when a line
 * is none of these.
 */
export function parseKnowledge(source: string): Knowledge {
  const blocks: Block[] = []
  const silent: SilentExample[] = []
  let topic = ''
  let block: Block | null = null
  source.split('\n').forEach((line, index) => {
    const fail = (why: string) => new Error(`pairs.txt line ${index + 1}: ${why}`)
    if (line.trim() === '') {
      if (block && block.replies.length === 0) throw fail('a block without replies ends here')
      block = null
    } else if (line.startsWith('# ')) {
      topic = line.slice(2).trim()
      block = null
    } else if (line.startsWith('> ')) {
      const message = line.slice(2).trim()
      if (topic.startsWith('silent: ')) {
        silent.push({ topic: topic.slice('silent: '.length), message })
        return
      }
      if (!block) {
        block = { id: `${topic.replaceAll(' ', '-')}-${blocks.length}`, topic, messages: [], replies: [] }
        blocks.push(block)
      }
      if (block.replies.length > 0) throw fail('messages come before replies')
      block.messages.push(message)
    } else {
      const colon = line.indexOf(': ')
      const intent = intentSchema.safeParse(line.slice(0, colon))
      if (!block || !intent.success) throw fail('expected “# topic”, “> message” or “intent: reply”')
      block.replies.push({ intent: intent.data, text: line.slice(colon + 2).trim() })
    }
  })
  return { blocks, silent }
}

/** Every known message once, in file order, with where it belongs. */
export function knownMessages(
  knowledge: Knowledge,
): { message: string; block: Block | null; silentTopic: string | null }[] {
  return [
    ...knowledge.blocks.flatMap(block =>
      block.messages.map(message => ({ message, block, silentTopic: null })),
    ),
    ...knowledge.silent.map(({ message, topic }) => ({ message, block: null, silentTopic: topic })),
  ]
}
