import type { DatasetExporter } from '../exporter'
import { type ZipEntry, zipOf } from '../zip-stream'
import { withPictures } from './row-pictures'

/**
 * The pictures of a version, each once: a zip of them under the names that the other formats use, or, where links were
 * asked for, JSON Lines of `media_id`, `file_name`, `width` and `height` (px), `bytes` and `url`.
 */
export const mediaFiles: DatasetExporter = (source, task, { link }) => {
  async function* each() {
    const seen = new Set<string>()
    for await (const lines of source.rows())
      for (const one of await withPictures(source, task, lines)) {
        if (seen.has(one.mediaId)) continue
        seen.add(one.mediaId)
        yield one
      }
  }
  async function* entries(): AsyncGenerator<ZipEntry> {
    for await (const { picture } of each())
      yield { path: picture.fileName, bytes: await picture.open(), store: true }
  }
  async function* links(url: (mediaId: string) => string) {
    for await (const { mediaId, picture } of each()) {
      const { fileName, width, height, bytes } = picture
      const row = { media_id: mediaId, file_name: fileName, width, height, bytes, url: url(mediaId) }
      yield Buffer.from(`${JSON.stringify(row)}\n`)
    }
  }
  return link ? links(link) : zipOf(entries())
}
