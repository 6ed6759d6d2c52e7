'use client'
import { Camera, CircleAlert, ImagePlus, X } from 'lucide-react'
import { useRef } from 'react'
import { percent } from '@/domain/percent'
import { Button } from '../ui/button'
import { IconButton } from '../ui/icon-button'
import styles from './uploads.module.css'
import type { Upload, Uploading } from './use-uploads'

const accepted = 'image/jpeg,image/png,image/webp,image/gif,image/avif'

interface Props {
  uploads: Uploading
  /** Why nothing can be added now. */
  blocked: string | null
  /** The one thing to do on a page that is empty. */
  primary: boolean
}

/** The ways in: from this device, and on phones from the camera. Dropping and pasting work all over the page. */
export function Uploads({ uploads, blocked, primary }: Props) {
  const chooser = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const take = (input: HTMLInputElement) => {
    uploads.add([...(input.files ?? [])])
    // The same file can be chosen again after it failed.
    input.value = ''
  }
  return (
    <>
      <Button
        kind={primary ? 'primary' : 'secondary'}
        icon={<ImagePlus />}
        disabledReason={blocked}
        onClick={() => chooser.current?.click()}
      >
        Add photos
      </Button>
      <span className={styles.camera}>
        <Button icon={<Camera />} disabledReason={blocked} onClick={() => camera.current?.click()}>
          Take a photo
        </Button>
      </span>
      <input
        ref={chooser}
        className={styles.input}
        type="file"
        accept={accepted}
        multiple
        tabIndex={-1}
        aria-label="Photos from this device"
        onChange={event => take(event.target)}
      />
      <input
        ref={camera}
        className={styles.input}
        type="file"
        accept="image/*"
        capture="environment"
        tabIndex={-1}
        aria-label="Photo from the camera"
        onChange={event => take(event.target)}
      />
    </>
  )
}

/** What is on its way in, each with its progress, or with what went wrong and what to do. */
export function UploadList({ uploads }: { uploads: Uploading }) {
  if (uploads.list.length === 0) return null
  return (
    <ul className={styles.list} aria-label="Photos on their way">
      {uploads.list.map(upload => (
        <li key={upload.id} className={styles.upload} data-failed={upload.state === 'failed' || undefined}>
          {upload.state === 'failed' ? <CircleAlert className={styles.icon} aria-hidden /> : null}
          <span className={styles.name}>{upload.name}</span>
          {upload.state === 'failed' ? (
            <>
              <span className={styles.problem} role="alert">
                {upload.problem}
              </span>
              {upload.again ? (
                <Button size="small" onClick={() => uploads.retry(upload.id)}>
                  Try again
                </Button>
              ) : null}
              <IconButton
                label={`Leave out ${upload.name}`}
                icon={<X />}
                onClick={() => uploads.remove(upload.id)}
              />
            </>
          ) : (
            <>
              <progress
                className={styles.progress}
                aria-label={`Progress of ${upload.name}`}
                value={upload.state === 'reading' ? undefined : upload.share}
                max={1}
              />
              <span className={styles.state}>{words(upload)}</span>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function words({ state, share }: Upload): string {
  if (state === 'waiting') return 'Waits'
  return state === 'reading' ? 'Being read' : percent(share, 0)
}
