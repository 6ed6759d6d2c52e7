import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { v7 as uuidv7 } from 'uuid'
import { type DatasetVersion, makeDatasetBody } from '@/contract/v1/datasets'
import { getDb } from '@/db/client'
import type { DatasetLine } from '@/exchange/registry'
import type { ProjectScope } from '@/server/access'
import { exportVersion } from '@/server/export-version'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeVersion } from '@/server/list-datasets'
import { makeDataset } from '@/server/make-dataset'
import { recordFeedback } from '@/server/record-feedback'
import { freezeJob } from '@/server/run-freeze'
import { runJob } from '@/server/run-job'
import { suggest } from '@/server/suggest'
import { eventMaker, makeItem, type TestProject } from './project-fixture'

export const keptTexts = ['Yes, that works for me.', "Sorry, I can't.", 'Could we do it later?'] as const

/** A decision on a new item: accepts the first suggestion, or corrects or replaces it. */
export async function decide(
  project: TestProject,
  by: ProjectScope,
  act: 'accepted' | { corrected: string } | { written: string } | 'rejected' = 'accepted',
  { groupId = null, message }: { groupId?: string | null; message?: string } = {},
) {
  const itemId = await makeItem(project, [...keptTexts], message)
  if (groupId)
    await getDb().$client.query('UPDATE items SET group_id = $3 WHERE project_id = $1 AND id = $2', [
      project.id,
      itemId,
      groupId,
    ])
  const { exposureId, candidates } = await suggest(by, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId,
  })
  const event = eventMaker(exposureId)
  const candidateId = candidates[0]?.id
  const shown = event('shown')
  const said =
    typeof act === 'string'
      ? event(act, { candidateId })
      : 'corrected' in act
        ? event('corrected', { candidateId, after: { text: act.corrected } })
        : event('written', { after: { text: act.written } })
  await recordFeedback(by, [shown, said])
  return { itemId, exposureId, eventId: said.id, event }
}

/** A dataset of all decisions, for one consumer. */
export const makeTestDataset = (scope: ProjectScope, wish: Record<string, unknown> = {}) =>
  makeDataset(
    scope,
    makeDatasetBody.parse({
      name: 'Kept replies',
      consumers: [{ name: 'Test training', purpose: 'training' }],
      ...wish,
    }),
  )

/** Freezes the next version here and now, by the same job that a worker would run. */
export const freezeNow = async (scope: ProjectScope, dataset: string) =>
  runFreeze(scope, dataset, await freezeDataset(scope, dataset))

/** Runs the job of a version that is being frozen to its end. */
export async function runFreeze(scope: ProjectScope, dataset: string, version: DatasetVersion) {
  const jobId = version.job?.id ?? ''
  await runJob(
    { 'freeze-dataset': freezeJob },
    { projectId: scope.projectId, jobId },
    'test',
    new AbortController().signal,
  )
  return describeVersion(scope, dataset, String(version.number))
}

/** The JSON Lines of a version, as they leave. */
export async function jsonlOf(
  scope: ProjectScope,
  dataset: string,
  version: number | string,
): Promise<string> {
  const file = await exportVersion(scope, dataset, String(version), {
    format: 'jsonl',
    formulas: 'apostrophe',
  })
  return text(file.stream)
}

export const linesOf = (jsonl: string): DatasetLine[] =>
  jsonl
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
