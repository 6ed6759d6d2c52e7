import 'server-only'
import type { z } from 'zod'
import type { VersionRows, versionRowsQuery } from '@/contract/v1/datasets'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findFrozen } from './find-dataset'
import { readLinesAfter } from './version-lines'

/** Rows of a frozen version, in its order, a page at a time. */
export async function listVersionRows(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  { after, split, limit }: z.output<typeof versionRowsQuery>,
): Promise<VersionRows> {
  const [{ version }, task] = await Promise.all([
    findFrozen(scope, slugOrId, wanted),
    loadTaskType(scope.project.taskType),
  ])
  const read = await readLinesAfter(scope.projectId, version.id, {
    after,
    limit: limit + 1,
    condition: split ? `r.split = '${split}'` : 'true',
  })
  const words = (value: unknown) => (value === null || value === undefined ? null : task.textOf(value))
  const shown = read.slice(0, limit)
  return {
    rows: shown.map(({ line }) => ({
      number: line.number,
      split: line.split,
      itemId: line.item_id,
      exposureId: line.exposure_id,
      title: line.erased ? null : task.titleOf(line.input),
      erased: line.erased,
      values: line.values.map(({ value, origin, verdict }) => ({ text: words(value), origin, verdict })),
      suggestion: words(line.suggestions[0]?.value),
      label: line.state ?? line.source,
      modelInfluenced: line.model_influenced,
      annotators: line.annotators,
      model: line.model ? `${line.model} ${line.model_version}` : null,
      decidedAt: line.decided_at,
    })),
    nextAfter: read.length > limit ? (shown.at(-1)?.line.number ?? null) : null,
  }
}
