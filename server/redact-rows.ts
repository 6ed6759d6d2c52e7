import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import type { RowValue } from '@/db/schema/datasets'
import type { VersionCounts } from '@/domain/dataset-words'
import { saltedHash } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { contentsOf, type LiveContent, type LiveContents, type RowPick, valueAt } from './dataset-row'
import { detectorVersion, findPersonalData, redactPersonalData } from './find-personal-data'
import type { FreezeWork } from './run-freeze'
import type { RunningJob } from './run-job'
import { insertContents, type NewContent, newContent } from './store-content'
import { readContents } from './version-lines'

const picksPerRead = 500

/** Every text of a pick: its input and its values. */
function textsOf(task: TaskType, pick: RowPick, contents: LiveContents): string[] {
  const texts: string[] = []
  const note = (text: string) => {
    texts.push(text)
    return text
  }
  const payload = contents.get(pick.itemContentId)
  if (payload) task.mapTexts(payload.body, note)
  for (const value of [...pick.values, ...(pick.rejected ?? [])]) {
    const said = valueAt(contents.get(value.contentId)?.body, value)
    if (said !== undefined) task.mapValueTexts(said, note)
  }
  return texts
}

/** Marks the picks in which personal data stands as left out, and counts them. */
export async function leaveOutPersonal(job: RunningJob, work: FreezeWork): Promise<void> {
  if (work.counts.leftOut?.['personal-data'] !== undefined) return
  const task = await loadTaskType(work.definition.taskType)
  const picked = work.counts.picked ?? 0
  let found = 0
  for (let from = 0; from < picked; from += picksPerRead) {
    const { rows } = await getDb().$client.query<{ at: number; body: RowPick }>(
      `SELECT at, body FROM dataset_picks WHERE project_id = $1 AND version_id = $2 AND at > $3 AND at <= $4 ORDER BY at`,
      [job.projectId, work.id, from, from + picksPerRead],
    )
    const contents = await readContents(
      getDb().$client,
      job.projectId,
      rows.flatMap(row => contentsOf(row.body)),
    )
    const personal = rows.filter(({ body }) =>
      textsOf(task, body, contents).some(text => findPersonalData(text).length > 0),
    )
    found += personal.length
    await job.chunk(async tx => {
      await tx.$client.query(
        `UPDATE dataset_picks SET place = '{"leftOut": "personal-data"}' WHERE project_id = $1 AND version_id = $2 AND at = ANY($3::int[])`,
        [job.projectId, work.id, personal.map(row => row.at)],
      )
      return {
        done: 0,
        message: `Looking for personal data: ${Math.min(from + picksPerRead, picked).toLocaleString('en')} rows`,
      }
    })
  }
  const leftOut: VersionCounts['leftOut'] = { ...work.counts.leftOut, 'personal-data': found }
  work.counts = { ...work.counts, leftOut }
  await job.chunk(async tx => {
    await tx.$client.query(
      `UPDATE dataset_versions SET counts = counts || $3 WHERE project_id = $1 AND id = $2`,
      [job.projectId, work.id, { leftOut }],
    )
    return { done: 0, message: 'Rows with personal data are left out' }
  })
}

/** A pick as it is read from now on, and what was taken out of it. */
export interface RedactedPick {
  pick: RowPick
  taken: { detector: string; kinds: string[] } | null
}

/**
 * Takes personal data out of what picks hold. What changes is stored as contents of its own, of the same item and person,
 * so that it is erased with theirs, and so that the bytes of the version never depend on how a later detector reads.
 */
export async function redactPicks(
  tx: Transaction,
  projectId: string,
  task: TaskType,
  picks: readonly RowPick[],
  contents: LiveContents,
): Promise<{ picks: Map<RowPick, RedactedPick>; contents: LiveContents }> {
  const actors = await actorsOf(tx, projectId, picks.flatMap(contentsOf))
  const all = new Map<string, LiveContent>(contents)
  const made: NewContent[] = []
  const keep = (pick: RowPick, from: string, body: unknown): NewContent => {
    const content = newContent({
      kind: 'redacted',
      actorId: actors.get(from) ?? null,
      itemId: pick.itemId,
      body,
    })
    made.push(content)
    all.set(content.id, { body, salt: Buffer.from(content.salt, 'hex') })
    return content
  }
  const redacted = new Map<RowPick, RedactedPick>()
  for (const pick of picks) {
    if (contentsOf(pick).some(id => !contents.has(id))) continue
    const kinds = new Set<string>()
    const change = (text: string) => {
      const { text: without, kinds: found } = redactPersonalData(text)
      for (const kind of found) kinds.add(kind)
      return without
    }
    const bodyOf = (id: string) => contents.get(id)?.body
    const payload = task.mapTexts(bodyOf(pick.itemContentId), change)
    const inItem = kinds.size > 0
    const values = [...pick.values, ...(pick.rejected ?? [])].map(value =>
      task.mapValueTexts(valueAt(bodyOf(value.contentId), value), change),
    )
    const shown = pick.suggestionContentId
      ? (bodyOf(pick.suggestionContentId) as { id: string; value: unknown }[]).map(one => ({
          ...one,
          value: task.mapValueTexts(one.value, change),
        }))
      : null
    if (kinds.size === 0) continue
    const item = inItem ? keep(pick, pick.itemContentId, payload) : null
    const suggestion = shown && pick.suggestionContentId ? keep(pick, pick.suggestionContentId, shown) : null
    const place = (value: Omit<RowValue, 'hash'>, at: number): Omit<RowValue, 'hash'> =>
      value.origin === 'suggestion' && suggestion && value.contentId === pick.suggestionContentId
        ? { ...value, contentId: suggestion.id }
        : value.origin === 'suggestion'
          ? {
              ...value,
              contentId: keep(pick, value.contentId, [{ id: value.candidateId, value: values[at] }]).id,
            }
          : { ...value, contentId: keep(pick, value.contentId, values[at]).id, index: null }
    const salt = Buffer.from(suggestion?.salt ?? '', 'hex')
    redacted.set(pick, {
      pick: {
        ...pick,
        itemContentId: item?.id ?? pick.itemContentId,
        suggestionContentId: suggestion?.id ?? pick.suggestionContentId,
        suggestions:
          pick.suggestions?.map(one => ({
            ...one,
            valueHash: saltedHash(salt, shown?.find(other => other.id === one.id)?.value),
          })) ?? null,
        values: pick.values.map(place),
        rejected: pick.rejected?.map((value, at) => place(value, pick.values.length + at)),
      },
      taken: { detector: detectorVersion, kinds: [...kinds].sort() },
    })
  }
  await insertContents(tx, projectId, made)
  return { picks: redacted, contents: all }
}

/** Whose words contents are, where they are somebody's. */
async function actorsOf(
  tx: Transaction,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const { rows } = await tx.$client.query<{ id: string; actorId: string | null }>(
    'SELECT id, actor_id AS "actorId" FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[])',
    [projectId, [...new Set(ids)]],
  )
  return new Map(rows.map(row => [row.id, row.actorId]))
}
