import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from '../dataset-line'
import type { DatasetExporter, DatasetExportOptions, VersionSource } from '../exporter'
import { provenanceOf } from './provenance'
import { withPictures } from './row-pictures'

/**
 * Tasks of Label Studio as a JSON array: the answers as one annotation of type `textarea` (`from_name` `answer`), each
 * suggestion as a prediction. `data` holds the input as text, as `dialogue` (for Paragraphs) and as `image` where there are
 * such, the whole input as `input`, and where the row comes from.
 */
export const labelStudio: DatasetExporter = async function* (source, task, options) {
  yield Buffer.from('[')
  let comma = ''
  for await (const lines of source.rows()) {
    const images = await imagesOf(source, task, lines, options)
    let out = ''
    for (const line of lines) {
      if (line.erased) continue
      out += `${comma}\n${JSON.stringify(taskOf(line, task, images.get(line.number)))}`
      comma = ','
    }
    if (out !== '') yield Buffer.from(out)
  }
  yield Buffer.from('\n]\n')
}

async function imagesOf(
  source: VersionSource,
  task: TaskType,
  lines: readonly DatasetLine[],
  { link }: DatasetExportOptions,
): Promise<ReadonlyMap<number, string>> {
  if (!task.mediaOf) return new Map()
  const pictured = await withPictures(source, task, lines)
  return new Map(
    pictured.map(({ line, mediaId, picture }) => [line.number, link ? link(mediaId) : picture.fileName]),
  )
}

function taskOf(line: DatasetLine, task: TaskType, image: string | undefined) {
  const answer = (id: string, text: string[]) => ({
    id,
    from_name: 'answer',
    to_name: image === undefined ? 'text' : 'image',
    type: 'textarea',
    value: { text },
  })
  return {
    id: line.number,
    data: {
      text: task.inputText(line.input),
      ...(task.chatOf
        ? { dialogue: task.chatOf(line.input).map(({ role, content }) => ({ author: role, text: content })) }
        : {}),
      ...(image === undefined ? {} : { image }),
      input: line.input,
      ...provenanceOf(line),
    },
    annotations: [
      {
        id: line.number,
        completed_by: 1,
        result: [
          answer(
            `row-${line.number}`,
            line.values.map(one => task.textOf(one.value)),
          ),
        ],
        was_cancelled: false,
        ground_truth: false,
        lead_time: null,
        created_at: line.decided_at,
        updated_at: line.decided_at,
        result_count: 1,
        task: line.number,
      },
    ],
    predictions: line.suggestions.map(one => ({
      model_version: [line.model, line.model_version].filter(part => part !== null).join(' '),
      score: one.confidence,
      result: [answer(one.candidate_id, [task.textOf(one.value)])],
    })),
  }
}
