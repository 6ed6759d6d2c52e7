import type { ReactNode } from 'react'
import styles from '../../shell.module.css'

/** Draws its own bar, as the workbench: the lease belongs there. */
export default function AdjudicateLayout({ children }: { children: ReactNode }) {
  return <div className={styles.use}>{children}</div>
}
