import 'server-only'
import sharp from 'sharp'
import type { PerturbationId } from '@/domain/evaluation'
import { cropOf, perturbText } from '@/domain/perturb'
import type { LoadMedia } from '@/models/model'
import type { TaskType } from '@/tasks/task-type'
import type { AskedInput } from './ask-version'

/** An input changed as a perturbation says; the same for the same seed and row. The original stays as it is. */
export function perturbInput(
  task: TaskType,
  { payload, media }: AskedInput,
  how: PerturbationId,
  seed: number,
): AskedInput {
  if (how === 'darkness' || how === 'crop')
    return { payload, media: media && perturbPicture(media, how, seed) }
  let at = 0
  return { payload: task.mapTexts(payload, text => perturbText(text, how, seed + at++)), media }
}

const perturbPicture =
  (media: LoadMedia, how: 'darkness' | 'crop', seed: number): LoadMedia =>
  async () => {
    const picture = sharp(await media())
    const { width = 1, height = 1 } = await picture.metadata()
    const changed =
      how === 'darkness' ? picture.linear(1 / 3, 0) : picture.extract(cropOf({ width, height }, seed))
    return new Uint8Array(await changed.png().toBuffer())
  }
