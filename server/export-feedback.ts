import 'server-only'
import { pipeline, type Readable } from 'node:stream'
import type { z } from 'zod'
import type { exportQuery, FeedbackFilter } from '@/contract/v1/feedback'
import { copyOut } from '@/db/copy-out'
import { exportedStates, exportSql } from '@/db/queries/feedback'
import { AmendError } from '@/domain/errors'
import { feedbackExporters } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'

/** Each holds a connection and a snapshot of its own until its reader is done. */
const maxAtOnce = 4
const shared = globalThis as typeof globalThis & { amendExportsRunning?: number }

export interface FeedbackExport {
  stream: Readable
  mediaType: string
  fileName: string
  takenAt: string
  query: string
}

/**
 * Live, settled feedback of people who let it be used, as a file that streams out of one snapshot.
 * Destroying the stream stops the query.
 *
 * @throws AmendError invalid_input (a state that is never exported), too_many_requests
 */
export async function exportFeedback(
  scope: ProjectScope,
  wish: z.output<typeof exportQuery>,
): Promise<FeedbackExport> {
  const { format, formulas, ...filter } = wish
  if (filter.state && !(exportedStates as readonly string[]).includes(filter.state)) {
    throw new AmendError(
      'invalid_input',
      `state: "${filter.state}" is nobody’s decision, so it is never exported. Choose ${exportedStates.join(', ')}, or leave it out.`,
      { field: 'state' },
    )
  }
  const task = await loadTaskType(scope.project.taskType)
  const query = canonicalQuery(filter)
  const release = takeTurn()
  try {
    const project = { projectId: scope.projectId, timeZone: scope.project.timeZone }
    const { stream, takenAt } = await copyOut((literal, takenAt) =>
      exportSql(project, filter, { takenAt, query, taskType: task.id }, literal),
    )
    stream.once('close', release)
    const exporter = feedbackExporters[format]
    const encoder = exporter.encode(task, { formulas })
    return {
      // A failure on the way reaches the reader as a broken stream, never as a file that looks whole.
      stream: encoder ? pipeline(stream, encoder, () => {}) : stream,
      mediaType: exporter.mediaType,
      fileName: `${scope.project.slug}-feedback-draft-${minuteOf(takenAt)}.${exporter.extension}`,
      takenAt,
      query,
    }
  } catch (error) {
    release()
    throw error
  }
}

/** The filter as a query string with sorted names, without what is left at its default. */
function canonicalQuery(filter: FeedbackFilter): string {
  const given = Object.entries(filter).filter(
    ([name, value]) => value !== undefined && !(name === 'simulated' && value === 'exclude'),
  )
  return new URLSearchParams(
    given.map(([name, value]) => [name, String(value)]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  ).toString()
}

/** `2026-11-23T1015Z`: no character that a file system refuses. */
function minuteOf(takenAt: string): string {
  return `${takenAt.slice(0, 13)}${takenAt.slice(14, 16)}Z`
}

/** A place among the downloads that run at once; the answer gives it back. Throws when all are taken. */
export function takeTurn(): () => void {
  if ((shared.amendExportsRunning ?? 0) >= maxAtOnce) {
    throw new AmendError(
      'too_many_requests',
      `${maxAtOnce} downloads are running already. Wait for one to end and start again.`,
      {
        retryAfterMs: 5_000,
      },
    )
  }
  shared.amendExportsRunning = (shared.amendExportsRunning ?? 0) + 1
  let taken = true
  return () => {
    if (taken) shared.amendExportsRunning = (shared.amendExportsRunning ?? 1) - 1
    taken = false
  }
}
