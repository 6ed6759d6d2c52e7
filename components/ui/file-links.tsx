import type { ReactNode } from 'react'
import styles from './file-links.module.css'

export interface FileLink {
  href: string
  icon: ReactNode
  label: string
  /** What it is good for, in a few words. */
  means: string
}

/** The same thing as a file, in each of its formats; a press downloads it. */
export function FileLinks({ files }: { files: readonly FileLink[] }) {
  return (
    <div className={styles.files}>
      {files.map(({ href, icon, label, means }) => (
        <a key={href} className={styles.file} href={href} download>
          {icon}
          <span>
            {label}
            <small>{means}</small>
          </span>
        </a>
      ))}
    </div>
  )
}
