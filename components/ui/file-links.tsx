import type { ReactNode } from 'react'
import styles from './file-links.module.css'

export interface FileLink {
  href: string
  icon: ReactNode
  label: string
  /** What it is good for, in a few words. */
  means: string
  /** What becomes of it just now, as “12 MB made”. */
  now?: string | null
}

/** The same thing as a file, in each of its formats; a press downloads it, or does what `onPick` does. */
export function FileLinks({
  files,
  onPick,
}: {
  files: readonly FileLink[]
  onPick?: (file: FileLink) => void
}) {
  return (
    <div className={styles.files}>
      {files.map(file => {
        const { href, icon, label, means, now } = file
        return (
          <a
            key={href}
            className={styles.file}
            href={href}
            download
            aria-busy={now ? true : undefined}
            onClick={
              onPick &&
              (event => {
                event.preventDefault()
                if (!now) onPick(file)
              })
            }
          >
            {icon}
            <span>
              {label}
              <small aria-live="polite">{now ?? means}</small>
            </span>
          </a>
        )
      })}
    </div>
  )
}
