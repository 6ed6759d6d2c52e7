import type { ReactNode } from 'react'
import styles from '../../../shell.module.css'

/** The workbench draws its own bar: progress and the lease belong there. */
export default function WorkbenchLayout({ children }: { children: ReactNode }) {
  return <div className={styles.use}>{children}</div>
}
