import { z } from 'zod'
import type { TaskType } from '@/tasks/task-type'
import type { Candidate } from '../model'
import type { Endpoint } from './endpoint'

interface Input {
  payload: unknown
  /** Base64 of the picture, where the item is about one. */
  picture?: string
}

const candidate = z.object({ value: z.unknown(), confidence: z.number().min(0).max(1).optional() })
const candidates = z.array(candidate).max(100)

/** The body that an endpoint is sent for one input. */
export function bodyOf(endpoint: Endpoint, task: TaskType, { payload, picture }: Input): unknown {
  const item = { payload, ...(picture === undefined ? {} : { picture }) }
  if (endpoint.protocol === 'amend') return { items: [{ id: '1', ...item }] }
  if (endpoint.protocol === 'bentoml') return item
  if (endpoint.protocol === 'kserve')
    return { inputs: [{ name: 'payload', shape: [1], datatype: 'BYTES', data: [JSON.stringify(item)] }] }
  const asked =
    picture === undefined
      ? (task.chatOf?.(payload) ?? [{ role: 'user', content: task.inputText(payload) }])
      : [
          {
            role: 'user',
            content: [
              { type: 'text', text: task.inputText(payload) || 'Describe the picture in one sentence.' },
              { type: 'image_url', image_url: { url: `data:image/webp;base64,${picture}` } },
            ],
          },
        ]
  return {
    model: endpoint.model ?? 'default',
    messages: [
      ...(endpoint.instructions ? [{ role: 'system', content: endpoint.instructions }] : []),
      ...asked,
    ],
  }
}

const amendAnswer = z.object({ predictions: z.array(z.object({ candidates })).min(1) })
const chatAnswer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
})
const bentoAnswer = z.union([candidates, z.object({ candidates })])
const inferAnswer = z.object({
  outputs: z.array(z.object({ name: z.string(), datatype: z.string(), data: z.array(z.unknown()) })),
})

/**
 * What an endpoint's answer proposes, surest first.
 *
 * @throws ZodError when the answer is not of the protocol's form
 */
export function candidatesOf(endpoint: Endpoint, task: TaskType, answer: unknown): Candidate[] {
  const found = proposed(endpoint, task, answer)
  return found
    .map(({ value, confidence = endpoint.confidence }) => ({
      value,
      confidence,
      intent: 'http',
      evidence: [],
    }))
    .sort((a, b) => b.confidence - a.confidence)
}

function proposed(endpoint: Endpoint, task: TaskType, answer: unknown): z.output<typeof candidates> {
  const ofText = (text: string, confidence?: number) => {
    const value = task.valueOfText(text.trim())
    return value === null ? [] : [{ value, ...(confidence === undefined ? {} : { confidence }) }]
  }
  switch (endpoint.protocol) {
    case 'amend':
      return amendAnswer.parse(answer).predictions[0]?.candidates ?? []
    case 'openai':
      return chatAnswer.parse(answer).choices.flatMap(choice => ofText(choice.message.content))
    case 'bentoml': {
      const said = bentoAnswer.parse(answer)
      return Array.isArray(said) ? said : said.candidates
    }
    case 'kserve': {
      const { outputs } = inferAnswer.parse(answer)
      const own = outputs.find(output => output.name === 'candidates')
      if (own) return candidates.parse(own.data.map(one => JSON.parse(z.string().parse(one))))
      const texts = outputs.find(output => output.datatype === 'BYTES')
      const sure = outputs
        .find(output => output.name === 'confidence')
        ?.data.map(one => z.number().parse(one))
      return z
        .array(z.string())
        .parse(texts?.data ?? [])
        .flatMap((text, at) => ofText(text, sure?.[at]))
    }
  }
}
