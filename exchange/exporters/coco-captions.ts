import type { DatasetExporter } from '../exporter'
import { jsonLine, provenanceOf } from './provenance'
import { withPictures } from './row-pictures'

/**
 * COCO captions of one split: `info`, `licenses`, `images` (`id`, `file_name`, `width`, `height` in px), then
 * `annotations` (`id`, `image_id`, `caption`), ids from 1. One annotation a good answer; where it comes from stands beside
 * it. Pictures are named as in the media zip; where links were asked for, `coco_url` opens them for a while.
 */
export const cocoCaptions: DatasetExporter = async function* (source, task, { split, link }) {
  const { facts } = source
  const info = {
    description: `${facts.name}, version ${facts.number}, ${split}`,
    version: String(facts.number),
    year: Number(facts.frozenAt.slice(0, 4)),
    contributor: facts.projectName,
    date_created: facts.frozenAt,
    content_sha256: facts.contentSha256,
  }
  const licenses = facts.licence === null ? [] : [{ id: 1, name: facts.licence, url: '' }]
  yield Buffer.from(`{"info":${JSON.stringify(info)},\n"licenses":${JSON.stringify(licenses)},\n"images":[`)
  const imageIds = new Map<string, number>()
  let comma = ''
  for await (const lines of source.rows(split)) {
    let out = ''
    for (const { mediaId, picture } of await withPictures(source, task, lines)) {
      if (imageIds.has(mediaId)) continue
      imageIds.set(mediaId, imageIds.size + 1)
      out += `${comma}\n${JSON.stringify({
        id: imageIds.size,
        file_name: picture.fileName,
        width: picture.width,
        height: picture.height,
        ...(facts.licence === null ? {} : { license: 1 }),
        ...(link ? { coco_url: link(mediaId) } : {}),
      })}`
      comma = ','
    }
    if (out !== '') yield Buffer.from(out)
  }
  yield Buffer.from('],\n"annotations":[')
  let id = 0
  for await (const lines of source.rows(split)) {
    let out = ''
    for (const { line, mediaId } of await withPictures(source, task, lines))
      for (const { value } of line.values) {
        id++
        const head = { id, image_id: imageIds.get(mediaId), caption: task.textOf(value) }
        out += `${id === 1 ? '' : ','}\n${jsonLine({ ...head, ...provenanceOf(line) })}`
      }
    if (out !== '') yield Buffer.from(out)
  }
  yield Buffer.from(']}\n')
}
