import { ZoomPicture } from '@/components/ui/zoom-picture'
import type { TaskViewerProps } from '../task-type'
import type { ImageCaptionPayload } from './task'
import styles from './viewer.module.css'

/** A photo as it is studied: whole and from near, with its size. */
export function ImageCaptionViewer({ payload, mediaBase }: TaskViewerProps<ImageCaptionPayload>) {
  const { mediaId, width, height, alt, fileName } = payload
  return (
    <figure className={styles.photo}>
      <ZoomPicture
        key={mediaId}
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
