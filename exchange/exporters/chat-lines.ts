import type { ChatMessage, TaskType } from '@/tasks/task-type'
import type { DatasetLine, DatasetLineValue } from '../dataset-line'
import type { DatasetExporter } from '../exporter'
import { jsonLine, provenanceOf } from './provenance'

/** A row as a conversation, for those that read conversations. */
interface Talk {
  line: DatasetLine
  prompt: ChatMessage[]
  /** A value as what the assistant says. */
  said(value: DatasetLineValue): ChatMessage[]
}

/** One line of JSON for each thing that a row of the split says; erased rows say nothing. */
function chatLines(rowsOf: (talk: Talk) => Record<string, unknown>[]): DatasetExporter {
  return async function* (source, task, { split }) {
    for await (const lines of source.rows(split)) {
      const out = lines
        .filter(line => !line.erased)
        .flatMap(line => rowsOf(talkOf(line, task)))
        .map(row => `${jsonLine(row)}\n`)
      if (out.length > 0) yield Buffer.from(out.join(''))
    }
  }
}

function talkOf(line: DatasetLine, task: TaskType): Talk {
  if (!task.chatOf) throw new Error(`${task.id} has no conversations`)
  return {
    line,
    prompt: task.chatOf(line.input),
    said: ({ value }) => [{ role: 'assistant', content: task.textOf(value) }],
  }
}

/** TRL, prompt-completion: `prompt` and `completion` are lists of messages; where a row comes from stands beside them. */
export const trlSft = chatLines(({ line, prompt, said }) =>
  line.values.slice(0, 1).map(value => ({ prompt, completion: said(value), ...provenanceOf(line) })),
)

/** TRL, preference: one line for each answer that the chosen one was preferred to. */
export const trlDpo = chatLines(({ line, prompt, said }) =>
  line.values.slice(0, 1).flatMap(chosen =>
    line.rejected.map(one => ({
      prompt,
      chosen: said(chosen),
      rejected: said(one),
      ...provenanceOf(line),
    })),
  ),
)

/** TRL, unpaired preference: `label` is true for good and false for wrong. What is usable is neither. */
export const trlKto = chatLines(({ line, prompt, said }) =>
  line.values
    .filter(value => value.verdict === 'good' || value.verdict === 'wrong')
    .map(value => ({
      prompt,
      completion: said(value),
      label: value.verdict === 'good',
      ...provenanceOf(line),
    })),
)

/** OpenAI chat fine-tuning: `messages` and nothing else, the last one the assistant's. */
export const openAiChat = chatLines(({ line, prompt, said }) =>
  line.values.slice(0, 1).map(value => ({ messages: [...prompt, ...said(value)] })),
)

/** OpenAI preference fine-tuning: one line for each answer that the chosen one was preferred to. */
export const openAiPreference = chatLines(({ line, prompt, said }) =>
  line.values.slice(0, 1).flatMap(chosen =>
    line.rejected.map(one => ({
      input: { messages: prompt, tools: [], parallel_tool_calls: true },
      preferred_output: said(chosen),
      non_preferred_output: said(one),
    })),
  ),
)
