import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from '../dataset-line'
import type { VersionPicture, VersionSource } from '../exporter'

export interface PicturedLine {
  line: DatasetLine
  mediaId: string
  picture: VersionPicture
}

/** Rows with the picture that each is about; those whose words or picture were erased are left out. */
export async function withPictures(
  source: VersionSource,
  task: TaskType,
  lines: readonly DatasetLine[],
): Promise<PicturedLine[]> {
  const mediaOf = task.mediaOf
  if (!mediaOf) throw new Error(`${task.id} has no pictures`)
  const shown = lines.filter(line => !line.erased).map(line => ({ line, mediaId: mediaOf(line.input).id }))
  const pictures = await source.pictures([...new Set(shown.map(one => one.mediaId))])
  return shown.flatMap(one => {
    const picture = pictures.get(one.mediaId)
    return picture ? [{ ...one, picture }] : []
  })
}
