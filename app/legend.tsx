import { CircleDashed, PenLine, Undo2 } from 'lucide-react'
import { Keycap } from '@/components/ui/keycap'
import styles from './first-page.module.css'

/** The three signs that mean the same on every page. */
export function Legend() {
  return (
    <footer className={styles.legend}>
      <span>
        <CircleDashed aria-hidden /> Dashed means a model proposed it
      </span>
      <span>
        <PenLine aria-hidden className={styles.blue} /> Blue means a person wrote it
      </span>
      <span>
        <Undo2 aria-hidden /> Undo is always <Keycap chord="z" />
      </span>
    </footer>
  )
}
