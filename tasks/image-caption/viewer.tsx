import type { TaskViewerProps } from '../task-type'
import type { ImageCaptionPayload } from './task'
import styles from './viewer.module.css'

/** A photo as it is studied: whole, with its size. */
export function ImageCaptionViewer({ payload, mediaBase }: TaskViewerProps<ImageCaptionPayload>) {
  const { mediaId, width, height, alt, fileName } = payload
  return (
    <figure className={styles.photo}>
      {/* biome-ignore lint/performance/noImgElement: the image optimiser is switched off, since it would fetch for anyone. */}
      <img
        src={`${mediaBase}/${mediaId}`}
        width={width}
        height={height}
        alt={alt?.trim() || (fileName ? `Photo ${fileName}` : 'Photo without a description')}
      />
      <figcaption className={styles.facts}>
        {fileName ? `${fileName}, ` : ''}
        {width} × {height} px
      </figcaption>
    </figure>
  )
}
