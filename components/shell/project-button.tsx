import { ChevronsUpDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import styles from './side-nav.module.css'

/** The button that the menu of projects hangs on. */
export function ProjectButton({ name, ...rest }: { name: string } & ComponentProps<'button'>) {
  return (
    <button type="button" className={styles.project} aria-label={`Project: ${name}`} {...rest}>
      <span>{name}</span>
      <ChevronsUpDown aria-hidden />
    </button>
  )
}
